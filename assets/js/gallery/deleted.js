import { setAttr, setText } from '../core/dom.js';
import { t } from '../core/texts.js';

/** Milliseconds the empty well stays where the film was, and the film can be brought back from the heading. */
const FUSE_MS = 8000;
const BACK_MS = 600_000;

/** What was deleted in this page and can still be brought back: first in its place, then from the heading. */
export class Deleted {
  #entries = new Map(); #button; #restore;

  /**
   * @param {HTMLButtonElement} link "Deleted (n)" at the right of the heading
   * @param {(entry: object) => void} restore brings one back
   */
  constructor(link, restore) {
    this.#button = link;
    this.#restore = restore;
    link.addEventListener('click', () => {
      const last = this.#waiting().at(-1);
      if (last) this.#restore(last);
    });
  }

  get(id) { return this.#entries.get(id); }

  /**
   * Lights the fuse.
   * @param {import('./card.js').Card} card
   * @param {Promise<unknown>} sent the server's answer to the deletion
   * @param {() => void} onOut the fuse has burnt down
   */
  add(card, sent, onOut) {
    const entry = { card, sent, revision: card.job.revision, burning: true, fuse: 0, end: 0 };
    entry.fuse = setTimeout(() => { entry.burning = false; onOut(); this.#draw(); }, FUSE_MS);
    entry.end = setTimeout(() => this.forget(card.job.id), BACK_MS);
    this.#entries.set(card.job.id, entry);
  }

  /** It is back, or can no longer come back. */
  forget(id) {
    const entry = this.#entries.get(id);
    if (!entry) return;
    clearTimeout(entry.fuse);
    clearTimeout(entry.end);
    this.#entries.delete(id);
    this.#draw();
  }

  focus() { this.#button.focus({ preventScroll: true }); }

  #waiting() { return [...this.#entries.values()].filter((x) => !x.burning); }

  #draw() {
    const n = this.#waiting().length;
    this.#button.hidden = n === 0;
    setText(this.#button, t('gallery.deleted.count', { n }));
    setAttr(this.#button, 'aria-label', t('gallery.deleted.bring_back', { n }));
  }
}
