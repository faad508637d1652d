// Why a file is refused and what helps, in words: a headline, a sentence for each fault, a label for each mend.
import { chosen } from '../core/services.js';
import { clock, fileSize, maybeText, t } from '../core/texts.js';

const COUNTS = ['', 'one', 'two', 'three'];

/** Kinds of media/sniff.py that share their words. */
const SOUNDS = new Set(['mp3', 'wav', 'aiff', 'm4a', 'ogg', 'opus', 'flac', 'aac', 'wma', 'amr']);
const PICTURES = new Set(['jpeg', 'png', 'webp', 'bmp', 'gif', 'heic', 'avif', 'tiff', 'jxl', 'psd', 'ico', 'svg']);

/**
 * @typedef {object} Refusal
 * @property {string} title stands behind the name of the file; '' where the first line does
 * @property {string} needs "needs two changes"
 * @property {string[]} lines a sentence or two for each fault
 * @property {Array<{label: string, fixes: Array<{fix: string, params: object}>}>} fixes the first mends everything, the rest one thing each
 * @property {string} todo what to do where nothing can be mended
 */

/**
 * @param {'frame' | 'track'} box whose words: a section of the catalogue
 * @param {Array<object>} faults of fitness.js, of index.js or of the server
 * @param {{width: number, height: number} | null} report
 * @returns {Refusal}
 */
export function refusal(box, faults, report) {
  const sure = faults.every((fault) => fault.fix);
  const single = sure ? faults.map((fault) => ({ label: label(box, fault), fixes: [asked(fault)] })) : [];
  const all = single.length > 1 ? [{ label: t(`${box}.fix.${COUNTS[single.length] ?? 'all'}`), fixes: faults.map(asked) }] : [];
  return {
    title: faults.length === 1 ? headline(box, faults[0], report) : '',
    needs: t(`${box}.needs.${sure ? COUNTS[faults.length] ?? 'several' : 'another'}`),
    lines: [...faults.map((fault) => sentence(box, fault)), alsoTooLarge(faults, report)].filter(Boolean),
    fixes: [...all, ...single],
    todo: sure ? '' : [...new Set(faults.map((fault) => (fault.fix ? '' : hint(box, fault))))].filter(Boolean).join(' '),
  };
}

function asked({ fix, params }) {
  return { fix, params: fix === 'flatten' ? {} : mendParams(params) };
}

/** Figures of a fault are for its sentence; only what a mend itself takes goes to the server. */
function mendParams(params) {
  return Object.fromEntries(Object.entries(params ?? {}).filter(([name]) => name === 'color' || name === 'degrees'));
}

function headline(box, { code, params }, report) {
  if (code === 'unknown_file') return t(`${box}.kinds.${known(box, params.kind)}.title`);
  if (code === 'image_too_long') return t(`frame.faults.image_too_long.${report?.height > report?.width ? 'tall' : 'wide'}`, { service: chosen().name });
  return maybeText(`${box}.faults.${code}.title`) ?? '';
}

function sentence(box, fault) {
  const { code, params } = fault;
  if (code === 'unknown_file') return t(`${box}.takes`, { formats: formats(box) });
  if (code === 'file_too_big') return tooBig(box, params);
  return maybeText(`${box}.faults.${code}.text`, figures(fault)) ?? fault.message ?? '';
}

/** A picture of an impossible shape is judged by that alone; what else it must lose is said all the same. */
function alsoTooLarge(faults, report) {
  if (!report || !faults.some(({ code }) => code === 'image_too_long')) return '';
  const { width, height } = report;
  const max = chosen().capabilities.image.side[1];
  return Math.max(width, height) > max ? t('frame.faults.image_too_large.text', { width, height, max }) : '';
}

function hint(box, { code, params, hint: theirs = '' }) {
  if (code === 'unknown_file') return t(`${box}.kinds.${known(box, params.kind)}.todo`);
  return maybeText(`${box}.faults.${code}.todo`) ?? theirs;
}

/** The entry of the catalogue for what a file turned out to be. */
function known(box, kind) {
  if (maybeText(`${box}.kinds.${kind}.title`)) return kind;
  if (SOUNDS.has(kind)) return 'sound';
  return PICTURES.has(kind) && box === 'track' ? 'picture' : 'unknown';
}

function label(box, fault) {
  return maybeText(`${box}.mends.${fault.fix}`, figures(fault)) ?? t(`${box}.fix.one`);
}

function tooBig(box, params) {
  if (params.max_pixels) return t(`${box}.faults.file_too_big.pixels`, { millions: Math.round(params.max_pixels / 1e6) });
  if (params.max_seconds) return t(`${box}.faults.file_too_big.seconds`, { minutes: Math.round(params.max_seconds / 60) });
  return t(`${box}.faults.file_too_big.bytes`, { max: fileSize(params.max) });
}

/** The figures of a fault as they are read; a figure and its limit never look the same. */
function figures({ code, params }) {
  switch (code) {
    case 'image_too_heavy':
    case 'audio_too_heavy':
      return { size: `${apart(params.bytes / 1e6, params.max / 1e6)} MB`, max: fileSize(params.max) };
    case 'image_too_long': {
      // from the sides themselves: rounded up, the limit would allow what it does not
      const [shortest, longest] = chosen().capabilities.image.side;
      const max = Math.floor(longest / shortest * 100) / 100;
      return { ratio: Math.max(params.ratio, Math.round(max * 100 + 1) / 100), max };
    }
    case 'audio_too_short':
      return { seconds: `${apart(params.seconds, params.min)} s`, min: `${params.min} s` };
    case 'audio_too_long':
      return { seconds: params.seconds >= 60 ? clock(params.seconds) : `${apart(params.seconds, params.max)} s`, heard: longestFilm() };
    default:
      return params ?? {};
  }
}

/** A figure with as few decimals, one at least considered, as set it apart from its limit. */
function apart(value, limit) {
  for (let digits = 1; digits < 6; digits += 1) {
    const round = Number(value.toFixed(digits));
    if (round !== limit) return round;
  }
  return value;
}

/** Seconds of the longest film that the chosen service makes: more of a sound is never heard. */
export function longestFilm() {
  const { duration } = chosen().capabilities;
  return duration.one_of ? Math.max(...duration.one_of) : duration.to;
}

/** "JPEG, PNG, WebP or BMP", from the capabilities of the chosen service. */
export function formats(box) {
  const { image, audio } = chosen().capabilities;
  const names = ((box === 'frame' ? image : audio)?.formats ?? []).map((format) => maybeText(`frame.formats.${format}`) ?? format);
  return names.length > 1 ? t('frame.or', { first: names.slice(0, -1).join(', '), last: names.at(-1) }) : names.join('');
}
