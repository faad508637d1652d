// Plays what the film will hear of a sound: from where the film begins in it, as long as the film lasts.

export class Heard {
  #audio = null;
  #timer = null;
  #onChange;

  /** @param {(state: 'playing' | 'silent' | 'unplayable') => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  get playing() {
    return this.#audio !== null;
  }

  /**
   * @param {string} address
   * @param {{start: number, seconds: number}} part in seconds
   */
  async play(address, { start, seconds }) {
    this.stop();
    const audio = new Audio();
    this.#audio = audio;
    audio.preload = 'auto';
    audio.addEventListener('playing', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.stop(), Math.max(0, start + seconds - audio.currentTime) * 1000);
    });
    audio.addEventListener('waiting', () => clearTimeout(this.#timer));
    audio.addEventListener('ended', () => this.stop());
    audio.src = `${address}#t=${start}`;   // the browser begins loading there
    this.#onChange('playing');
    try {
      await audio.play();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      if (this.#audio !== audio) return;   // stopped before it began
      this.stop();
      this.#onChange('unplayable');
    }
  }

  stop() {
    clearTimeout(this.#timer);
    if (this.#audio === null) return;
    const audio = this.#audio;
    this.#audio = null;
    audio.pause();
    audio.removeAttribute('src');
    audio.load();   // lets go of the connection
    this.#onChange('silent');
  }
}
