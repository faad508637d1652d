// What the widgets of the page know together. One small observable; a slice is replaced whole, never changed inside.

/**
 * @typedef {object} Box
 * @property {'empty'|'checking'|'refused'|'uploading'|'ready'} state
 * @property {string} name file name as the person knows it
 * @property {object | null} report API.md report (of the browser's own check, then of the server)
 * @property {object | null} upload the server's upload, when ready
 * @property {boolean} [trouble] refused because it could not be sent: the file is not at fault
 * @property {string} preview address of the picture or sound for this page ('' while there is none)
 */
/** @type {Box} */
export const EMPTY_BOX = Object.freeze({ state: 'empty', name: '', report: null, upload: null, preview: '' });

const slices = {
  service: '',                       // id of the chosen service
  image: EMPTY_BOX,
  audio: EMPTY_BOX,
  form: Object.freeze({              // the native controls, as a request has them
    prompt: '', prompt_extend: true, sound: 'auto', duration: 5, quality: '720p', shot_type: 'single',
    negative_prompt: null, seed: null, watermark: false, template: null, audio_start_s: 0,
  }),
  // what each service says of the film as the form has it (API.md §3, POST estimate); `of` is the request it was asked for
  offers: Object.freeze({ services: Object.freeze([]), of: '' }),
  reachable: null,                   // whether services can fetch a sound from here: null until one had to
  keys: Object.freeze({}),           // by service: {key: 'server'|'yours'|'none', tail, balance}
  me: Object.freeze({ owner: false, claimable: false, paid: true, left: null }),   // API.md §2; `paid` false: the owner wants nothing bought now
};
const listeners = new Map();

/** @param {keyof typeof slices} name */
export function get(name) { return slices[name]; }

/** Replaces a slice (objects: merged with what is there) and tells who listens. */
export function set(name, value) {
  const old = slices[name];
  const merged = value !== null && typeof value === 'object' ? Object.freeze({ ...old, ...value }) : value;
  if (typeof merged === 'object' ? Object.keys(merged).every((k) => merged[k] === old[k]) : merged === old) return;
  slices[name] = merged;
  for (const listener of listeners.get(name) ?? []) listener(merged, old);
}

/** Calls `listener` at each change of any of the slices. @returns {() => void} to stop it */
export function on(names, listener) {
  for (const name of names) listeners.set(name, [...(listeners.get(name) ?? []), listener]);
  return () => { for (const name of names) listeners.set(name, listeners.get(name).filter((x) => x !== listener)); };
}
