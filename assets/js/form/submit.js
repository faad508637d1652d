// Generate: what is missing is led to; else the draft is saved first, then Gradio's event carries the form, then its answer comes here.
//
// When a Gradio event loses its connection, Gradio gives up: it dispatches nothing more until the page is loaded anew. So each event
// is preceded by a request of ours (the draft), and when that fails nothing is dispatched: the text stays, and the words say so.
// Where the connection breaks all the same, the order goes by our own call, with the same token: no order makes two films.
import { boot } from '../core/boot.js';
import { call } from '../core/api.js';
import { pollNow, showJob } from '../gallery/gallery.js';
import { set } from '../core/store.js';
import { t } from '../core/texts.js';
import { newToken } from '../core/tokens.js';
import { currentRequest, missing } from './request.js';

/** Milliseconds after which Gradio's answer is not waited for any more; an order is a few writes. */
const PATIENCE_MS = 10_000;
/** Milliseconds in which Gradio begins its event, if it still does. */
const BEGIN_MS = 400;
/** Milliseconds between two clicks that are one double click: a fast server has answered the first by the second. */
const DOUBLE_MS = 600;

/** @typedef {{kind: 'idle' | 'sending' | 'told' | 'wrong' | 'price', text?: string, hint?: string, now?: string, was?: string | null, away?: boolean}} Status `away`: true until the studio is reached */

export class Submission {
  #hands; #pending = null; #order = null; #sending = false; #patience = 0; #begunAt = -Infinity; #sentAt = -Infinity; #thrown = 0;

  /**
   * @param {object} hands
   * @param {() => void} hands.settle puts a number that is being typed into the form
   * @param {() => Promise<void>} hands.save saves the draft
   * @param {(status: Status) => void} hands.say
   * @param {(field: string, text?: string) => void} hands.lead goes to a field, with words if there are any
   * @param {() => string | null} hands.price the most that was agreed to: what is shown beside the button
   */
  constructor(hands) {
    this.#hands = hands;
  }

  /** The order whose answer has not come yet, so that trying again after a reload does not make a second film. */
  get pending() {
    return this.#pending;
  }

  set pending(order) {
    this.#pending = order?.token && order?.content ? { token: String(order.token), content: String(order.content) } : null;
  }

  /** Generate was pressed; Gradio's event begins right after, unless Gradio has given up. */
  pressed() {
    const pressedAt = performance.now();
    setTimeout(() => {
      if (this.#begunAt < pressedAt - BEGIN_MS) this.#prepare().then(() => this.#directly(), () => {});   // what went wrong was said
    }, BEGIN_MS);
  }

  /**
   * The `js=` of Gradio's event.
   * @returns {Promise<Array<unknown>>} the values of the form's controls in the page's order, then what only we know
   * @throws {Error} nothing is to be dispatched
   */
  async begin() {
    this.#begunAt = performance.now();
    try {
      return await this.#prepare();
    } catch (error) {
      this.#thrown += 1;
      throw error;
    }
  }

  async #prepare() {
    if (this.#sending || performance.now() - this.#sentAt < DOUBLE_MS) throw new Error('already sent');
    this.#hands.settle();
    const [first] = missing();
    if (first) {
      this.#hands.lead(first.field);
      throw new Error(`missing: ${first.field}`);
    }
    this.#sending = true;
    this.#sentAt = performance.now();
    const agreed = this.#hands.price();   // as it stands beside the button now
    this.#hands.say({ kind: 'sending' });
    const request = currentRequest();
    const token = this.#token(request);
    try {
      await this.#hands.save();
    } catch (error) {
      this.#end(error.status ? { text: error.message, hint: error.hint } : { ...words('offline'), away: true });
      throw error;
    }
    this.#order = { ...request, price_at_most: agreed, client_token: token };
    this.#patience = setTimeout(() => this.#directly(), PATIENCE_MS);
    const { service, image, audio, audio_start_s } = request;
    return [...boot().fields.map((name) => request[name] ?? null), { service, image, audio, audio_start_s, price_at_most: agreed, client_token: token }];
  }

  /** The event's answer: `{token, job}` or `{token, error}`. */
  finish(answer) {
    if (!answer || answer.token !== this.#pending?.token) return;
    if (answer.job) {
      this.#pending = null;
      this.#rest();
      this.#hands.say({ kind: 'idle' });
      showJob(answer.job);
      pollNow();
      return;
    }
    const { code, message, hint, field, params } = answer.error;
    if (code === 'price_changed' && params?.at_most) {
      this.#rest();
      this.#sentAt = performance.now();   // the second half of a double click agrees to nothing
      this.#hands.say({ kind: 'price', now: params.at_most, was: this.#order?.price_at_most ?? null });
      document.dispatchEvent(new Event('studio:prices'));
      return;
    }
    if (code === 'needs_public_url') set('reachable', false);
    if (code === 'paid_paused') set('me', { paid: false });
    this.#end({ text: message, hint });
    if (field) this.#hands.lead(field, [message, hint].filter(Boolean).join(' '));
  }

  /** The event failed in Gradio itself, or its answer did not come. */
  fail() {
    // Gradio calls it a failure too when we keep it from sending
    if (this.#thrown > 0) this.#thrown -= 1;
    else if (this.#sending) this.#directly();
  }

  async #directly() {
    const order = this.#order;
    clearTimeout(this.#patience);
    try {
      const { body } = await call('POST', 'jobs', { json: order, signal: AbortSignal.timeout(PATIENCE_MS) });
      this.finish({ token: order.client_token, job: body.job });
    } catch (error) {
      if (error.status) this.finish({ token: order.client_token, error });
      else this.#end(words('silent'));
    }
  }

  #end(said) {
    this.#rest();
    this.#sentAt = -Infinity;   // it may be tried again at once
    this.#hands.say({ kind: 'wrong', ...said });
  }

  #rest() {
    this.#sending = false;
    clearTimeout(this.#patience);
  }

  // The price is no part of it: an order that may have arrived is asked for again under its own name, whatever it costs by now.
  // One token for one content of the form until a film was made of it: a double click, or a second try, orders one film.
  #token(request) {
    const content = JSON.stringify(request);
    if (this.#pending?.content !== content) this.#pending = { token: newToken(), content };
    return this.#pending.token;
  }
}

function words(kind) {
  return { text: t(`form.failed.${kind}.message`), hint: t(`form.failed.${kind}.hint`) };
}
