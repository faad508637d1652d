import { setAttr, setText } from '../core/dom.js';
import { t } from '../core/texts.js';
import { Wall } from './wall.js';

/** Notes above the wall, at most a few at once: many failures must not push the films out of sight. */
const FEW = 3;

export class Notes extends Wall {
  #more; #all = false;

  /** @param {HTMLElement} container @param {HTMLButtonElement} more shows the rest */
  constructor(container, more) {
    super(container);
    this.#more = more;
    more.addEventListener('click', () => {
      this.#all = !this.#all;
      this.arrange();
    });
  }

  /** Shows what there is room for. */
  arrange() {
    const rest = this.size - FEW;
    setAttr(this.container, 'data-few', rest > 0 && !this.#all ? '' : null);
    if (this.#more.hidden !== rest <= 0) this.#more.hidden = rest <= 0;
    if (rest > 0) setText(this.#more, this.#all ? t('gallery.act.notes_fewer') : t('gallery.act.notes_more', { n: rest }));
    setAttr(this.#more, 'aria-expanded', rest > 0 ? String(this.#all) : null);
  }
}
