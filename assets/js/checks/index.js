// All that is found out about a file before a byte of it is sent.
import { HEAD_BYTES, sniff } from './sniff.js';
import { readHeader, upright } from './image.js';
import { Undecodable, decoded, seeThrough, seeThroughBmp, smallCopy } from './pixels.js';
import { LONGEST_S, walk } from './mp3.js';

/** What is looked at at all (API.md §3); the server refuses the same. */
export const LOOKED_AT = Object.freeze({ imageBytes: 40_000_000, imagePixels: 80_000_000, soundBytes: 60_000_000, soundSeconds: LONGEST_S });

/** Pixels up to which a picture is shown from its own file. */
const LIGHT_PIXELS = 1_500_000;
const PICTURES = new Set(['jpeg', 'png', 'webp', 'bmp']);

/**
 * What a look into a file found: a report for the rules of a service, or a fault that no service would take.
 * @typedef {{report: object | null, faults: import('./fitness.js').Fault[]}} Verdict
 */

/**
 * @param {File} file
 * @param {object} ways
 * @param {AbortSignal} ways.signal
 * @param {(report: object) => void} [ways.onHeader] called as soon as the size is known, before any pixel is looked at
 * @param {(picture: Blob) => void} [ways.onPreview] called with something to show, perhaps after the verdict
 * @returns {Promise<Verdict>}
 */
export async function checkPicture(file, { signal, onHeader = () => {}, onPreview = () => {} }) {
  if (file.size === 0) return hopeless('empty_file');
  return readable(async () => {
    const format = sniff(await bytes(file.slice(0, HEAD_BYTES)));
    if (!PICTURES.has(format)) return hopeless('unknown_file', { kind: format });
    if (file.size > LOOKED_AT.imageBytes) return hopeless('file_too_big', { bytes: file.size, max: LOOKED_AT.imageBytes });
    const data = await bytes(file);
    const header = readHeader(data, format);
    if (header === null) return hopeless('file_damaged');
    const { width, height } = upright(header);
    if (width * height > LOOKED_AT.imagePixels) return hopeless('file_too_big', { width, height, max_pixels: LOOKED_AT.imagePixels });
    if (!header.whole) return hopeless('file_damaged');
    const report = { format, width, height, bytes: file.size, orientation: header.orientation, has_transparency: false, frames: header.frames };
    onHeader(report);
    const heavy = width * height > LIGHT_PIXELS;
    if (!heavy) onPreview(file);
    if (header.alpha && format !== 'bmp') {
      const bitmap = await decoded(file);
      const clear = await seeThrough(bitmap, signal);
      queueMicrotask(() => show(bitmap, heavy && !signal.aborted ? onPreview : null));   // the verdict comes first
      return { report: { ...report, has_transparency: clear }, faults: [] };
    }
    if (heavy) decoded(file).then((bitmap) => show(bitmap, onPreview), unseen);
    return { report: { ...report, has_transparency: header.alpha && seeThroughBmp(data, header) }, faults: [] };
  });
}

/** Hands out a small copy, if anybody wants one, and lets go of the pixels. */
async function show(bitmap, onPreview) {
  const copy = onPreview && smallCopy(bitmap);
  bitmap.close();
  if (copy) onPreview(await copy);
}

/** What cannot be decoded is not shown; the server will say so. */
function unseen(error) {
  if (!(error instanceof Undecodable)) throw error;
}

/**
 * @param {File} file
 * @param {{onPreview?: (sound: Blob) => void}} [ways] called with what can be played
 * @returns {Promise<Verdict>}
 */
export async function checkSound(file, { onPreview = () => {} } = {}) {
  if (file.size === 0) return hopeless('empty_file');
  return readable(async () => {
    const kind = sniff(await bytes(file.slice(0, HEAD_BYTES)));
    if (kind !== 'mp3') return hopeless('unknown_file', { kind });
    if (file.size > LOOKED_AT.soundBytes) return hopeless('file_too_big', { bytes: file.size, max: LOOKED_AT.soundBytes });
    const facts = walk(await bytes(file));
    if (facts === null) return hopeless('file_damaged');
    if (facts.duration_s > LOOKED_AT.soundSeconds) return hopeless('file_too_big', { max_seconds: LOOKED_AT.soundSeconds });
    onPreview(file);
    return { report: { format: 'mp3', bytes: file.size, ...facts, duration_s: Math.round(facts.duration_s * 1000) / 1000 }, faults: [] };
  });
}

function hopeless(code, params = {}) {
  return { report: null, faults: [{ code, params, fix: null }] };
}

async function readable(look) {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Undecodable) return hopeless('file_damaged');
    if (error instanceof DOMException) return hopeless('file_unreadable');   // moved, changed or locked since it was chosen
    throw error;
  }
}

async function bytes(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}
