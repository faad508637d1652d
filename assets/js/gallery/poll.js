// When to ask for news. What is asked is the feed's business.
const BUSY_MS = 2000;
const IDLE_MOST_MS = 15_000;
const IDLE_GROWTH = 1.5;
const ERROR_FIRST_MS = 1000;
const ERROR_MOST_MS = 30_000;
const JITTER = 0.1;

/**
 * Asks every 2 s while something is unfinished, ever less often (to 15 s) while nothing happens, not at all in a hidden
 * tab; after errors 1 s, growing to 30 s. At once when the tab is shown, the network is back, or `now` is called.
 */
export class Poll {
  #ask; #busy; #timer = 0; #running = false; #again = false; #idle = BUSY_MS; #errors = 0;

  /**
   * @param {{ask: () => Promise<boolean>, busy: () => boolean}} hands `ask` resolves to whether there was news and
   *   rejects when the server could not answer (`retryAfter` of the error, in seconds, is obeyed)
   */
  constructor({ ask, busy }) {
    this.#ask = ask;
    this.#busy = busy;
  }

  start() {
    document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(this.#timer) : this.now()));
    window.addEventListener('online', () => this.now());
    window.addEventListener('pageshow', (event) => { if (event.persisted) this.now(); });
    this.now();
  }

  /** Asks at once, and again quickly after. */
  now() {
    this.#idle = BUSY_MS;
    this.#errors = 0;
    this.#run();
  }

  async #run() {
    clearTimeout(this.#timer);
    if (this.#running) { this.#again = true; return; }
    this.#running = true;
    let pause;
    try {
      const news = await this.#ask();
      this.#errors = 0;
      this.#idle = news ? BUSY_MS : Math.min(this.#idle * IDLE_GROWTH, IDLE_MOST_MS);
      pause = this.#busy() ? BUSY_MS : this.#idle;
    } catch (error) {
      pause = Math.max(Math.min(ERROR_FIRST_MS * 2 ** this.#errors, ERROR_MOST_MS), (error.retryAfter ?? 0) * 1000);
      this.#errors += 1;
    }
    this.#running = false;
    if (this.#again) { this.#again = false; this.#run(); return; }
    if (!document.hidden) this.#timer = setTimeout(() => this.#run(), pause * (1 + JITTER * (2 * Math.random() - 1)));
  }
}
