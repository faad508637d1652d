// Looking at real pixels: whether a picture has see-through parts (an alpha channel that is opaque everywhere is none), and a
// small copy to show, since painting the whole of a large picture again and again costs more than any check.

const STRIP_PIXELS = 1_500_000;   // measured: a strip of this size neither stalls the page nor wastes calls
const OPAQUE = 255;
const SHOWN_SIDE = 1280;          // px: the box is at most 460 wide, on dense screens twice or three times as many

/** The browser could not decode the picture. */
export class Undecodable extends Error {}

/**
 * A picture's pixels, upright; the caller closes it. Its size was checked before.
 * @param {Blob} file
 * @returns {Promise<ImageBitmap>}
 * @throws {Undecodable}
 */
export async function decoded(file) {
  try {
    return await createImageBitmap(file, { colorSpaceConversion: 'none' });
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause;
    throw new Undecodable(cause.message, { cause });
  }
}

/**
 * Looks strip by strip and stops at the first see-through pixel.
 * @param {ImageBitmap} bitmap
 * @param {AbortSignal} signal
 * @returns {Promise<boolean>}
 */
export async function seeThrough(bitmap, signal) {
  const rows = Math.max(1, Math.min(bitmap.height, Math.floor(STRIP_PIXELS / bitmap.width)));
  const canvas = new OffscreenCanvas(bitmap.width, rows);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.globalCompositeOperation = 'copy';
  for (let top = 0; top < bitmap.height; top += rows) {
    if (signal.aborted) return false;
    const height = Math.min(rows, bitmap.height - top);
    context.drawImage(bitmap, 0, top, bitmap.width, height, 0, 0, bitmap.width, height);
    if (anyBelow(new Uint32Array(context.getImageData(0, 0, bitmap.width, height).data.buffer))) return true;
    await breath();
  }
  return false;
}

/**
 * A small copy to show; the pixels are taken at once, so the bitmap may be closed after the call.
 * @param {ImageBitmap} bitmap
 * @returns {Promise<Blob>}
 */
export function smallCopy(bitmap) {
  const scale = Math.min(1, SHOWN_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'medium';
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.9 });
}

/** Of a BMP the alpha bytes stand in the file as they are; browsers read them differently. */
export function seeThroughBmp(data, { width, height }) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const start = view.getUint32(10, true);
  const mask = view.getUint32(66, true);
  const lane = [0xff, 0xff00, 0xff0000, 0xff000000].indexOf(mask);
  if (lane === -1) return false;
  const end = start + width * height * 4;
  for (let at = start + lane; at < end; at += 4) if (data[at] !== OPAQUE) return true;
  return false;
}

/** Alpha is the highest byte of a pixel on every machine that runs a browser (little endian). */
function anyBelow(pixels) {
  for (let i = 0; i < pixels.length; i += 1) if (pixels[i] >>> 24 !== OPAQUE) return true;
  return false;
}

/** Lets the page react between two strips. */
function breath() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); resolve(); };
    port2.postMessage(null);
  });
}
