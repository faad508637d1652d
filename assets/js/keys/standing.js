// How the visitor stands: with each paid service (whose key would pay, what is shown of it, what is left), and with whoever runs the studio.
import { call } from '../core/api.js';
import { get, set } from '../core/store.js';

let newest = 0;

/** Learns it anew; only what is asked last counts. */
export async function learnKeys() {
  newest += 1;
  const mine = newest;
  const [services, keys, me] = await Promise.all([call('GET', 'services'), call('GET', 'keys'), call('GET', 'me')]);
  if (mine !== newest) return;
  knowMe(me.body.me);
  const tails = new Map(keys.body.keys.map(({ service, tail }) => [service, tail]));
  set('keys', Object.fromEntries(services.body.services.map(({ id, key, balance }) => [id, Object.freeze({ key, balance, tail: tails.get(id) ?? null })])));
}

/** The same, by the way: what is known stands where it cannot be asked now. */
export function learnAgain() {
  learnKeys().catch(() => {});
}

/** Tries a key and keeps it. @returns {Promise<boolean | null>} whether the service has confirmed it; null: it cannot be asked */
export async function keepKey(service, key) {
  const { body } = await call('PUT', `keys/${encodeURIComponent(service)}`, { json: { key } });
  know(service, { key: 'yours', tail: body.key.tail, balance: null });
  return body.key.confirmed;
}

/** Forgets a key. */
export async function dropKey(service) {
  try {
    await call('DELETE', `keys/${encodeURIComponent(service)}`);
  } catch (error) {
    if (error.status !== 404) throw error;   // gone already, from another tab
  }
  know(service, { key: 'none', tail: null, balance: null });
}

/** Proves to be the owner, by the token that the studio was started with. */
export function becomeOwner(token) {
  return standAnew('POST', 'me/owner', { token });
}

/** Is an ordinary visitor again. */
export function resignOwner() {
  return standAnew('DELETE', 'me/owner');
}

/** Whether anything is bought from now on, with any key. */
export function switchPaid(on) {
  return standAnew('PUT', 'me/paid', { on });
}

async function standAnew(method, path, json = undefined) {
  const { body } = await call(method, path, { json });
  knowMe(body.me);
  tell();   // whose key pays, and whether anything does, may be another matter now
}

function knowMe({ owner, claimable, paid, left }) {
  set('me', { owner, claimable, paid, left: left && Object.freeze(left) });
}

// The server may have a key of its own for this visitor, and another balance: what it says is asked for at once.
function know(service, standing) {
  set('keys', { [service]: Object.freeze({ ...get('keys')[service], ...standing }) });
  tell();
}

function tell() {
  document.dispatchEvent(new Event('studio:keys'));
  learnAgain();   // what was just answered stands; the rest is asked again when Keys is opened
}
