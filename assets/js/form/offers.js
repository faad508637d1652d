// What each service said of the film, last time they were asked (form/estimate.js).
import { boot } from '../core/boot.js';
import { serviceById } from '../core/services.js';
import { get } from '../core/store.js';
import { t } from '../core/texts.js';

/** What is merely not there yet: nothing a service would have to change. */
const INCOMPLETE = new Set(['prompt_missing', 'own_sound_needs_file']);
/** The rule that a service cannot fetch one's own sound from here. */
export const UNREACHABLE = 'needs_public_url';

/** What a service says, or null while that is not known. */
export function offerOf(id) {
  return get('offers').services.find((offer) => offer.id === id) ?? null;
}

/** What would have to change before a service can make the film. */
export function hindrances(offer) {
  return offer.violations.filter(({ code }) => !INCOMPLETE.has(code));
}

/** The paid service that can make the film for least, where there is more than one to compare. @returns {string | null} */
export function cheapest() {
  const priced = get('offers').services.filter((offer) => offer.price && isPaid(offer.id) && hindrances(offer).length === 0);
  if (priced.length < 2) return null;
  return priced.reduce((best, offer) => (Number(offer.price.at_most) < Number(best.price.at_most) ? offer : best)).id;
}

/** Services that could take one's own sound as the form stands. @returns {string[]} names */
export function takesOwnSound() {
  return boot().services.filter(({ id, capabilities }) => {
    const offer = offerOf(id);
    return capabilities.sound.includes('own') && offer !== null && !offer.violations.some(({ code }) => code === UNREACHABLE);
  }).map(({ name }) => name);
}

/** "5, 10 or 15" */
export function oneOf(values) {
  return values.length < 2 ? values.join() : t('frame.or', { first: values.slice(0, -1).join(', '), last: values.at(-1) });
}

function isPaid(id) {
  return serviceById(id)?.paid ?? false;
}
