import { el } from '../core/dom.js';

/**
 * What a film is opened on.
 *
 * @typedef {object} Screen
 * @property {HTMLElement} element the card; gets `data-playing`
 * @property {HTMLElement} shot where the film lies
 * @property {() => string} name
 * @property {() => string | null} source address of the film
 * @property {() => string} poster
 * @property {() => Promise<void>} fresh asks the server for a fresh `source`
 * @property {(text: 'dead' | '') => void} trouble says under the film that it cannot be played
 */

/** Milliseconds in which one fresh link has to do. */
const FRESH_FOR_MS = 60_000;
const DECODE = 3;

/** Plays one film at a time; a `<video>` exists only from the press on Play. Its controls are the browser's. */
export class Player {
  #screen = null; #video = null; #askedAt = -Infinity; #stuck = false; #going = false;

  /** Whether this card holds the open film. */
  holds(element) { return this.#screen?.element === element; }

  /** Whether a film is running now. */
  get running() { return this.#video !== null && !this.#video.paused && !this.#video.ended; }

  /** @param {Screen} screen @param {{start?: boolean, at?: number}} [options] `start` false: opened, but standing still; `at` in seconds */
  open(screen, { start = true, at = 0 } = {}) {
    this.close();
    const video = el('video');
    Object.assign(video, { controls: true, playsInline: true, preload: 'metadata', poster: screen.poster(), src: screen.source() });
    video.setAttribute('playsinline', '');
    video.setAttribute('aria-label', screen.name());
    video.addEventListener('error', () => this.#revive(video));
    // `paused` cannot be asked after an error: the browser stops the film itself, a person's wish is what counts.
    video.addEventListener('play', () => { this.#going = true; });
    video.addEventListener('pause', () => { if (!video.error && video.readyState > 0) this.#going = false; });
    video.addEventListener('loadeddata', () => screen.trouble(''));
    this.#screen = screen;
    this.#video = video;
    this.#askedAt = -Infinity;
    this.#stuck = false;
    this.#going = start;
    screen.element.dataset.playing = '';
    screen.trouble('');
    screen.shot.append(video);
    goTo(video, at);
    if (start) begin(video);
    video.focus({ preventScroll: true });
  }

  /** Takes the film away. @returns {{start: boolean, at: number}} how it would go on */
  leave() {
    const goOn = { start: this.#going, at: this.#video.currentTime };
    this.close();
    return goOn;
  }

  /** Takes the film away. */
  close() {
    if (!this.#video) return;
    const hadFocus = document.activeElement === this.#video;
    this.#video.pause();
    this.#video.removeAttribute('src');   // lets go of the connection
    this.#video.load();
    this.#video.remove();
    delete this.#screen.element.dataset.playing;
    if (hadFocus) this.#screen.shot.querySelector('.play')?.focus({ preventScroll: true });
    this.#screen = null;
    this.#video = null;
  }

  /** The server answers again: a film that stood still for want of it goes on. */
  serverIsBack() {
    if (this.#stuck) this.#revive(this.#video);
  }

  // A link lives some hours: one that died is asked for anew once, and the film goes on where it stood.
  async #revive(video) {
    if (video !== this.#video || !video.hasAttribute('src')) return;
    const screen = this.#screen;
    const inVain = performance.now() - this.#askedAt < FRESH_FOR_MS || video.error?.code === DECODE;
    if (inVain && !this.#stuck) { this.#giveUp(); return; }
    this.#askedAt = performance.now();
    this.#stuck = false;
    const at = video.currentTime;
    try {
      await screen.fresh();
    } catch (error) {
      if (video !== this.#video) return;
      this.#stuck = error.status === 0 || error.status >= 500;
      if (!this.#stuck) this.#giveUp();
      return;
    }
    if (video !== this.#video) return;
    if (!screen.source()) { this.#giveUp(); return; }
    goTo(video, at);
    video.src = screen.source();
    if (this.#going) begin(video);
  }

  #giveUp() {
    const screen = this.#screen;
    this.close();
    screen.trouble('dead');
  }
}

function goTo(video, at) {
  if (at > 0) video.addEventListener('loadedmetadata', () => { video.currentTime = at; }, { once: true });
}

function begin(video) {
  // Refused without a press (a film opened by address) or cut short by a dead link, which `error` handles.
  video.play().catch(() => {});
}
