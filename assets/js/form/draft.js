// What is in the form outlives a reload and a restart of the server: PUT draft 300 ms after the last change, retried quietly.
import { call } from '../core/api.js';

const PAUSE_MS = 300;
const RETRY_MS = [1000, 3000, 10_000, 30_000];

/** One draft a visitor; the newest snapshot wins. */
export class Draft {
  #snapshot; #tell; #timer = 0; #failures = 0; #saved = ''; #saving = null; #started = false;

  /**
   * @param {() => object} snapshot what is in the form now
   * @param {(kept: boolean) => void} tell whether the server has it
   */
  constructor(snapshot, tell) {
    this.#snapshot = snapshot;
    this.#tell = tell;
    addEventListener('online', () => { if (this.#failures > 0) this.#soon(0); });
    addEventListener('pagehide', () => this.#leave());
  }

  /** @returns {Promise<object>} what was kept; nothing is saved before it was read, else an empty form would take its place */
  async load() {
    let draft = null;
    for (let tries = 0; draft === null; tries += 1) {
      try {
        draft = (await call('GET', 'draft')).body.draft ?? {};
      } catch (error) {
        if (!passes(error)) draft = {};
        else await new Promise((resolve) => { setTimeout(resolve, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]); });
      }
    }
    return draft;
  }

  /** What was kept is in the form again: from now on changes are saved. */
  start() {
    this.#started = true;
    this.#saved = JSON.stringify(this.#snapshot());
    this.#tell(true);
  }

  /** Something changed. */
  changed() {
    if (!this.#started) return;
    this.#tell(JSON.stringify(this.#snapshot()) === this.#saved);
    this.#soon(PAUSE_MS);
  }

  /**
   * Saves what is in the form now.
   * @throws {import('../core/api.js').ApiError} it could not be saved
   */
  async save() {
    clearTimeout(this.#timer);
    await this.#saving?.catch(() => {});   // whatever is on its way must not arrive after this one
    this.#saving = this.#put();
    await this.#saving;
  }

  async #put() {
    const draft = JSON.stringify(this.#snapshot());
    await call('PUT', 'draft', { json: JSON.parse(draft), signal: AbortSignal.timeout(20_000) });
    this.#saved = draft;
    this.#failures = 0;
    document.dispatchEvent(new CustomEvent('studio:reached'));
    this.#tell(JSON.stringify(this.#snapshot()) === draft);
  }

  #soon(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      if (JSON.stringify(this.#snapshot()) === this.#saved) return;
      try {
        await this.save();
      } catch (error) {
        if (!passes(error)) return;   // too long to keep: the next change is tried again
        this.#soon(RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)]);
        this.#failures += 1;
      }
    }, ms);
  }

  /** The tab closes between a key and its save. */
  #leave() {
    const draft = this.#snapshot();
    if (!this.#started || JSON.stringify(draft) === this.#saved) return;
    call('PUT', 'draft', { json: draft, keepalive: true }).catch(() => {});   // nobody is left to be told
  }
}

/** Whether a failure may be over by the next try. */
function passes(error) {
  return !error.status || error.status >= 500 || error.status === 429;
}
