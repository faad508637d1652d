import { boot } from './boot.js';
import { maybeText } from './texts.js';

/** What the server answered that is not good news, in words; `status` 0 = it could not be reached. */
export class ApiError extends Error {
  constructor(status, error, body = null, retryAfter = null) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.hint = error.hint ?? '';
    this.field = error.field ?? null;
    this.params = error.params ?? {};
    this.charged = error.charged ?? null;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** An address of ours. */
export function address(path) {
  return `${boot().base}/${path}`;
}

/**
 * A call to our own routes.
 * @param {string} method
 * @param {string} path without the prefix
 * @param {{json?: unknown, headers?: Record<string, string>, signal?: AbortSignal, keepalive?: boolean}} [options]
 * @returns {Promise<{status: number, body: any, headers: Headers}>} also for 304
 */
export async function call(method, path, { json, headers = {}, signal, keepalive = false } = {}) {
  let answer;
  try {
    const body = json === undefined ? {} : { body: JSON.stringify(json), headers: { 'Content-Type': 'application/json', ...headers } };
    answer = await fetch(address(path), { method, headers, signal, keepalive, credentials: 'same-origin', cache: 'no-store', ...body });
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw unreachable();
  }
  if (answer.status === 304 || answer.status === 204) return { status: answer.status, body: null, headers: answer.headers };
  let body = null;
  try { body = await answer.json(); } catch { body = null; }   // a proxy's HTML page while the app restarts
  if (!answer.ok) throw new ApiError(answer.status, body?.error ?? failure(), body, Number(answer.headers.get('Retry-After')) || null);
  return { status: answer.status, body, headers: answer.headers };
}

/** The error for a server that could not be reached. */
export function unreachable() {
  return new ApiError(0, { code: 'offline', message: maybeText('errors.offline.message') ?? 'The studio cannot be reached.', hint: maybeText('errors.offline.hint') ?? '' });
}

function failure() {
  return { code: 'internal', message: maybeText('errors.internal.message') ?? 'Something went wrong.', hint: maybeText('errors.internal.hint') ?? '' };
}
