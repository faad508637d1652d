import { boot } from './boot.js';
import { get } from './store.js';

/** A service of the page by its id, or null where there is none (any more). */
export function serviceById(id) {
  return boot().services.find((service) => service.id === id) ?? null;
}

/** The service that is chosen, with its capabilities (API.md §3a). */
export function chosen() {
  return serviceById(get('service')) ?? boot().services[0];
}
