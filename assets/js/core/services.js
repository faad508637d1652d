import { boot } from './boot.js';
import { get } from './store.js';

/** The service that is chosen, with its capabilities (API.md §3a). */
export function chosen() {
  const services = boot().services;
  return services.find((s) => s.id === get('service')) ?? services[0];
}
