// The box "First frame": draws the life of a picture's upload (box.js) into the static template assets/html/frame.html.
import { checkPicture } from '../checks/index.js';
import { judgeImage } from '../checks/fitness.js';
import { DOT, button, el, setAttr, setText } from '../core/dom.js';
import { chosen } from '../core/services.js';
import { on } from '../core/store.js';
import { fileSize, t } from '../core/texts.js';
import { Box } from './box.js';
import { bringToSight, dropOn, fileLabel, guardPage, keepingFocus, pasteAnywhere, pictureInClipboard } from './intake.js';
import { formats, refusal } from './refusal.js';
import { takeSound } from './track.js';

const CONSENT = ['convert', 'first_frame', 'crop', 'pad', 'shrink', 'enlarge', 'flatten', 'recompress'];   // in the order of the words
const QUIET = ['strip', 'to_rgb', 'to_png'];   // done without asking, nothing to undo
const TALL = 0.9;                              // width to height below which the box does not grow with the picture
const COUNTS = ['', 'one', 'two', 'three'];

let box = null;
let view = null;

/** A picture chosen by a person. @param {File} file */
export function takePicture(file) { return picture().take(file); }

/** An upload that the server holds (API.md *upload*). @param {object} upload */
export function adoptPicture(upload) { return picture().adopt(upload); }

/** Empties the box. */
export function clearPicture() { picture().clear(); }

/** @param {{element: HTMLElement}} widget */
export function mountFrame({ element }) {
  view = new FrameView(element.querySelector('.frame'), picture());
}

function picture() {
  if (box) return box;
  box = new Box({ kind: 'image', check: checkPicture, judge: judgeImage });
  dropOn('.frame', { onOver: (over) => view?.over(over), onFile: takePicture });
  pasteAnywhere((file) => (file.type.startsWith('audio/') ? takeSound(file) : takePicture(file)));
  guardPage();
  on(['service'], () => view?.redraw());
  return box;
}

class FrameView {
  #box; #section; #input; #camera; #pic; #say; #under; #status; #letGo;
  #notice = '';
  #over = false;
  #asked = 0;

  constructor(section, of) {
    this.#box = of;
    this.#section = section;
    const find = (selector) => section.querySelector(selector);
    [this.#input, this.#camera] = [find('#file-frame'), find('#camera-frame')];
    [this.#pic, this.#say, this.#under, this.#status] = [find('.pic'), find('.say'), find('.under'), find('[role=status]')];
    find('.label').textContent = t('frame.label');
    this.#letGo = el('p', 'let-go', t('frame.over'));
    this.#letGo.hidden = true;
    find('.table').append(this.#letGo);
    this.#input.setAttribute('aria-label', t('frame.label'));
    for (const input of [this.#input, this.#camera]) {
      input.addEventListener('change', () => {
        const [file] = input.files;
        if (file) of.take(file);
        input.value = '';   // the same file may be chosen again
      });
    }
    this.#pic.addEventListener('error', () => this.#refresh());
    of.drawnBy((shown, old) => this.#draw(shown, old));
  }

  over(over) {
    this.#over = over;
    setAttr(this.#section, 'data-over', over ? 'yes' : null);
    const empty = this.#box.shown.state === 'empty';
    this.#letGo.hidden = !over || empty;
    if (empty) this.redraw();
  }

  /** Draws everything anew: words may depend on the service. */
  redraw() {
    this.#draw(this.#box.shown, null);
  }

  #draw(shown, old) {
    const section = this.#section;
    section.dataset.state = shown.state;
    setAttr(section, 'data-alpha', shown.report?.has_transparency ? (shown.agreed.includes('flatten') ? 'white' : 'yes') : null);
    setAttr(section, 'data-whole', shown.faults.some(({ code }) => code === 'image_too_long') ? 'yes' : null);   // its shape is what is wrong
    setAttr(section, 'data-pic', shown.report ? 'yes' : 'no');
    this.#progress(shown);
    const same = old && ['state', 'name', 'report', 'faults', 'agreed', 'trouble', 'upload', 'preview'].every((key) => shown[key] === old[key]);
    if (same) return;
    if (old) this.#notice = '';
    this.#show(shown);
    keepingFocus(section, this.#input, () => {
      this.#say.replaceChildren(...this.#words(shown));
      this.#under.replaceChildren(...this.#beneath(shown));
    });
    this.#progress(shown);
    this.#tell(shown, old);
    if (shown.state === 'refused' && (old?.state === 'checking' || old?.state === 'uploading')) bringToSight(section);
  }

  #show({ preview, report, state }) {
    const pic = this.#pic;
    pic.alt = state === 'ready' ? t('frame.alt') : '';
    setAttr(pic, 'src', preview || null);
    pic.style.aspectRatio = report ? `${report.width} / ${report.height}` : '';   // its place is kept until it is there
    pic.classList.toggle('tall', report !== null && report.width / report.height < TALL);
  }

  /** What changes many times a second: no element is made for it. */
  #progress({ state, progress, wait }) {
    const sending = state === 'uploading' && progress !== null && wait === null;
    setAttr(this.#section, 'data-progress', sending ? 'yes' : null);
    this.#section.style.setProperty('--p', String(progress ?? 0));
    if (state !== 'uploading') return;
    const now = this.#say.querySelector('.big');
    if (!now) return;
    const percent = t('frame.percent', { percent: Math.floor((progress ?? 0) * 100) });
    if (wait !== null) setText(now, t('frame.wait', { seconds: wait }));
    else if (progress === null) setText(now, t('frame.mending'));
    else setText(now, progress < 1 ? `${t('frame.sending')} ${percent}` : t('frame.settling'));
  }

  #words(shown) {
    switch (shown.state) {
      case 'empty': return this.#over ? [el('p', 'big', t('frame.over')), el('p', 'small', t('frame.sub'))] : this.#invitation();
      case 'checking': return [el('p', 'big', t('frame.checking'))];
      case 'uploading': return [el('p', 'big', '')];
      case 'refused': return [shown.trouble ? this.#broken(shown) : this.#why(shown)];
      default: return [];
    }
  }

  #invitation() {
    const acts = el('div', 'acts');
    acts.append(fileLabel(this.#input, t('frame.choose'), 'btn solid'));
    if (navigator.clipboard?.read) acts.append(button(t('frame.paste'), { cls: 'btn paste', iconName: 'paste', onClick: () => this.#paste() }));
    acts.append(button(t('frame.camera'), { cls: 'btn camera', iconName: 'camera', onClick: () => this.#camera.click() }));
    const { side: [min, max], bytes } = chosen().capabilities.image;
    const rules = el('p', 'rules');
    [formats('frame'), t('frame.rules.side', { min, max }), t('frame.rules.bytes', { max: fileSize(bytes) })].forEach((piece, i, all) => {
      rules.append(i ? ' ' : '', el('span', 'piece', `${piece}${i < all.length - 1 ? ' ·' : ''}`));
    });
    return [el('p', 'big', t('frame.title')), el('p', 'small', t('frame.sub')), acts, rules];
  }

  #why({ name, faults, report }) {
    const { title, needs, lines, fixes, todo } = refusal('frame', faults, report);
    const why = headed(name, title || needs);
    const list = el('ul');
    list.append(...lines.map((line) => el('li', '', line)));
    const acts = el('div', 'acts');
    const [first, ...rest] = fixes;
    if (first) acts.append(this.#fix(first, 'btn solid', true));
    acts.append(fileLabel(this.#input, t('frame.another'), first ? 'btn' : 'btn solid'), ...this.#keep());
    if (todo) list.append(el('li', 'todo', todo));
    why.append(list, acts);
    if (rest.length > 0) why.append(this.#only(rest));
    return why;
  }

  /** The way back to the good picture that this one has taken the place of. */
  #keep() {
    return this.#box.canKeep ? [button(t('frame.keep'), { onClick: () => this.#box.keep() })] : [];
  }

  #fix({ label, fixes }, cls, next = false) {
    const one = button(label, { cls, onClick: () => this.#box.fix(fixes) });
    if (next) one.dataset.next = '';
    return one;
  }

  /** "Or only Shrink to 2000 px or White behind", with a button at each place of the sentence. */
  #only(fixes) {
    const line = el('p', 'rules');
    const places = ['first', 'second', 'third'];
    const shown = fixes.slice(0, places.length);
    const parts = t(`frame.only.${COUNTS[shown.length]}`).split(/\{(\w+)\}/);
    line.append(...parts.map((part, i) => (i % 2 ? this.#fix(shown[places.indexOf(part)], 'link') : part)));
    return line;
  }

  #broken({ name, trouble }) {
    const why = headed(name, t('frame.trouble.title'));
    const list = el('ul');
    const lines = [trouble.message || t('frame.trouble.offline'), trouble.hint].filter(Boolean);
    list.append(...lines.map((line) => el('li', '', line)));
    const retry = button(t('frame.retry'), { cls: 'btn solid', onClick: () => this.#box.retry() });
    retry.dataset.next = '';
    const acts = el('div', 'acts');
    acts.append(retry, fileLabel(this.#input, t('frame.another'), 'btn'), ...this.#keep());
    why.append(list, acts);
    return why;
  }

  #beneath(shown) {
    const { state, name, bytes, agreed } = shown;
    if (state === 'ready') return [this.#facts(shown), this.#changes()];
    if (state === 'checking' || state === 'uploading') {
      const stop = button(t('frame.stop'), { cls: 'link', onClick: () => this.#box.stop() });
      stop.dataset.next = '';
      const facts = el('span', 'facts clip');
      facts.append(el('span', 'file-name', name), `${DOT}${fileSize(bytes)}`);
      return [facts, stop];
    }
    if (state === 'refused' && agreed.length > 0) return [this.#agreed(agreed)];
    return this.#notice ? [el('span', 'facts', this.#notice)] : [];
  }

  #agreed(codes) {
    const facts = el('span', 'facts', `${applied(codes)}${DOT}`);
    facts.append(this.#undo(applied(codes), () => this.#box.undo()));
    return facts;
  }

  #undo(what, onClick) {
    const link = button(t('frame.undo'), { cls: 'link', onClick });
    link.setAttribute('aria-label', t('frame.undo_what', { what }));
    return link;
  }

  /** "1500 × 2000 · 0.9 MB · shrunk, white behind · Undo" */
  #facts({ report, upload }) {
    const facts = el('span', 'facts', sizes(report));
    const add = (codes, undo) => {
      if (codes.length === 0) return;
      facts.append(`${DOT}${applied(codes)}`);
      if (undo) facts.append(DOT, this.#undo(applied(codes), undo));
    };
    const of = (codes) => codes.filter((code) => upload.applied.includes(code));
    add(of(QUIET), null);
    add(of(CONSENT), this.#box.canUndo ? () => this.#box.undo() : null);
    if (of(['turn']).length > 0) add(['turn'], () => this.#box.turnUpright());
    else add(of(['upright']), this.#box.canTurnBack ? () => this.#box.turnBack() : null);
    return facts;
  }

  #changes() {
    const acts = el('span', 'under-acts');
    const remove = button(t('frame.remove'), { cls: 'link', onClick: () => { this.#box.clear(); setText(this.#status, t('frame.removed')); } });
    acts.append(fileLabel(this.#input, t('frame.replace'), 'link'), remove);
    return acts;
  }

  /** The live region: once for each state, not for each percent. */
  #tell(shown, old) {
    const { state, name, faults, trouble, report } = shown;
    if (old === null) return;
    if (state === 'checking') setText(this.#status, t('frame.checking'));
    else if (state === 'uploading') setText(this.#status, t('frame.sending'));
    else if (state === 'ready') setText(this.#status, t('frame.ready', { facts: sizes(report) }));
    else if (state === 'refused' && trouble) setText(this.#status, `${name} ${t('frame.trouble.title')}. ${trouble.message || t('frame.trouble.offline')}`);
    else if (state === 'refused') {
      const { title, needs, lines, todo } = refusal('frame', faults, report);
      setText(this.#status, `${name} ${title || needs}. ${[...lines, todo].join(' ')}`.trim());
    } else setText(this.#status, '');
  }

  async #paste() {
    try {
      const file = await pictureInClipboard();
      if (file) await this.#box.take(file);
      else this.#mention(t('frame.nothing_to_paste'));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#mention(t('frame.may_not_paste'));
    }
  }

  /** A sentence under the box and in the live region. */
  #mention(sentence) {
    this.#notice = sentence;
    this.#under.replaceChildren(...this.#beneath(this.#box.shown));
    setText(this.#status, sentence);
  }

  async #refresh() {
    const now = performance.now();
    if (this.#asked && now - this.#asked < 60_000) return;   // a fresh address that is dead too is not asked for again and again
    this.#asked = now;
    if (!(await this.#box.refresh())) this.#mention(t('frame.gone'));
  }
}

function headed(name, rest) {
  const why = el('div', 'why');
  const title = el('p', 'big');
  title.append(el('span', 'name', name), ` ${rest}`);
  why.append(title);
  return why;
}

function sizes({ width, height, bytes }) {
  return `${t('frame.size', { width, height })}${DOT}${fileSize(bytes)}`;
}

/** What was done, in words: "shrunk, white behind". */
function applied(codes) {
  return codes.map((code) => t(`frame.applied.${code}`)).join(', ');
}
