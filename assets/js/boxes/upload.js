// A file on its way to our own route: with progress, stoppable, patient where the server asks for patience.
import { ApiError, address, unreachable } from '../core/api.js';
import { maybeText } from '../core/texts.js';

const STALL_MS = 45_000;         // longer than the 30 s after which the server gives up, so that its own word comes first
const DEFAULT_WAIT_S = 5;
const LONGEST_WAIT_S = 120;      // beyond that nobody waits: it is said, with Retry
const TOO_MANY = 429;

/**
 * Sends a file as a raw body.
 * @param {File} file
 * @param {{kind: 'image' | 'audio', service: string, name: string, signal: AbortSignal, onProgress: (share: number) => void}} ways
 *   `onProgress` gets what has been sent, 0 to 1
 * @returns {Promise<any>} the body of a 2xx answer
 * @throws {ApiError} any other answer, or none (status 0)
 */
export function send(file, { kind, service, name, signal, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let alarm = null;
    const settle = (act) => {
      clearTimeout(alarm);
      signal.removeEventListener('abort', stop);
      act();
    };
    const stop = () => { request.abort(); settle(() => reject(signal.reason)); };
    const watch = () => {
      clearTimeout(alarm);
      alarm = setTimeout(() => { request.abort(); settle(() => reject(unreachable())); }, STALL_MS);
    };

    request.open('POST', address(`uploads?kind=${kind}&service=${encodeURIComponent(service)}`));
    request.setRequestHeader('X-Filename', encodeURIComponent(name));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (event) => {
      watch();
      onProgress(event.total > 0 ? event.loaded / event.total : 0);
    });
    request.upload.addEventListener('load', () => { watch(); onProgress(1); });
    request.addEventListener('error', () => settle(() => reject(unreachable())));
    request.addEventListener('load', () => settle(() => {
      const body = json(request.responseText);
      if (request.status >= 200 && request.status < 300 && body !== null) resolve(body);
      else reject(refusal(request, body));
    }));
    if (signal.aborted) { reject(signal.reason); return; }
    signal.addEventListener('abort', stop, { once: true });
    watch();
    request.send(file);
  });
}

/**
 * Does the work; where the server has too much at once (429), waits as long as it says and does it again.
 * @template T
 * @param {() => Promise<T>} work
 * @param {{signal: AbortSignal, onWait: (seconds: number | null) => void}} ways `onWait` is told each second that is left, then null
 * @returns {Promise<T>}
 */
export async function patiently(work, { signal, onWait }) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== TOO_MANY || error.retryAfter > LONGEST_WAIT_S) throw error;
      for (let left = Math.ceil(error.retryAfter ?? DEFAULT_WAIT_S); left > 0; left -= 1) {
        onWait(left);
        await second(signal);
      }
      onWait(null);
    }
  }
}

/** Whether the same attempt may succeed if it is made again: nobody answered, or the server could not. */
export function worthRetrying(error) {
  return [0, 408, TOO_MANY].includes(error.status) || error.code === 'upload_cut' || error.status >= 500;
}

function second(signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) { reject(signal.reason); return; }
    const stop = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal.removeEventListener('abort', stop); resolve(); }, 1000);
    signal.addEventListener('abort', stop, { once: true });
  });
}

function refusal(request, body) {
  const wait = Number(request.getResponseHeader('Retry-After')) || null;
  const unknown = { code: 'internal', message: maybeText('errors.internal.message') ?? '', hint: maybeText('errors.internal.hint') ?? '' };
  return new ApiError(request.status, body?.error ?? unknown, body, wait);
}

function json(text) {
  try { return JSON.parse(text); } catch { return null; }   // a proxy's HTML page while the app restarts
}
