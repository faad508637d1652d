import { call } from '../core/api.js';
import { maybeText, t } from '../core/texts.js';
import { Deleted } from './deleted.js';
import { Orders } from './orders.js';
import { Settling } from './settle.js';

/** Seconds after which a link is made fresh before it is downloaded from; links live 12 to 24 h. */
const LINK_GOOD_S = 6 * 3600;

/**
 * What can be done with a card: the `Hands` of card.js.
 *
 * @typedef {object} Ground what the gallery lends
 * @property {(job: object) => import('./card.js').Card | null} take takes in what the server says of a job
 * @property {(id: string) => void} drop
 * @property {() => void} arrange
 * @property {(text: string) => void} say for those who listen
 * @property {(text: string) => void} complain for a fault that has no card
 * @property {(card: import('./card.js').Card) => Promise<void>} refresh
 * @property {() => void} pollNow
 * @property {(job: object) => void} show puts a new film first on the wall
 * @property {(card: import('./card.js').Card) => import('./player.js').Screen} screen
 * @property {import('./player.js').Player} player
 * @property {HTMLButtonElement} deleted the button that brings films back
 */
export class Acts {
  #gallery;

  /** @param {Ground} gallery */
  constructor(gallery) {
    this.#gallery = gallery;
    this.settle = new Settling(gallery);
    this.orders = new Orders(gallery);
    this.deleted = new Deleted(gallery.deleted, (entry) => this.#restore(entry));
  }

  play(card) { this.#gallery.player.open(this.#gallery.screen(card)); }

  /** Asks for fresh links; where that fails the picture stays out until the server answers again. */
  refresh(card) { this.#gallery.refresh(card).catch(() => {}); }

  /** `cannot` hears what it costs when the service has no way to stop it. */
  async cancel(card, cannot = () => {}) {
    card.cancelling = true;
    card.patch(card.job);
    await this.#try(card, async () => {
      const { body } = await call('POST', `jobs/${card.job.id}/cancel`);
      this.#gallery.take(body.job);
      this.#gallery.arrange();
      this.#gallery.pollNow();
    }, (error) => {
      card.cancelling = false;
      card.patch(card.job);
      if (error.code !== 'cannot_cancel' || !error.charged || error.charged === 'no') return false;
      cannot(error.charged);
      return true;
    });
  }

  async keep(card) {
    const kept = !card.job.kept;
    card.patch({ ...card.job, kept });
    await this.#try(card, async () => this.#gallery.take((await call('POST', `jobs/${card.job.id}/keep`, { json: { keep: kept } })).body.job),
      () => card.patch({ ...card.job, kept: !kept }));
  }

  async useAgain(card) {
    await this.#try(card, async () => {
      const { applyRequest } = await import('../form/form.js');
      await applyRequest(card.job.request);
    });
  }

  async download(card, event) {
    if ((Date.now() - card.linkedAt) / 1000 < LINK_GOOD_S) return;
    event.preventDefault();
    await this.#try(card, async () => {
      await this.#gallery.refresh(card);
      event.target.closest('a').click();
    });
  }

  remove(card) {
    const { id } = card.job;
    const sent = call('DELETE', `jobs/${id}`);
    if (this.#gallery.player.holds(card.element)) this.#gallery.player.close();
    this.deleted.add(card, sent, () => {
      const hadFocus = card.element.contains(document.activeElement);
      this.#gallery.drop(id);
      this.#gallery.arrange();
      if (hadFocus) requestAnimationFrame(() => this.deleted.focus());   // the button is drawn right after this
    });
    card.bury(() => this.#restore(this.deleted.get(id)));
    this.#gallery.say(t('gallery.says.deleted'));
    sent.catch((error) => {
      this.deleted.forget(id);
      if (error.status === 404) { this.#gallery.drop(id); this.#gallery.arrange(); return; }
      card.unbury();
      this.#trouble(card, error);
    });
  }

  async #restore(entry) {
    if (!entry || entry.returning) return;
    entry.returning = true;
    const { card } = entry;
    const { id } = card.job;
    try {
      await entry.sent;
      const { body } = await call('POST', `jobs/${id}/restore`);
      const shown = card.element.isConnected;
      this.deleted.forget(id);
      if (shown) card.unbury();
      const back = this.#gallery.take(body.job);
      this.#gallery.arrange();
      this.#gallery.say(t('gallery.says.restored'));
      if (!shown) back?.element.focus();
    } catch (error) {
      entry.returning = false;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) this.deleted.forget(id);
      this.#gallery.say(error.message);
      this.#gallery.complain(error.message);
    }
  }

  async #try(card, work, undo = () => {}) {
    card.trouble('');
    try {
      await work();
    } catch (error) {
      if (undo(error) !== true) this.#trouble(card, error);
    }
  }

  #trouble(card, error) {
    const text = error.status === 404 ? t('gallery.trouble.gone') : [error.message, error.hint].filter(Boolean).join(' ');
    card.trouble(text || maybeText('errors.internal.message') || '');
    this.#gallery.say(text);
  }
}
