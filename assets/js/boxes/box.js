// The life of one upload box, without a look: from the choice of a file over checks, consent and upload to an upload of the
// server's that fits the service. What it shows is one frozen object; frame.js and track.js draw it.
import { ApiError, call } from '../core/api.js';
import { chosen } from '../core/services.js';
import { EMPTY_BOX, on, set } from '../core/store.js';
import { patiently, send, worthRetrying } from './upload.js';

/** Mends that only a person may ask for, in the order in which they are applied (API.md §3). */
const CONSENT = ['convert', 'first_frame', 'turn', 'crop', 'pad', 'flatten', 'shrink', 'enlarge', 'recompress', 'part', 'pad_silence'];
/** The EXIF orientations that are a plain turn, and the degrees clockwise that take it back. */
const TURN_BACK = { 3: 180, 6: 270, 8: 90 };
const WHITE = '#ffffff';

/**
 * @typedef {object} Shown what a box shows
 * @property {'empty'|'checking'|'refused'|'uploading'|'ready'} state
 * @property {string} name file name
 * @property {number} bytes
 * @property {object | null} report
 * @property {Array<{code: string, params: object, fix: string | null, message?: string, hint?: string}>} faults why it is refused
 * @property {string[]} agreed mends that were agreed on while others are still asked about
 * @property {{message: string, hint: string} | null} trouble set when it is not the file that is at fault: Retry
 * @property {object | null} upload the server's, while it is ready
 * @property {string} preview address of what can be seen or heard, '' while there is nothing
 * @property {number | null} progress share sent, 0 to 1; null while the server works
 * @property {number | null} wait seconds until it is tried again by itself
 */
/** @type {Shown} */
export const BLANK = Object.freeze({
  state: 'empty', name: '', bytes: 0, report: null, faults: [], agreed: [], trouble: null, upload: null, preview: '', progress: null, wait: null,
});

/** One mend with its parameters, as the server takes it. */
function mend(code, params = {}) {
  return code === 'flatten' ? { code, color: WHITE, ...params } : { code, ...params };
}

export class Box {
  #ways;
  #render = () => {};
  #stop = new AbortController();
  #file = null;        // the person's own file, as long as it is here
  #own = null;         // the report of our own check
  #stored = null;      // the server's upload of it (fit or not), or of what became of it
  #refusal = null;     // what Undo goes back to
  #mends = new Map();  // consented mends of this file: code → the mend
  #again = null;       // what Retry does
  #local = '';         // object URL of #file, or of a small copy of it
  #before = null;      // the good upload that a choice has taken the place of

  /** @type {Shown} */
  shown = BLANK;

  /**
   * @param {object} ways
   * @param {'image' | 'audio'} ways.kind also the slice of the store
   * @param {(file: File, ways: {signal: AbortSignal, onHeader: (report: object) => void, onPreview: (blob: Blob) => void}) =>
   *   Promise<import('../checks/index.js').Verdict>} ways.check
   * @param {(report: object, limits: object) => import('../checks/fitness.js').Fault[]} ways.judge
   */
  constructor(ways) {
    this.#ways = ways;
    on(['service'], () => this.#judgeAgain());
  }

  /** Who draws it from now on. @param {(shown: Shown, old: Shown | null) => void} render `old` null: all anew */
  drawnBy(render) {
    this.#render = render;
    render(this.shown, null);
  }

  /** A person's choice: checked, and sent only if it breaks no rule. The last choice wins. @param {File} file */
  async take(file) {
    const signal = this.#begin();
    this.#before = this.shown.upload ?? this.#before;
    this.#forget();
    this.#file = file;
    this.#show({ ...BLANK, state: 'checking', name: file.name, bytes: file.size });
    const { report, faults } = await this.#ways.check(file, {
      signal,
      onHeader: (early) => { if (!signal.aborted) this.#show({ report: early }); },
      onPreview: (blob) => { if (file === this.#file) this.#preview(blob); },
    });
    if (signal.aborted) return;
    if (faults.length > 0) { this.#refuse(faults, { report: null }); return; }
    this.#own = report;
    this.#show({ report });
    await this.#decide(signal);
  }

  /** An upload that the server already holds (after a reload, Use again, an example). @param {object} upload */
  async adopt(upload) {
    const signal = this.#begin();
    this.#before = null;
    this.#forget();
    this.#stored = upload;
    this.#recall(upload);
    this.#show({ ...BLANK, name: upload.name, bytes: upload.bytes, report: upload.report });
    await this.#decide(signal);
  }

  /** Empties the box. */
  clear() {
    this.#begin();
    this.#before = null;
    this.#forget();
    this.#show(BLANK);
  }

  /** Stops checking or sending: back to the upload or the refusal that was there before, else to an empty box. */
  stop() {
    const signal = this.#begin();
    if (this.#stored?.fit && this.#faults().length === 0) this.#ready(signal, this.#stored);
    else if (this.#refusal) this.undo();
    else if (this.canKeep) this.keep();
    else this.clear();
  }

  /** Whether a good file was there before the one that is in question. */
  get canKeep() {
    return this.#before !== null && this.#before !== this.shown.upload;
  }

  /** Brings back the good file that was there before. */
  keep() {
    return this.adopt(this.#before);
  }

  /** Mends with consent; as long as other faults are left, it is only remembered. @param {Array<{fix: string, params?: object}>} fixes */
  async fix(fixes) {
    const signal = this.#begin();
    for (const { fix, params } of fixes) this.#mends.set(fix, mend(fix, params));
    const left = this.shown.faults.filter((fault) => !this.#mends.has(fault.fix));
    if (left.length > 0) this.#show({ faults: left, agreed: [...this.#mends.keys()] });
    else if (this.#stored) await this.#mend(signal);
    else await this.#send(signal);
  }

  /** Whether consented mends can be taken back. */
  get canUndo() {
    return this.#refusal !== null || (this.#stored?.original ?? null) !== null;
  }

  /** Takes every consented mend back. */
  undo() {
    const signal = this.#begin();
    this.#mends.clear();
    if (this.#refusal) {
      this.#stored = this.#refusal.stored;
      this.#show({ ...BLANK, ...this.#refusal.shown });
    } else this.#fromOriginal(signal);
  }

  /** Whether what was turned upright by itself can be laid back as it was. */
  get canTurnBack() {
    return this.#degrees !== null;
  }

  /** Lays a picture back that was turned upright by itself. */
  async turnBack() {
    const signal = this.#begin();
    this.#mends.set('turn', mend('turn', { degrees: this.#degrees }));
    await this.#mend(signal);
  }

  /** Turns it upright again. */
  async turnUpright() {
    const signal = this.#begin();
    this.#mends.delete('turn');
    await this.#mend(signal);
  }

  /** Does what broke once more. */
  retry() {
    this.#again?.();
  }

  /** A fresh address of a preview whose link has died; an upload that is gone empties the box. @returns {Promise<boolean>} false: gone */
  async refresh() {
    const stored = this.#stored;
    if (stored === null || this.shown.preview === '') return true;
    try {
      const { body } = await call('GET', `uploads/${stored.id}`);
      if (stored !== this.#stored || body.upload.url === this.shown.preview) return true;
      this.#stored = { ...stored, url: body.upload.url };
      this.#show({ upload: this.shown.upload && this.#stored });
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404 || stored !== this.#stored) return true;
      this.clear();
      return false;
    }
  }

  get #degrees() {
    const found = [this.#stored?.original, this.#own].find((report) => report?.orientation > 1);
    return TURN_BACK[found?.orientation] ?? null;
  }

  /** Keeps the agreed mends equal to what was done to this upload: all of them go along when another one is asked for. */
  #recall(upload) {
    const done = new Set(upload.applied.filter((code) => CONSENT.includes(code)));
    for (const code of this.#mends.keys()) if (!done.has(code)) this.#mends.delete(code);
    for (const code of done) if (!this.#mends.has(code)) this.#mends.set(code, mend(code, code === 'turn' ? { degrees: this.#degrees } : {}));
  }

  /** Ends whatever is under way. */
  #begin() {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.#again = null;
    return this.#stop.signal;
  }

  #forget() {
    if (this.#local) URL.revokeObjectURL(this.#local);
    this.#local = '';
    this.#file = this.#own = this.#stored = this.#refusal = null;
    this.#mends.clear();
  }

  #preview(blob) {
    if (this.#local) URL.revokeObjectURL(this.#local);
    this.#local = URL.createObjectURL(blob);
    this.#show({});
  }

  /** What can be seen or heard: of a picture that was mended, the mended one. */
  #previewOf({ report, upload }) {
    if (report === null) return '';
    const mended = this.#ways.kind === 'image' && upload?.applied.some((code) => CONSENT.includes(code));
    return (mended ? '' : this.#local) || this.#stored?.url || this.#local;
  }

  #judged(report) {
    const limits = chosen().capabilities[this.#ways.kind];
    return limits && report ? this.#ways.judge(report, limits) : [];
  }

  /** The faults of what there is. A part of a sound was agreed on: then its whole may be long and heavy. */
  #faults() {
    return this.#judged(this.#stored?.report ?? this.shown.report).filter((fault) => !(fault.fix === 'part' && this.#stored?.applied.includes('part')));
  }

  async #decide(signal) {
    const faults = this.#faults();
    const mended = this.#stored?.applied.some((code) => CONSENT.includes(code));
    if (faults.length > 0 && mended) await this.#fromOriginal(signal);
    else if (faults.length > 0) this.#refuse(faults);
    else if (this.#stored?.fit) this.#ready(signal, this.#stored);
    else if (this.#stored) await this.#mend(signal);
    else await this.#send(signal);
  }

  /** Back to the file as it came, which the server keeps with every mended copy: refused, or taken as it is. */
  async #fromOriginal(signal) {
    this.#mends.clear();
    const original = this.#stored.original ?? this.#own;
    const faults = this.#judged(original);
    if (faults.length > 0) this.#refuse(faults, { report: original, bytes: original.bytes });
    else await this.#mend(signal);
  }

  /** Another service was chosen: its limits count at once. A check under way will end with them by itself. */
  #judgeAgain() {
    const { state, report, trouble } = this.shown;
    if (state === 'empty' || state === 'checking' || report === null) return;
    if (this.#refusal && (state !== 'ready' || trouble)) this.undo();   // what was agreed on, was under other limits
    this.#refusal = null;
    this.#decide(this.#begin());
  }

  #refuse(faults, more = {}) {
    this.#show({ state: 'refused', faults, agreed: BLANK.agreed, trouble: null, upload: null, progress: null, wait: null, ...more });
    if (this.#refusal === null) this.#refusal = { shown: this.shown, stored: this.#stored };
  }

  #ready(signal, upload) {
    if (signal.aborted) return;
    this.#before = null;
    this.#stored = upload;
    this.#recall(upload);
    this.#show({
      state: 'ready', faults: BLANK.faults, trouble: null, progress: null, wait: null, upload,
      name: upload.name, bytes: upload.bytes, report: upload.report,
    });
  }

  async #send(signal) {
    const file = this.#file;
    const { kind } = this.#ways;
    await this.#attempt(signal, () => this.#send(this.#begin()), 0, () => send(file, {
      kind, service: chosen().id, name: file.name, signal, onProgress: (progress) => { if (!signal.aborted) this.#show({ progress }); },
    }));
  }

  /** Has the server make a new upload from the original, with the agreed mends; without any it is taken as it is. */
  async #mend(signal) {
    const fixes = this.#mends.size === 0 ? 'auto' : [...this.#mends.values()].sort((a, b) => CONSENT.indexOf(a.code) - CONSENT.indexOf(b.code));
    const from = this.#stored.id;
    await this.#attempt(signal, () => this.#mend(this.#begin()), null, async () => {
      const { body } = await call('POST', `uploads/${from}/fix`, { json: { fixes, service: chosen().id }, signal });
      return body;
    });
  }

  /** One try at the server, and what its answer means. */
  async #attempt(signal, again, progress, work) {
    this.#show({ state: 'uploading', faults: BLANK.faults, agreed: BLANK.agreed, trouble: null, upload: null, progress, wait: null });
    const onWait = (wait) => { if (!signal.aborted) this.#show({ wait }); };
    try {
      const { upload } = await patiently(work, { signal, onWait });
      this.#ready(signal, upload);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 422 && error.body?.upload) await this.#unfit(signal, error);
      else if (worthRetrying(error)) this.#troubled(error, again);
      else this.#refuse([said(error)]);
    }
  }

  /** The server holds the file and says that it is not fit as it is: mended if that was agreed on, else refused in its words. */
  async #unfit(signal, error) {
    const { upload, fixes = [] } = error.body;
    const agreed = this.#stored === null && this.#mends.size > 0;
    const known = new Set((this.#refusal?.shown.faults ?? []).map((fault) => fault.fix));
    this.#stored = upload;
    if (this.#refusal) this.#refusal.stored = upload;
    if (agreed && fixes.every((fix) => known.has(fix.code))) { await this.#mend(signal); return; }
    this.#mends.clear();
    const own = this.#faults();
    this.#refuse(own.length > 0 ? own : faultsOf(error, fixes), { report: upload.report, bytes: upload.bytes, name: upload.name });
  }

  #troubled(error, again) {
    const unreachable = error.status === 0 || error.code === 'internal';
    this.#again = again;
    this.#show({ state: 'refused', faults: BLANK.faults, progress: null, wait: null, trouble: unreachable ? { message: '', hint: '' } : { message: error.message, hint: error.hint } });
  }

  #show(change) {
    const old = this.shown;
    const now = { ...old, ...change };
    now.preview = this.#previewOf(now);
    if (Object.keys(now).every((key) => now[key] === old[key])) return;
    this.shown = Object.freeze(now);
    const { state, name, report, upload, preview, trouble, progress } = this.shown;
    const mending = state === 'uploading' && progress === null;
    set(this.#ways.kind, state === 'empty' ? { ...EMPTY_BOX, trouble: false, mending } : { state, name, report, upload, preview, trouble: trouble !== null, mending });
    this.#render(this.shown, old);
  }
}

/** An error of the server's as a fault, in its words. */
function said({ code, params, message, hint }) {
  return { code, params, fix: null, message, hint };
}

/** The server's refusal in its words, with the mends that it offers under its one sentence. */
function faultsOf(error, fixes) {
  const [first = { code: null }, ...rest] = fixes;
  const more = rest.map(({ code, params }) => ({ code: '', params, fix: code, message: '', hint: '' }));
  return [{ ...said(error), fix: first.code }, ...more];
}
