// The facts about a picture from its header alone, nothing decoded: a header of 60,000 × 60,000 px costs as little as any.

// A JPEG of more scans is built to hurt: real ones have about ten, and each visits every block of the picture again.
const MOST_SCANS = 200;
const MOST_SCAN_PIXELS = 20 * 80_000_000;

const SHORT = 3;   // the EXIF type of a two-byte number

/**
 * @typedef {object} Header
 * @property {number} width px as stored, before turning upright
 * @property {number} height px
 * @property {number} orientation EXIF, 1 to 8
 * @property {number} frames 1 for a picture that stands still
 * @property {boolean} alpha whether pixels can be see-through at all
 * @property {boolean} whole whether the file goes on to its end, and is not built to hurt
 */

const READERS = { jpeg, png, webp, bmp };

/**
 * @param {Uint8Array} data the whole file
 * @param {'jpeg' | 'png' | 'webp' | 'bmp'} format
 * @returns {Header | null} null for a file that is damaged before its size is known
 */
export function readHeader(data, format) {
  let header = null;
  try {
    header = READERS[format](data, new DataView(data.buffer, data.byteOffset, data.byteLength));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;   // a DataView read beyond the end: the file is cut
  }
  return header && header.width > 0 && header.height > 0 ? header : null;
}

/** Width and height after turning upright. */
export function upright({ width, height, orientation }) {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

function jpeg(data, view) {
  let at = 2;
  let orientation = 1;
  let size = null;
  for (;;) {
    if (data[at] !== 0xff) return null;
    while (data[at + 1] === 0xff) at += 1;   // fill bytes
    const marker = data[at + 1];
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) { at += 2; continue; }   // they stand alone
    if (marker === undefined || marker === 0 || marker === 0xd9) return null;
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (marker === 0xda) break;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else if (marker === 0xe1 && word(data, at + 4, 6) === 'Exif\0\0') {
      orientation = exifOrientation(data.subarray(at + 10, at + 2 + length));
    }
    at += 2 + length;
  }
  if (size === null) return null;
  const most = Math.min(MOST_SCANS, Math.floor(MOST_SCAN_PIXELS / (size.width * size.height)));
  return { ...size, orientation, frames: 1, alpha: false, whole: hasEnd(data, at) && scans(data, at, most) <= most };
}

/** Whether the end-of-image marker stands behind the first scan: compressed data never holds it. */
function hasEnd(data, from) {
  for (let at = data.lastIndexOf(0xd9); at > from; at = data.lastIndexOf(0xd9, at - 1)) if (data[at - 1] === 0xff) return true;
  return false;
}

/** The scans of the first picture in the file from `from` on, counted up to a little more than `enough`. */
function scans(data, from, enough) {
  let count = 0;
  for (let at = data.indexOf(0xff, from); at !== -1 && count <= enough; at = data.indexOf(0xff, at)) {
    const code = data[at + 1];
    if (code === 0xd9) break;
    if (code === 0x00 || code === 0xff || (code >= 0xd0 && code <= 0xd7)) { at += code === 0xff ? 1 : 2; continue; }   // data, not a marker
    count += code === 0xda ? 1 : 0;
    at += 2 + (data[at + 2] << 8 | data[at + 3]);
  }
  return count;
}

function png(data, view) {
  if (word(data, 12, 4) !== 'IHDR') return null;
  const header = { width: view.getUint32(16), height: view.getUint32(20), orientation: 1, frames: 1, alpha: (data[25] & 4) !== 0, whole: false };
  let moving = 0;
  let controls = 0;
  let pictures = 0;
  for (let at = 8; at + 12 <= data.length;) {
    const length = view.getUint32(at);
    const kind = word(data, at + 4, 4);
    const inside = at + 8;
    if (inside + length + 4 > data.length) break;
    if (kind === 'IEND') { header.whole = pictures > 0; break; }
    if (kind === 'tRNS') header.alpha = true;
    else if (kind === 'acTL' && length >= 8 && pictures === 0) moving = view.getUint32(inside);
    else if (kind === 'fcTL' && pictures === 0) controls += 1;
    else if (kind === 'IDAT') pictures += 1;
    else if (kind === 'eXIf') header.orientation = exifOrientation(data.subarray(inside, inside + length));
    at = inside + length + 4;
  }
  if (moving > 0 && moving <= 0x80000000) header.frames = moving + (controls === 0 ? 1 : 0);   // a still before the animation counts too
  return header;
}

function webp(data, view) {
  const end = view.getUint32(4, true) + 8;
  const header = { width: 0, height: 0, orientation: 1, frames: 1, alpha: false, whole: end <= data.length };
  let extended = false;
  let moving = 0;
  for (let at = 12; at + 8 <= Math.min(end, data.length);) {
    const kind = word(data, at, 4);
    const length = view.getUint32(at + 4, true);
    const inside = at + 8;
    if (inside + length > data.length) header.whole = false;
    if (kind === 'VP8X') {
      extended = true;
      header.alpha = (data[inside] & 0x10) !== 0;
      header.width = 1 + uint24(data, inside + 4);
      header.height = 1 + uint24(data, inside + 7);
    } else if (kind === 'VP8 ' && !extended) {
      if (word(data, inside + 3, 3) !== '\x9d\x01\x2a') return null;
      header.width = view.getUint16(inside + 6, true) & 0x3fff;
      header.height = view.getUint16(inside + 8, true) & 0x3fff;
    } else if (kind === 'VP8L' && !extended) {
      const bits = view.getUint32(inside + 1, true);
      header.width = 1 + (bits & 0x3fff);
      header.height = 1 + ((bits >> 14) & 0x3fff);
      header.alpha = ((bits >> 28) & 1) === 1;
    } else if (kind === 'ANMF') {
      moving += 1;
    } else if (kind === 'EXIF') {
      header.orientation = exifOrientation(data.subarray(inside, inside + length));
    }
    at = inside + length + (length & 1);
  }
  header.frames = Math.max(1, moving);
  return header;
}

function bmp(data, view) {
  const size = view.getUint32(14, true);
  const old = size === 12;
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = Math.abs(old ? view.getUint16(20, true) : view.getInt32(22, true));
  const bits = view.getUint16(old ? 24 : 28, true);
  const packing = old ? 0 : view.getUint32(30, true);
  const masked = packing === 3 || packing === 6;
  const row = Math.ceil((width * bits) / 32) * 4;
  const plain = packing === 0 || masked;
  return {
    width, height, orientation: 1, frames: 1,
    alpha: bits === 32 && masked && size >= 56 && view.getUint32(66, true) !== 0,
    whole: !plain || view.getUint32(10, true) + row * height <= data.length,
  };
}

/** The EXIF tag 0x0112 of the first directory; 1 (upright) where there is none that makes sense. */
function exifOrientation(block) {
  const tiff = word(block, 0, 6) === 'Exif\0\0' ? block.subarray(6) : block;
  const order = word(tiff, 0, 4);
  if (tiff.length < 8 || (order !== 'II*\0' && order !== 'MM\0*')) return 1;
  const little = order === 'II*\0';
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const start = view.getUint32(4, little);
  if (start + 2 > tiff.length) return 1;
  const count = view.getUint16(start, little);
  for (let at = start + 2; at + 12 <= tiff.length && at < start + 2 + count * 12; at += 12) {
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return view.getUint16(at + 2, little) === SHORT && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

function uint24(data, at) {
  return data[at] | data[at + 1] << 8 | data[at + 2] << 16;
}

function word(data, at, length) {
  return String.fromCharCode(...data.subarray(at, at + length));
}
