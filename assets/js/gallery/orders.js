// A film is ordered again from its note: at the same service, or at another one that can make it.
import { call } from '../core/api.js';
import { boot } from '../core/boot.js';
import { atMost } from '../core/money.js';
import { serviceById } from '../core/services.js';
import { get, set } from '../core/store.js';
import { t } from '../core/texts.js';

/** @typedef {{service: string, price: string | null}} Offer in USD, at most */

/** The name of a service. */
export function serviceNamed(id) {
  return serviceById(id)?.name ?? id;
}

export class Orders {
  #ground;

  /** @param {import('./acts.js').Ground} ground */
  constructor(ground) {
    this.#ground = ground;
  }

  /** The cheapest other service that can make the same film with a key that is there. @returns {Promise<Offer | null>} */
  async elsewhere(job) {
    if (!get('me').paid) return null;   // nothing is bought now
    let told;
    try {
      told = (await call('POST', 'estimate', { json: sameFilm(job, job.service) })).body;
    } catch {
      return null;   // it cannot be offered now; Use again leads there as well
    }
    const paid = new Set(boot().services.filter((service) => service.paid ?? service.capabilities.paid).map(({ id }) => id));
    const fit = told.services.filter(({ id, can, key, price }) => can && key !== 'none' && price && paid.has(id) && id !== job.service);
    if (fit.length === 0) return null;
    const best = fit.reduce((least, one) => (Number(one.price.at_most) < Number(least.price.at_most) ? one : least));
    return { service: best.id, price: best.price.at_most };
  }

  /**
   * Orders it. The same offer pressed twice is one order, also after a reload: the note of a film names its order.
   * @param {import('./card.js').Card} card
   * @param {Offer} offer
   * @returns {Promise<{done: boolean, price?: string}>} `price` is what it costs by now, when that is more
   */
  async make(card, { service, price }) {
    const token = `again-${service}-${card.job.id}`;
    card.trouble('');
    try {
      const { body } = await call('POST', 'jobs', { json: { ...sameFilm(card.job, service), price_at_most: price, client_token: token } });
      this.#ground.show(body.job);
      return { done: true };
    } catch (error) {
      if (error.code === 'paid_paused') set('me', { paid: false });
      const now = error.code === 'price_changed' ? error.params.at_most : undefined;
      const text = now ? t('gallery.trouble.price', { price: atMost(now) }) : [error.message, error.hint].filter(Boolean).join(' ');
      card.trouble(text);
      this.#ground.say(text);
      return { done: false, price: now };
    }
  }
}

function sameFilm({ request }, service) {
  const { client_token: _, price_at_most: __, ...film } = request;
  return { ...film, service };
}
