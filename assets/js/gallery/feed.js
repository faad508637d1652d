import { call } from '../core/api.js';
import { hearDate } from './words.js';

const PAGE = 24;
/** Milliseconds after which a request is given up: a laptop that slept holds dead connections. */
const PATIENCE_MS = 20_000;

/**
 * The visitor's jobs as the server tells them: the newest page first, then only what changed, and older pages when asked.
 *
 * @typedef {{jobs: object[], removed: string[], reset: boolean}} News
 */
export class Feed {
  #since = null; #etag = null; #oldest = null;
  /** Whether the server has older jobs than those told so far. */
  hasOlder = false;
  /** When services were last asked for jobs at work: told with every look, also where there is nothing new. @type {Map<string, string>} */
  asked = new Map();

  /** @returns {Promise<News | null>} null: nothing new */
  async news() {
    if (this.#since === null) return this.#first(false);
    const headers = this.#etag === null ? {} : { 'If-None-Match': this.#etag };
    const answer = await ask(`jobs?since=${this.#since}&limit=100`, headers);
    this.#hearAsked(answer.headers);
    if (answer.status === 304) return null;
    const { revision, jobs, removed = [], more, reset } = answer.body;
    // A revision that went back is another history (a database put back from a copy): begin anew as well.
    if (reset || revision < this.#since) return this.#first(true);
    this.#since = revision;
    // The tag tells the visitor's revision, not this page of it: with more to come it would hide the rest.
    this.#etag = more ? null : answer.headers.get('ETag');
    if (!more) return jobs.length + removed.length === 0 ? null : { jobs, removed, reset: false };
    const rest = await this.news();
    if (rest?.reset) return rest;
    return { jobs: [...jobs, ...(rest?.jobs ?? [])], removed: [...removed, ...(rest?.removed ?? [])], reset: false };
  }

  /** The next older page. @returns {Promise<object[]>} */
  async older() {
    if (!this.hasOlder) return [];
    const { body } = await ask(`jobs?before=${encodeURIComponent(this.#oldest)}&limit=${PAGE}`);
    this.#turnPage(body);
    return body.jobs;
  }

  // "job-1=1760108400.123, job-2=1760108399.000"
  #hearAsked(headers) {
    const told = (headers.get('X-Studio-Asked') ?? '').split(',').map((one) => one.trim().split('='));
    this.asked = new Map(told.filter(([, s]) => Number(s) > 0).map(([id, s]) => [id, new Date(Number(s) * 1000).toISOString()]));
  }

  async #first(reset) {
    const answer = await ask(`jobs?limit=${PAGE}`);
    this.#since = answer.body.revision;
    this.#etag = answer.headers.get('ETag');
    this.#turnPage(answer.body);
    return { jobs: answer.body.jobs, removed: [], reset };
  }

  #turnPage({ jobs, more }) {
    this.#oldest = jobs.at(-1)?.id ?? this.#oldest;
    this.hasOlder = Boolean(more);
  }
}

async function ask(path, headers = {}) {
  const answer = await call('GET', path, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  hearDate(answer.headers);
  return answer;
}

/** One job with fresh links. @returns {Promise<object>} */
export async function oneJob(id) {
  const { body } = await ask(`jobs/${encodeURIComponent(id)}`);
  return body.job;
}
