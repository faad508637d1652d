import { boot } from './boot.js';

/**
 * A text of the catalogue with its figures filled in.
 * @param {string} key path in the catalogue, "frame.empty.title"
 * @param {Record<string, string | number>} [params]
 * @returns {string}
 */
export function t(key, params = {}) {
  let at = boot().texts;
  for (const part of key.split('.')) at = at?.[part];
  if (typeof at !== 'string') throw new Error(`no text: ${key}`);
  return at.replaceAll(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));
}

/**
 * The same for a key that may be missing.
 * @returns {string | null}
 */
export function maybeText(key, params = {}) {
  let at = boot().texts;
  for (const part of key.split('.')) at = at?.[part];
  return typeof at === 'string' ? t(key, params) : null;
}

/** "2.1 MB", "48 KB": decimal units, as the limits are. */
export function fileSize(bytes) {
  if (bytes >= 995_000) return `${trim(bytes / 1e6)} MB`;
  return `${Math.max(1, Math.round(bytes / 1e3))} KB`;
}

/** "12.4 s" under a minute (of the whole, if given), "3:24" and "1:41.3" from there. */
export function clock(seconds, whole = seconds) {
  const s = Math.round(seconds * 10) / 10;
  if (whole < 60) return `${trim(s)} s`;
  const minutes = Math.floor(s / 60);
  const rest = Math.round((s - minutes * 60) * 10) / 10;
  return `${minutes}:${rest % 1 ? rest.toFixed(1).padStart(4, '0') : String(rest).padStart(2, '0')}`;
}

/** "0:08", as on a film. */
export function length(seconds) {
  const s = Math.round(seconds);
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}

function trim(x) {
  return (Math.round(x * 10) / 10).toString();
}
