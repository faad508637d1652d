import { button, el, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';

/** A picture of a job: loads lazily, changes without a flash, asks once for a fresh link when its own has died. */
export class Picture {
  #key = null; #url = null; #dead = false; #asked = false;

  /** @param {() => void} [onDead] asks for a fresh link; `show` comes again with it */
  constructor(onDead = () => {}) {
    this.img = el('img');
    this.img.alt = '';
    this.img.loading = 'lazy';
    this.img.decoding = 'async';
    this.img.addEventListener('load', () => { this.#asked = false; this.#dead = false; });
    this.img.addEventListener('error', () => {
      this.#dead = true;
      if (this.#asked) return;
      this.#asked = true;
      onDead();
    });
  }

  /** Whether the picture could not be had under the last link. */
  get dead() { return this.#dead; }

  /** `key` tells pictures apart: the same one under a new signature is not loaded again. */
  show(key, url) {
    if (!url || (key === this.#key && (!this.#dead || url === this.#url))) return;
    const first = this.#key === null || this.#dead || !this.img.complete;
    this.#key = key;
    this.#url = url;
    if (first) { this.#dead = false; this.img.src = url; return; }
    const next = new Image();
    next.src = url;
    const swap = () => { if (this.#url === url) this.img.src = url; };
    next.decode().then(swap, swap);   // a link that is dead here fails in the img too, which then asks
  }
}

/** The line of facts; changes only the pieces that differ. `tag` where a paragraph may not stand. */
export function factsLine(tag = 'p') {
  const line = el(tag, 'facts');
  return {
    line,
    show(pieces) {
      while (line.children.length > pieces.length) line.lastChild.remove();
      pieces.forEach(({ text, cls }, i) => {
        const piece = line.children[i] ?? line.appendChild(el('span'));
        setText(piece, text);
        if (piece.className !== cls) piece.className = cls;
      });
    },
  };
}

/** A quiet button under a picture. */
export function act(text, iconName, onClick, cls = '') {
  return button(text, { cls: `act ${cls}`.trim(), iconName, onClick });
}

/** The round button on a picture. */
export function playButton(onClick) {
  const play = el('button', 'play');
  play.type = 'button';
  play.append(icon('play', 18));
  play.addEventListener('click', onClick);
  return play;
}

/** Width over height for the wall, within what can be laid out; the film itself is never cut. */
export function wallRatio(width, height) {
  return Math.round(Math.min(3, Math.max(9 / 16, width / height || 16 / 9)) * 1e4) / 1e4;
}

export function shapeOf(ratio) {
  if (ratio < 0.8) return 'tall';
  return ratio < 1.2 ? 'square' : 'wide';
}
