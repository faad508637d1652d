// The line "Soundtrack": draws the life of a sound's upload (box.js) into the static template assets/html/track.html.
import { checkSound } from '../checks/index.js';
import { judgeAudio } from '../checks/fitness.js';
import { DOT, button, el, setAttr, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { chosen } from '../core/services.js';
import { get, on, set } from '../core/store.js';
import { clock, fileSize, t } from '../core/texts.js';
import { Box } from './box.js';
import { bringToSight, dropOn, fileLabel, keepingFocus } from './intake.js';
import { Heard } from './play.js';
import { refusal } from './refusal.js';

const CONSENT = ['convert', 'part', 'pad_silence'];

let box = null;
let view = null;
let startBefore = 0;   // where in the sound before this one the film began, in seconds

/** A sound chosen by a person; the form is told to use it. @param {File} file */
export function takeSound(file) {
  document.dispatchEvent(new CustomEvent('studio:own-sound'));
  if (get('audio').upload) startBefore = get('form').audio_start_s;
  set('form', { audio_start_s: 0 });
  return sound().take(file);
}

/** An upload that the server holds (API.md *upload*). @param {object} upload */
export function adoptSound(upload) { return sound().adopt(upload); }

/** Empties the box. */
export function clearSound() { sound().clear(); }

/** @param {{element: HTMLElement}} widget */
export function mountTrack({ element }) {
  view = new TrackView(element.querySelector('.track'), sound());
}

function sound() {
  if (box) return box;
  box = new Box({ kind: 'audio', check: checkSound, judge: judgeAudio });
  dropOn('.track', { onOver: (over) => view?.over(over), onFile: takeSound });
  dropOn('.strip', { onOver: (over) => setAttr(document.querySelector('.strip'), 'data-over', over ? 'yes' : null), onFile: takeSound });
  on(['service'], () => view?.redraw());
  on(['form'], (form, old) => { if (form.sound !== old.sound) view?.silence(); });
  return box;
}

class TrackView {
  #box; #section; #input; #line; #status; #heard;
  #over = false;
  #notice = '';

  constructor(section, of) {
    this.#box = of;
    this.#section = section;
    const find = (selector) => section.querySelector(selector);
    [this.#input, this.#line, this.#status] = [find('.file'), find('.line'), find('[role=status]')];
    this.#input.setAttribute('aria-label', t('track.label'));
    this.#input.addEventListener('change', () => {
      const [file] = this.#input.files;
      if (file) takeSound(file);
      this.#input.value = '';   // the same file may be chosen again
    });
    this.#heard = new Heard((state) => this.#played(state));
    of.drawnBy((shown, old) => this.#draw(shown, old));
  }

  over(over) {
    this.#over = over;
    setAttr(this.#section, 'data-over', over ? 'yes' : null);
    if (this.#box.shown.state === 'empty') this.redraw();
  }

  /** Draws everything anew: words may depend on the service. */
  redraw() {
    this.#draw(this.#box.shown, null);
  }

  silence() {
    this.#heard.stop();
  }

  #draw(shown, old) {
    this.#section.dataset.state = shown.state;
    const same = old && ['state', 'name', 'report', 'faults', 'trouble', 'upload', 'preview'].every((key) => shown[key] === old[key]);
    if (!same) {
      if (old) { this.#heard.stop(); this.#notice = ''; }
      keepingFocus(this.#section, this.#input, () => this.#line.replaceChildren(...this.#words(shown)));
      this.#tell(shown, old);
      if (shown.state === 'refused' && (old?.state === 'checking' || old?.state === 'uploading')) bringToSight(this.#section);
    }
    this.#progress(shown);
  }

  #progress({ state, progress, wait }) {
    this.#section.style.setProperty('--p', String(state === 'uploading' ? progress ?? 1 : 0));
    const now = this.#line.querySelector('.now');
    if (!now || state !== 'uploading') return;
    if (wait !== null) setText(now, t('track.wait', { seconds: wait }));
    else if (progress === null) setText(now, t('track.mending'));
    else setText(now, progress < 1 ? t('track.percent', { percent: Math.floor(progress * 100) }) : t('track.settling'));
  }

  #words(shown) {
    switch (shown.state) {
      case 'empty': return this.#invitation();
      case 'refused': return this.#refused(shown);
      case 'ready': return this.#ready(shown);
      default: return this.#atWork(shown);
    }
  }

  #invitation() {
    const words = el('span', 'grow');
    if (this.#over) return [icon('note'), el('span', 'grow', t('track.over'))];
    words.append(fileLabel(this.#input, t('track.add'), 'link'));
    const facts = el('span', 'facts', ` ${t('track.drop')}`);
    const limits = chosen().capabilities.audio;
    if (limits) {
      const [min, max] = limits.seconds;
      const rules = [t('track.rules.seconds', { min, max }), t('track.rules.bytes', { max: fileSize(limits.bytes) })];
      facts.append(...rules.flatMap((rule) => [DOT, el('span', 'piece', rule)]));
    }
    words.append(facts);
    return [icon('note'), words, ...(this.#notice ? [el('span', 'facts', this.#notice)] : [])];
  }

  #atWork({ state, name, bytes }) {
    const words = el('span', 'grow');
    words.append(el('span', 'name', name), el('span', 'facts', `${DOT}${fileSize(bytes)}${DOT}`), el('span', 'facts now', state === 'checking' ? t('track.checking') : ''));
    const stop = button(t('track.stop'), { cls: 'link', onClick: () => this.#box.stop() });
    stop.dataset.next = '';
    return [icon('note'), words, stop];
  }

  #refused({ name, faults, report, trouble }) {
    const { title, lines, fixes, todo } = trouble ? broken(trouble) : refusal('track', faults, report);
    const words = el('span', 'grow');
    words.append(el('span', 'name', name), ` ${[title, ...lines, todo].filter(Boolean).join(' ')}`);
    const acts = el('div', 'acts');
    if (trouble) acts.append(next(button(t('track.retry'), { cls: 'btn solid', onClick: () => this.#box.retry() })));
    fixes.slice(0, 1).forEach(({ label, fixes: all }) => acts.append(next(button(label, { cls: 'btn solid', onClick: () => this.#box.fix(all) }))));
    acts.append(fileLabel(this.#input, t('track.another'), acts.childElementCount > 0 ? 'btn' : 'btn solid'));
    if (this.#box.canKeep) acts.append(button(t('track.keep'), { onClick: () => this.#keep() }));
    return [icon('alert'), words, acts];
  }

  async #keep() {
    await this.#box.keep();
    if (get('audio').upload) set('form', { audio_start_s: startBefore });
  }

  #ready({ name, report, upload }) {
    const play = button(t('track.play'), { cls: 'play-s', iconName: 'play', hideWord: true, onClick: () => this.#toggle() });
    const words = el('span', 'grow');
    const applied = upload.applied.filter((code) => CONSENT.includes(code)).map((code) => t(`track.applied.${code}`)).join(', ');
    const long = el('span', 'facts', DOT);
    long.append(el('span', 'piece', clock(report.duration_s)));
    words.append(el('span', 'name', name), long);
    if (applied) {
      const facts = el('span', 'facts', `${DOT}${applied}`);
      if (this.#box.canUndo) facts.append(DOT, button(t('track.undo'), { cls: 'link', onClick: () => this.#box.undo() }));
      words.append(facts);
    } else words.append(el('span', 'facts size', `${DOT}${fileSize(report.bytes)}`));
    const remove = button(t('track.remove'), { cls: 'link', onClick: () => { this.#box.clear(); setText(this.#status, t('track.removed')); } });
    return [play, words, fileLabel(this.#input, t('track.replace'), 'link'), remove];
  }

  async #toggle() {
    if (this.#heard.playing) { this.#heard.stop(); return; }
    const { audio_start_s: start, duration: seconds } = get('form');
    await this.#heard.play(this.#box.shown.preview, { start: start ?? 0, seconds });
  }

  async #played(state) {
    const play = this.#line.querySelector('.play-s');
    if (play) {
      const word = t(state === 'playing' ? 'track.pause' : 'track.play');
      play.replaceChildren(icon(state === 'playing' ? 'pause' : 'play', 12));
      play.setAttribute('aria-label', word);
      play.title = word;
    }
    if (state !== 'unplayable') return;
    setText(this.#status, t('track.unplayable'));
    if (await this.#box.refresh()) return;   // its link may have died: the next press plays
    this.#notice = t('track.gone');
    this.redraw();
    setText(this.#status, this.#notice);
  }

  #tell({ state, name, faults, report, trouble }, old) {
    if (old === null) return;
    if (state === 'checking') setText(this.#status, t('track.checking'));
    else if (state === 'ready') setText(this.#status, t('track.ready', { facts: `${clock(report.duration_s)} · ${fileSize(report.bytes)}` }));
    else if (state === 'refused') {
      const { title, lines, todo } = trouble ? broken(trouble) : refusal('track', faults, report);
      setText(this.#status, [name, title, ...lines, todo].filter(Boolean).join(' '));
    } else if (state === 'empty') setText(this.#status, '');
  }
}

function broken({ message, hint }) {
  return { title: t('track.trouble.title'), lines: [message || t('track.trouble.offline'), hint].filter(Boolean), fixes: [], todo: '' };
}

/** Marks what the focus goes to when the line is drawn anew. */
function next(one) {
  one.dataset.next = '';
  return one;
}
