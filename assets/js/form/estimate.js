// What each service says of the film as the form has it: asked 300 ms after the last change, and the newest answer counts.
import { call } from '../core/api.js';
import { boot } from '../core/boot.js';
import { serviceById } from '../core/services.js';
import { get, on, set } from '../core/store.js';
import { UNREACHABLE } from './offers.js';
import { currentRequest } from './request.js';

const PAUSE_MS = 300;
const RETRY_MS = [2000, 5000, 15_000, 60_000];
const PATIENCE_MS = 20_000;
const PRICELESS = new Set(['prompt', 'image', 'audio', 'audio_start_s', 'service']);

let timer = 0;
let failures = 0;
let asking = null;
let asked = '';

/** Begins to ask. Where nothing costs anything there is nothing to compare. */
export function startEstimates() {
  if (!boot().services.some(({ paid }) => paid)) return;
  on(['form', 'service', 'image', 'audio'], () => soon(PAUSE_MS));
  for (const news of ['studio:keys', 'studio:prices']) document.addEventListener(news, () => { asked = ''; soon(0); });
  addEventListener('online', () => { if (failures > 0) soon(0); });
  soon(0);
}

/** Whether what is known is about the form as it is now, as far as a price goes. */
export function isFresh() {
  return get('offers').of === priceKey(currentRequest());
}

function soon(ms) {
  clearTimeout(timer);
  timer = setTimeout(ask, ms);
}

async function ask() {
  const request = currentRequest();
  const content = JSON.stringify(request);
  asking?.abort();   // whatever is on its way is about another film
  if (content === asked) return;
  const mine = new AbortController();
  asking = mine;
  try {
    const { body } = await call('POST', 'estimate', { json: request, signal: AbortSignal.any([mine.signal, AbortSignal.timeout(PATIENCE_MS)]) });
    if (mine.signal.aborted) return;
    asked = content;
    failures = 0;
    hear(body, request);
  } catch (error) {
    if (mine.signal.aborted || (error.status >= 400 && error.status < 500 && error.status !== 429)) return;   // the next change asks anew
    soon((error.retryAfter ?? 0) * 1000 || RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }
}

function hear({ services }, request) {
  const needing = services.filter(({ id }) => serviceById(id)?.capabilities.audio?.needs_public_url);
  if (request.sound === 'own' && needing.length > 0) {
    set('reachable', !needing.some(({ violations }) => violations.some(({ code }) => code === UNREACHABLE)));
  }
  set('offers', { services, of: priceKey(request) });
}

// A price hangs on neither the words nor the files, nor on which service is chosen.
function priceKey(request) {
  return JSON.stringify(Object.entries(request).filter(([name, value]) => !PRICELESS.has(name) && value !== null && value !== false).sort());
}
