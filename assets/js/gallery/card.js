import { button, el, setAttr, setText } from '../core/dom.js';
import { t } from '../core/texts.js';
import { Picture, shapeOf, wallRatio } from './parts.js';
import { VIEWS } from './views.js';
import { isNote, kindOf, later, shortName } from './words.js';

/**
 * What a card can ask for.
 *
 * @typedef {object} Hands
 * @property {(card: Card) => void} play
 * @property {(card: Card) => void} cancel
 * @property {(card: Card) => void} remove
 * @property {(card: Card) => void} keep
 * @property {(card: Card) => void} useAgain
 * @property {(card: Card, event: Event) => void} download
 * @property {(card: Card) => void} refresh asks for fresh links
 * @property {import('./settle.js').Settling} settle what hangs is settled with it
 * @property {import('./orders.js').Orders} orders makes a film again, here or elsewhere
 */

/** One job on the wall or among the notes. Keyed by the job's id; patched, never drawn anew. */
export class Card {
  #view = null; #picture; #inner; #trouble; #overlay = null;
  /** Whether Cancel was pressed and not yet answered by a new state. */
  cancelling = false;

  /** @param {object} job @param {Hands} hands */
  constructor(job, hands) {
    this.hands = hands;
    this.element = el('article', 'card');
    this.element.dataset.job = job.id;
    this.element.tabIndex = -1;
    this.shot = el('div', 'shot');
    this.#picture = new Picture(() => hands.refresh(this));
    this.shot.append(this.#picture.img);
    this.#inner = el('div', 'in');
    this.#inner.append(this.shot);
    this.#trouble = el('p', 'trouble');
    this.#trouble.hidden = true;
    this.element.append(this.#inner);
    this.patch(job);
  }

  /** Where it belongs: 'note' above the wall, everything else on it. */
  get place() { return isNote(this.job) ? 'notes' : 'wall'; }

  /** Address of the picture as it is shown. */
  get poster() { return this.#picture.img.currentSrc || this.#picture.img.src; }

  get buried() { return this.#overlay !== null; }

  patch(job) {
    if (this.job && this.job.state !== job.state) this.cancelling = false;
    if (job.cancel_requested) this.cancelling = true;
    // when its service was asked is told between two changes as well: what is known never grows older
    this.job = { ...job, asked_at: later(job.asked_at, this.job?.asked_at) };
    job = this.job;
    const kind = kindOf(job);
    const size = job.video ?? job.image;
    const ratio = wallRatio(size?.width, size?.height);
    if (this.element.style.getPropertyValue('--r') !== String(ratio)) this.element.style.setProperty('--r', ratio);
    setAttr(this.element, 'data-shape', shapeOf(ratio));
    setAttr(this.element, 'data-state', this.buried ? 'deleted' : job.state);
    setAttr(this.element, 'aria-label', shortName(job));
    if (this.#view?.kind !== kind) this.#become(kind);
    if (job.video?.poster_url) this.#picture.show(`film ${job.video.sha256 ?? job.id}`, job.video.poster_url);
    else this.#picture.show('image', job.image?.url);
    this.#view.patch(job);
  }

  /** Asks again for a picture that could not be had. */
  mend() { if (this.#picture.dead) this.hands.refresh(this); }

  /** Its service was asked at this time. */
  asked(at) { this.job = { ...this.job, asked_at: later(this.job.asked_at, at) }; }

  tick() { this.#view.tick(this.job); }

  /** A sentence under the card: what was asked for did not work. '' takes it away. */
  trouble(text) {
    setText(this.#trouble, text);
    this.#trouble.hidden = text === '';
  }

  /** An empty well with a fuse stands where the job was, while it can still be undone here. */
  bury(onUndo) {
    const undo = button(t('gallery.act.undo'), { onClick: onUndo });
    const well = el('div', 'undo');
    well.append(el('span', '', t('gallery.deleted.title')), undo, el('i', 'fuse'));
    this.#overlay = well;
    (this.place === 'notes' ? this.#inner : this.shot).append(well);
    this.trouble('');
    this.patch(this.job);
    undo.focus({ preventScroll: true });
  }

  unbury() {
    const hadFocus = this.#overlay?.contains(document.activeElement);
    this.#overlay?.remove();
    this.#overlay = null;
    this.patch(this.job);
    if (hadFocus) this.element.focus({ preventScroll: true });
  }

  #become(kind) {
    const old = this.#view;
    const hadFocus = old !== null && this.element.contains(document.activeElement);
    for (const part of old?.over ?? []) part.remove();
    old?.text.remove();
    const view = VIEWS[kind](this);
    view.kind = kind;
    this.#view = view;
    this.element.classList.toggle('note', isNote(this.job));
    setAttr(this.element, 'data-kind', kind);
    this.shot.classList.toggle('work', kind === 'work' || kind === 'cancelled');
    this.shot.append(...view.over);
    view.text.append(this.#trouble);
    this.#inner.append(view.text);
    if (hadFocus) (view.over.find((x) => x.matches?.('.play')) ?? this.element).focus({ preventScroll: true });
  }
}
