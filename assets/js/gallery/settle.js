// What hangs is settled: looked for, named by its number, or said to be none. Each answer says what to tell, or '' when it is done.
import { call } from '../core/api.js';

export class Settling {
  #ground;

  /** @param {import('./acts.js').Ground} ground */
  constructor(ground) {
    this.#ground = ground;
  }

  /** Looks at the service, or tries to save, now. @returns {Promise<{candidates: object[] | null} | null>} null: it could not be done, and that was said */
  look(card) {
    return this.#try(card, async () => {
      const { body } = await this.#post(card, 'look');
      this.#take(body.job);
      return { candidates: body.candidates };
    });
  }

  /** Reads a task and changes nothing. @returns {Promise<{found: object | null} | null>} */
  check(card, taskId) {
    return this.#try(card, async () => ({ found: (await this.#post(card, 'resolve', { task_id: taskId, check: true })).body.found }));
  }

  /** This is the task. */
  attach(card, taskId) {
    return this.#settled(card, { task_id: taskId });
  }

  /** There is none. */
  never(card) {
    return this.#settled(card, { none_exists: true });
  }

  #settled(card, body) {
    return this.#try(card, async () => {
      const hadFocus = card.element.contains(document.activeElement);
      const { job } = (await this.#post(card, 'resolve', body)).body;
      this.#take(job);
      if (hadFocus) card.element.focus({ preventScroll: true });
      return {};
    });
  }

  #post(card, what, json = undefined) {
    return call('POST', `jobs/${encodeURIComponent(card.job.id)}/${what}`, { json });
  }

  #take(job) {
    this.#ground.take(job);
    this.#ground.arrange();
    this.#ground.pollNow();
  }

  async #try(card, work) {
    card.trouble('');
    try {
      return await work();
    } catch (error) {
      const text = [error.message, error.hint].filter(Boolean).join(' ');
      card.trouble(text);
      this.#ground.say(text);
      return null;
    }
  }
}
