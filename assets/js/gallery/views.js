// The ways a job is drawn. A view owns its words and what lies over the picture; the card owns the picture.
import { el, setAttr, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { length, t } from '../core/texts.js';
import { failed, unsaved } from './notices.js';
import { Picture, act, factsLine, playButton } from './parts.js';
import { hideInstead } from './hide.js';
import { unconfirmed } from './unconfirmed.js';
import { canCancel, cannotStop, facts, goes, isSlow, serviceOf, shortName, stage, stoppedFor, waiting } from './words.js';

/**
 * @typedef {object} View
 * @property {Node[]} over what lies over the picture
 * @property {HTMLElement} text
 * @property {(job: object) => void} patch changes what differs
 * @property {(job: object) => void} tick refreshes the times only
 */

/** @type {Record<string, (card: import('./card.js').Card) => View>} */
export const VIEWS = { work, done, cancelled, failed, unconfirmed, unsaved };

function column(cls, ...children) {
  const box = el('div', cls);
  box.append(...children);
  return box;
}

/** One quiet line of what was asked for, so that films of one picture can be told apart. */
function promptLine() {
  const line = el('p', 'asked');
  return {
    line,
    show({ request: { prompt } }) {
      setText(line, prompt);
      setAttr(line, 'title', prompt);
      line.hidden = prompt.trim() === '';
    },
  };
}

function work(card) {
  const colour = new Picture();
  colour.img.className = 'colour';
  const head = el('div', 'head');
  const percent = el('span', 'len');
  setAttr(head, 'role', 'progressbar');
  setAttr(head, 'aria-valuemin', 0);
  setAttr(head, 'aria-valuemax', 100);
  const says = el('p', 'stage');
  const asked = promptLine();
  const why = el('p', 'wait');
  const line = factsLine();
  const hide = hideInstead(card);
  const cancel = act(t('gallery.act.cancel'), 'cross', () => {
    if (card.cancelling) return;
    if (cannotStop(card.job)) hide.ask();
    else card.hands.cancel(card, hide.ask);
  });
  const tick = (job) => {
    line.show(facts(job));
    const slow = isSlow(job);
    setText(says, slow ? t('gallery.work.slow') : stage(job));
    setText(why, waiting(job) || (slow ? t('gallery.work.slow_body', { service: serviceOf(job).name }) : ''));
    why.hidden = why.textContent === '';
  };
  return {
    over: [colour.img, head, percent],
    text: column('txt', says, asked.line, why, line.line, column('quiet-acts', cancel), hide.element),
    tick,
    patch(job) {
      const known = job.progress > 0 && job.state !== 'queued' && !isSlow(job);
      for (const part of [colour.img, head, percent]) part.hidden = !known;
      if (known) {
        colour.show('image', job.image?.url);
        card.shot.style.setProperty('--p', `${job.progress}%`);
        setAttr(head, 'aria-valuenow', job.progress);
        setAttr(head, 'aria-label', stage(job));
        setText(percent, `${job.progress} %`);
      }
      asked.show(job);
      const word = t(card.cancelling ? 'gallery.act.cancelling' : 'gallery.act.cancel');
      setText(cancel.querySelector('span'), word);
      setAttr(cancel, 'aria-label', word);
      setAttr(cancel, 'title', word);
      setAttr(cancel, 'aria-disabled', card.cancelling ? 'true' : null);
      cancel.hidden = !canCancel(job) && !cannotStop(job);
      hide.patch(job);
      tick(job);
    },
  };
}

function done(card) {
  const play = playButton(() => card.hands.play(card));
  const long = el('span', 'len');
  const mark = el('span', 'mark', t('gallery.mark'));
  const said = el('p', 'said');
  const line = factsLine();
  const soon = el('p', 'goes');
  const none = el('p', 'wait', t('gallery.no_film'));
  const download = el('a', 'act');
  download.append(icon('down'), el('span', '', t('gallery.act.download')));
  download.title = t('gallery.act.download');
  setAttr(download, 'aria-label', t('gallery.act.download'));
  download.setAttribute('download', '');
  download.addEventListener('click', (event) => card.hands.download(card, event));
  const keep = act(t('gallery.act.keep'), 'star', () => card.hands.keep(card), 'keep');
  const again = act(t('gallery.act.again'), 'again', () => card.hands.useAgain(card));
  const bin = act(t('gallery.act.delete'), 'bin', () => card.hands.remove(card), 'bin');
  const tick = (job) => {
    line.show(facts(job));
    setText(soon, goes(job));
    soon.hidden = soon.textContent === '';
  };
  return {
    over: [play, long, mark],
    text: column('txt', said, line.line, soon, none, column('quiet-acts', download, again, keep, bin)),
    tick,
    patch(job) {
      const film = job.video;
      for (const part of [play, long, download, keep]) part.hidden = !film;
      none.hidden = Boolean(film);
      mark.hidden = serviceOf(job).paid;
      setAttr(play, 'aria-label', t('gallery.act.play', { name: shortName(job) }));
      if (film) {
        setText(long, length(film.duration_s));
        setAttr(download, 'href', film.download_url);
      }
      setText(said, job.request.prompt);
      setAttr(said, 'title', job.request.prompt);
      setAttr(keep, 'aria-pressed', String(Boolean(job.kept)));
      tick(job);
    },
  };
}

function cancelled(card) {
  const asked = promptLine();
  const money = el('p', 'wait');
  const line = factsLine();
  const tick = (job) => line.show(facts(job));
  return {
    over: [],
    text: column('txt', el('p', 'stage', t('gallery.cancelled.title')), asked.line, money, line.line, column('quiet-acts',
      act(t('gallery.act.again'), 'again', () => card.hands.useAgain(card)),
      act(t('gallery.act.delete'), 'bin', () => card.hands.remove(card), 'bin'))),
    tick,
    patch(job) {
      asked.show(job);
      setText(money, stoppedFor(job));
      tick(job);
    },
  };
}
