// How long an mp3 is, to the sample, without decoding it. Twin of components/media/mp3.py, whose docstring sets out the
// steps; tags that state a length are not believed. The same figure on every file, held by tests/browser/test_checks_twins.py.

/** Longer sounds are not looked at (API.md §3), in seconds. */
export const LONGEST_S = 20 * 60;

const JUNK_BYTES = 1024 * 1024;
const MOST_TAGS = 16;
const TICKS = 14_112_000;   // a second; divisible by every sample rate of MPEG
const CONSISTENT = 3;       // headers that must follow each other before we believe that it is sound
const ID3_HEADER = 10;

const KBPS_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const KBPS_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const RATES_1 = [44_100, 48_000, 32_000];

/**
 * What the second and third byte of a header say; `family` (version and sample rate) is what must stay the same.
 * @typedef {{length: number, family: number, rate: number, samples: number, kbps: number, checksum: boolean}} Frame
 */

/** @returns {Map<number, Frame>} every valid layer III header (not "free") by its second and third byte */
function headers() {
  const found = new Map();
  for (const [version, divisor] of [[3, 1], [2, 2], [0, 4]]) {   // MPEG 1, 2, 2.5
    const [table, samples] = version === 3 ? [KBPS_1, 1152] : [KBPS_2, 576];
    for (const open of [0, 1]) {
      const second = 0xe0 | version << 3 | 0b01 << 1 | open;
      for (let index = 1; index < 15; index += 1) {
        RATES_1.forEach((full, rateIndex) => {
          const rate = full / divisor;
          for (const padded of [0, 1]) {
            const length = Math.floor((samples / 8 * table[index] * 1000) / rate) + padded;
            const frame = { length, family: version << 2 | rateIndex, rate, samples, kbps: table[index], checksum: !open };
            for (const own of [0, 1]) found.set(second << 8 | index << 4 | rateIndex << 2 | padded << 1 | own, frame);
          }
        });
      }
    }
  }
  return found;
}

const HEADERS = headers();

/** @returns {Frame | undefined} */
function frameAt(data, at) {
  return at >= 0 && at + 4 <= data.length && data[at] === 0xff ? HEADERS.get(data[at + 1] << 8 | data[at + 2]) : undefined;
}

/**
 * The first position from `start` to `stop` at which three consistent headers follow each other.
 * @param {Uint8Array} data
 * @returns {number | null}
 */
export function findSound(data, start, stop) {
  for (let position = data.indexOf(0xff, start); position !== -1 && position < stop; position = data.indexOf(0xff, position + 1)) {
    if (consistent(data, position)) return position;
  }
  return null;
}

function consistent(data, position) {
  let at = position;
  let family = null;
  for (let n = 0; n < CONSISTENT; n += 1) {
    const frame = frameAt(data, at);
    if (!frame || (family !== null && frame.family !== family)) return false;
    family = frame.family;
    at += frame.length;
  }
  return true;
}

/**
 * The length and the nature of an mp3; null where there are no three frames of MPEG layer III in a row.
 * @param {Uint8Array} data the whole file
 * @returns {{duration_s: number, bitrate_kbps: number, sample_rate_hz: number, channels: number, vbr: boolean, truncated: boolean} | null}
 *   `duration_s` just above LONGEST_S stands for anything longer
 */
export function walk(data) {
  let first = null;
  let known = null;
  let ticks = 0;
  let soundBytes = 0;
  let truncated = false;
  const kbps = new Set();
  for (const [at, frame] of frames(data)) {
    if (at + frame.length > data.length) { truncated = true; break; }
    if (first === null) {
      first = { at, frame };
      known = describe(data, at, frame);
    }
    if (at === known.position) continue;
    ticks += frame.samples * (TICKS / frame.rate);
    soundBytes += frame.length;
    kbps.add(frame.kbps);
    if (ticks > LONGEST_S * TICKS) break;
  }
  if (first === null || ticks === 0) return null;
  const silence = (known.delay + known.padding) * (TICKS / first.frame.rate);
  return {
    duration_s: (silence < ticks ? ticks - silence : ticks) / TICKS,
    bitrate_kbps: Math.round((soundBytes * 8 * TICKS) / ticks / 1000),
    sample_rate_hz: first.frame.rate,
    channels: channels(data, first.at),
    vbr: kbps.size > 1,
    truncated,
  };
}

/** Position and header of every frame, the description frame included; the last one may reach beyond the file. */
function* frames(data) {
  let [at, tags] = behindTags(data, 0, MOST_TAGS);
  let junk = JUNK_BYTES;
  for (let found = findSound(data, at, at + junk); found !== null; found = findSound(data, at, at + junk)) {
    junk -= found - at;
    at = found;
    const { family } = frameAt(data, at);
    for (let frame = frameAt(data, at); frame?.family === family; frame = frameAt(data, at)) {
      yield [at, frame];
      at += frame.length;
    }
    [at, tags] = behindTags(data, at, tags);
  }
}

/** The position behind the ID3v2 tags here, and how many more tags will be jumped. */
function behindTags(data, from, left) {
  let at = from;
  let tags = left;
  while (tags > 0 && word(data, at, 3) === 'ID3') {
    const head = data.subarray(at, at + ID3_HEADER);
    if (head.length < ID3_HEADER || head[3] === 0xff || head[4] === 0xff || head.subarray(6).some((byte) => byte > 0x7f)) break;
    const size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9];
    const behind = at + ID3_HEADER + size + (head[5] & 0x10 ? ID3_HEADER : 0);
    tags -= 1;
    if (behind > data.length) return [at + ID3_HEADER, tags];
    at = behind;
  }
  return [at, tags];
}

/** Whether this first frame is a description (Xing, Info, VBRI), and the samples of silence that LAME's tag admits. */
function describe(data, at, frame) {
  const nothing = { position: -1, delay: 0, padding: 0 };
  if (word(data, at + 36, 4) === 'VBRI') return { ...nothing, position: at };
  const stereo = channels(data, at) === 2;
  const side = frame.samples === 1152 ? (stereo ? 32 : 17) : (stereo ? 17 : 9);
  const tag = [at + 4 + side, at + 6 + side].find((p) => ['Xing', 'Info'].includes(word(data, p, 4)));
  if (tag === undefined) return nothing;
  const flags = data[tag + 7];
  const sizes = [[1, 4], [2, 4], [4, 100], [8, 4]];
  const lame = tag + 8 + sizes.reduce((sum, [bit, size]) => sum + (flags & bit ? size : 0), 0);
  if (!['LAME', 'Lavf', 'Lavc'].includes(word(data, lame, 4)) || lame + 24 > at + frame.length) return { ...nothing, position: at };
  const both = data[lame + 21] << 16 | data[lame + 22] << 8 | data[lame + 23];
  return { position: at, delay: both >> 12, padding: both & 0xfff };
}

function channels(data, at) {
  return data[at + 3] >> 6 === 0b11 ? 1 : 2;
}

function word(data, at, length) {
  return String.fromCharCode(...data.subarray(at, at + length));
}
