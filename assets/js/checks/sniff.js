// What a file is, by its first bytes; names and extensions count for nothing. Twin of components/media/sniff.py:
// the same steps in the same order, held equal by tests/browser/test_checks_twins.py.
import { findSound } from './mp3.js';

/** As much of a file's start as `sniff` ever needs. */
export const HEAD_BYTES = 65_536;

const CUT_SIGN = 3;   // bytes of a UTF-8 sign that our own end may have cut

const MAGIC = [
  ['\xff\xd8\xff', 'jpeg'],   // multi-picture files of phones (MPO) too
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['GIF87a', 'gif'], ['GIF89a', 'gif'],
  ['II*\0', 'tiff'], ['MM\0*', 'tiff'], ['II+\0', 'tiff'], ['MM\0+', 'tiff'],
  ['\xff\n', 'jxl'], ['\0\0\0\x0cJXL \r\n\x87\n', 'jxl'],
  ['8BPS', 'psd'],
  ['\0\0\x01\0', 'ico'],
  ['fLaC', 'flac'],
  ['ADIF', 'aac'],
  ['#!AMR', 'amr'],
  ['MThd', 'midi'],
  ['\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'wma'],
  ['\x1a\x45\xdf\xa3', 'video'],   // Matroska, WebM
  ['\0\0\x01\xba', 'video'], ['\0\0\x01\xb3', 'video'],   // MPEG program stream
  ['FLV\x01', 'video'],
  ['PK\x03\x04', 'zip'], ['PK\x05\x06', 'zip'],
];
const RIFF = { WEBP: 'webp', WAVE: 'wav', 'AVI ': 'video' };
const HEIF_BRANDS = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1']);
const AVIF_BRANDS = new Set(['avif', 'avis']);
const SOUND_BRANDS = new Set(['M4A ', 'M4B ', 'M4P ', 'F4A ']);
const BMP_HEADER_SIZES = new Set([12, 40, 52, 56, 64, 108, 124]);
const BEHIND_ID3 = new Set(['aac', 'flac', 'mp2', 'ogg', 'wav']);

/**
 * What a file is: one of jpeg png webp bmp gif heic avif tiff jxl psd ico svg pdf video mp3 mp2 wav aiff m4a ogg opus
 * flac aac wma amr midi zip text unknown.
 * @param {Uint8Array} bytes its first bytes; at most HEAD_BYTES are looked at
 */
export function sniff(bytes) {
  const head = bytes.subarray(0, HEAD_BYTES);
  if (starts(head, 'ID3')) return behindId3(head);
  return byMagic(head) ?? byContainer(head) ?? byText(head) ?? byMpegFrames(head) ?? 'unknown';
}

function byMagic(head) {
  return MAGIC.find(([magic]) => starts(head, magic))?.[1] ?? null;
}

function byContainer(head) {
  const first = ascii(head, 0, 4);
  const inside = ascii(head, 8, 12);
  const second = ascii(head, 4, 8);
  if (['RIFF', 'RF64', 'RIFX'].includes(first)) return RIFF[inside] ?? null;
  if (first === 'FORM' && (inside === 'AIFF' || inside === 'AIFC')) return 'aiff';
  if (second === 'ftyp') return byBrand(head);
  if (['moov', 'mdat', 'wide'].includes(second)) return 'video';   // QuickTime of old
  if (first === 'OggS') return insideOgg(head);
  if (starts(head, 'BM') && head.length >= 18 && BMP_HEADER_SIZES.has(view(head).getUint32(14, true))) return 'bmp';
  if ([0, 188, 376].every((at) => head[at] === 0x47)) return 'video';   // MPEG transport stream
  return null;
}

/** ISO media files: the major brand, then the compatible ones. */
function byBrand(head) {
  const end = Math.min(view(head).getUint32(0), 256);
  const major = ascii(head, 8, 12);
  const brands = new Set([major]);
  for (let at = 16; at < end; at += 4) brands.add(ascii(head, at, at + 4));
  if (AVIF_BRANDS.has(major) || (HEIF_BRANDS.has(major) && [...AVIF_BRANDS].some((b) => brands.has(b)))) return 'avif';
  if (HEIF_BRANDS.has(major)) return 'heic';
  return SOUND_BRANDS.has(major) ? 'm4a' : 'video';
}

function insideOgg(head) {
  const start = ascii(head, 0, 512);
  if (start.includes('OpusHead')) return 'opus';
  if (start.includes('\x7fFLAC')) return 'flac';
  return start.includes('\x80theora') ? 'video' : 'ogg';
}

function byText(head) {
  const start = head.subarray(0, 4096);
  if (ascii(start, 0, 1024).includes('%PDF-')) return 'pdf';
  if ((starts(start, '\xff\xfe') || starts(start, '\xfe\xff')) && start.length % 2 === 0) return start.includes(0) ? 'text' : null;
  if (start.length === 0 || start.some(isControl)) return null;
  const text = utf8(start);
  if (text === null) return null;
  const markup = text.replace(/^\ufeff/, '').trimStart().toLowerCase();
  return markup.startsWith('<') && markup.includes('<svg') ? 'svg' : 'text';
}

/** Control characters that no text has; tab, line ends, form feed and escape are fine. */
function isControl(byte) {
  return byte < 0x09 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f) || byte === 0x7f;
}

/** The text, or null; only a sign that our own end cuts is forgiven. */
function utf8(start) {
  const last = start.length === 4096 ? CUT_SIGN : 0;
  for (let cut = 0; cut <= last; cut += 1) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(start.subarray(0, start.length - cut));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  return null;
}

/** An ID3v2 tag may stand before mp3, AAC and FLAC; one that reaches beyond the head is an mp3's. */
function behindId3(head) {
  const size = head.subarray(6, 10);
  if (size.length < 4 || size.some((byte) => byte > 0x7f)) return 'mp3';
  const behind = head.subarray(10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]));
  const found = byMagic(behind) ?? byContainer(behind) ?? byMpegFrames(behind);
  return BEHIND_ID3.has(found) ? found : 'mp3';
}

function byMpegFrames(head) {
  if (head.length > 2 && head[0] === 0xff) {   // the first eleven or twelve bits of an MPEG header are ones
    const layer = head[1] & 0xf6;
    if (layer === 0xf0) return 'aac';   // layer bits 00: ADTS
    if (layer === 0xf4 || layer === 0xe4) return 'mp2';
  }
  return findSound(head, 0, head.length) === null ? null : 'mp3';   // junk before the first frame is common: players skip it
}

function starts(bytes, magic) {
  return ascii(bytes, 0, magic.length) === magic;
}

/** Bytes as characters of the same number. */
export function ascii(bytes, from, to) {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
