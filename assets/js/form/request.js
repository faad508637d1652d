// The request that the form stands for (API.md §3), and what is still missing in it.
import { chosen } from '../core/services.js';
import { get } from '../core/store.js';
import { offerOf } from './offers.js';
import { violations } from './rules.js';

const COMMON = ['prompt', 'prompt_extend', 'sound', 'duration', 'quality', 'shot_type'];

/** Whether the film hears the person's own sound. */
export function hearsOwn(sound) {
  return sound === 'own' || sound === 'under';
}

/** What would be sent now, without the token; a field that the service does not have is left out. */
export function currentRequest() {
  const form = get('form');
  const { capabilities } = chosen();
  const own = hearsOwn(form.sound);
  const names = [...COMMON, ...Object.keys(capabilities.fields)];
  return {
    service: get('service'),
    image: get('image').upload?.id ?? null,
    audio: own ? (get('audio').upload?.id ?? null) : null,
    audio_start_s: own ? form.audio_start_s : 0,
    ...Object.fromEntries(names.map((name) => [name, form[name] ?? null])),
  };
}

/** Where a file stands, as its box says it. */
function stage({ state, trouble, mending }) {
  if (state === 'refused' && trouble) return 'trouble';
  return mending ? 'mending' : state;
}

/** Whether the chosen service would have to fetch the sound from here, and cannot. */
export function cannotFetch() {
  return get('form').sound === 'own' && needsAddress(chosen().capabilities) && get('reachable') === false;
}

/** Whether a service has to fetch one's own sound from here. */
export function needsAddress({ audio }) {
  return Boolean(audio?.needs_public_url);
}

/**
 * What keeps the form from being sent, in its own order.
 * @returns {Array<{field: string, code: string, params: object}>} `code` names a text under form.missing
 */
export function missing() {
  const image = get('image');
  const { id, name, capabilities } = chosen();
  const found = capabilities.paid && !get('me').paid ? [{ field: 'service', code: 'paid_paused', params: {} }] : [];
  if (image.state !== 'ready') found.push({ field: 'image', code: `image_${stage(image)}`, params: {} });
  for (const { field, code, params } of violations(currentRequest(), capabilities, { reachable: get('reachable') !== false })) {
    if (code === 'needs_public_url') found.push({ field: 'sound', code, params: { service: name } });
    else if (field === 'audio') found.push({ field, code: `audio_${stage(get('audio'))}`, params: {} });
    else found.push({ field, code, params });
  }
  if (offerOf(id)?.key === 'none' && capabilities.paid) found.push({ field: 'key', code: 'needs_key', params: { service: name } });
  return found;
}
