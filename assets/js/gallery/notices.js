// Notes about films that were not made, or not saved yet.
import { button, el, setAttr, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { atMost } from '../core/money.js';
import { t } from '../core/texts.js';
import { serviceNamed } from './orders.js';
import { playButton } from './parts.js';
import { isThere, mayGoElsewhere, noteWords, saidNever, shortName } from './words.js';

/** The parts every note has: a tag with an icon, a heading, which film it is about, what is to be known, and buttons. */
export function noteParts(job) {
  const tag = el('p', 'tag');
  const word = el('span');
  const left = el('span', 'left');
  const head = el('h3');
  const film = el('p', 'film', shortName(job));
  film.hidden = film.textContent === '';
  const body = el('p', 'body');
  const acts = el('div', 'acts');
  const text = el('div', 'note-t');
  text.append(tag, head, film, body, acts);
  let shown = '';
  return {
    text, head, body, acts,
    /** @param {{tag: string, left?: string, head: string, body: string[]}} words */
    say(words, iconName) {
      if (shown !== iconName) {
        shown = iconName;
        tag.dataset.icon = iconName;
        tag.replaceChildren(icon(iconName), word, left);
      }
      setText(word, words.tag);
      setText(left, words.left ?? '');
      setText(head, words.head);
      setText(body, words.body.join(' '));
    },
  };
}

/** A button that is busy says so and does nothing more. */
export function busy(node, text) {
  setAttr(node, 'aria-disabled', text === null ? null : 'true');
  if (text !== null) node.dataset.word ??= node.textContent;
  setText(node.querySelector('span'), text ?? node.dataset.word ?? node.textContent);
}

export function failed(card) {
  const parts = noteParts(card.job);
  const again = button(t('gallery.act.again'), { cls: 'btn strong', onClick: () => card.hands.useAgain(card) });
  const make = orderButton(card, () => parts.say(noteWords(card.job, { ordered: true }), saidNever(card.job) ? 'cross' : 'alert'));
  const bin = button(t('gallery.act.delete'), { onClick: () => card.hands.remove(card) });
  parts.acts.append(again, make.element, bin);
  let asked = false;
  // asked for only where the note is read: many may be folded away
  const seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) look(); });
  const look = async () => {
    if (asked || !card.element.isConnected) return;
    asked = true;
    seen.disconnect();
    make.offer(await card.hands.orders.elsewhere(card.job));
  };
  const anew = () => {
    if (!card.element.isConnected) document.removeEventListener('studio:keys', anew);
    else if (asked && mayGoElsewhere(card.job)) { asked = false; look(); }
  };
  document.addEventListener('studio:keys', anew);
  return {
    over: [],
    text: parts.text,
    tick() {},
    patch(job) {
      const never = saidNever(job);
      parts.say(noteWords(job, { ordered: make.done }), never ? 'cross' : 'alert');
      again.hidden = never;
      if (never) make.offer({ service: job.service, price: job.cost?.estimate ?? null });
      else if (mayGoElsewhere(job)) seen.observe(card.element);
      else make.offer(null);
    },
  };
}

/** One click orders the film again, here or at another service, for no more than the button says. */
function orderButton(card, onDone) {
  let offer = null;
  const element = button('', { onClick: () => order() });
  element.hidden = true;
  const draw = () => {
    element.hidden = offer === null;
    if (offer === null) return;
    const { service, price, changed } = offer;
    const here = service === card.job.service;
    element.classList.toggle('strong', here);
    const words = here
      ? (changed ? t('gallery.act.make_again_for', { price: atMost(price) }) : t('gallery.act.make_again'))
      : t('gallery.act.elsewhere', { service: serviceNamed(service), price: atMost(price) });
    setText(element.querySelector('span'), words);
  };
  const order = async () => {
    if (element.getAttribute('aria-disabled')) return;
    const wanted = offer;
    element.setAttribute('aria-disabled', 'true');
    setText(element.querySelector('span'), t('gallery.act.ordering'));
    const { price, done } = await card.hands.orders.make(card, wanted);
    setAttr(element, 'aria-disabled', null);
    if (done) offer = { ...wanted, done: true };
    else if (price) offer = { ...wanted, price, changed: true };
    draw();
    if (done) {
      element.hidden = true;
      onDone();
      card.element.focus({ preventScroll: true });
    }
  };
  return {
    element,
    get done() { return offer?.done ?? false; },
    offer(found) {
      if (offer?.done || element.getAttribute('aria-disabled')) return;
      if (found && offer?.changed && offer.service === found.service) return;
      offer = found;
      draw();
    },
  };
}

export function unsaved(card) {
  const parts = noteParts(card.job);
  const play = playButton(() => card.hands.play(card));
  const save = button(t('gallery.act.save_now'), { cls: 'btn strong', onClick: () => now() });
  const download = el('a', 'btn', t('gallery.act.download'));
  download.setAttribute('download', '');
  parts.acts.append(save, download);
  const now = async () => {
    if (save.getAttribute('aria-disabled')) return;
    busy(save, t('gallery.act.saving_now'));
    await card.hands.settle.look(card);
    busy(save, null);
  };
  const tick = (job) => {
    const here = isThere(job);
    play.hidden = !here || !job.remote?.url;
    download.hidden = !here || !job.remote?.download_url;
    parts.say(noteWords(job), 'clock');
  };
  return {
    over: [play],
    text: parts.text,
    tick,
    patch(job) {
      // through us: the address at the service is nobody's business
      setAttr(download, 'href', job.remote?.download_url ?? null);
      setAttr(play, 'aria-label', t('gallery.act.play', { name: shortName(job) }));
      tick(job);
    },
  };
}
