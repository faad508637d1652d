// What the gallery says about a job. Nothing here touches the page.
import { atMost, dollars } from '../core/money.js';
import { serviceById } from '../core/services.js';
import { maybeText, t } from '../core/texts.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Days before a film goes from which its card says so. */
const SAY_GOES_FROM_S = 3 * DAY;

/** Seconds from which a paid task is asked about once a minute only. */
const SLOW_FROM_S = 15 * MINUTE;
/** What a film that is finished waits for without anything being wrong. */
const NO_TROUBLE = new Set(['many_films']);

const KINDS = { completed: 'done', failed: 'failed', unconfirmed: 'unconfirmed', cancelled: 'cancelled' };
const NOTES = new Set(['failed', 'unconfirmed', 'unsaved']);

/** How a job is drawn. A state this page does not know means still at work. @returns {'work'|'done'|'failed'|'unconfirmed'|'unsaved'|'cancelled'} */
export function kindOf(job) {
  if (job.state === 'saving' && job.wait && !NO_TROUBLE.has(job.wait.reason) && serviceOf(job).paid) return 'unsaved';
  return KINDS[job.state] ?? 'work';
}

/** Whether it is to be read: a note above the wall. */
export function isNote(job) { return NOTES.has(kindOf(job)); }

/** Whether news of this job is to be expected. */
export function atWork(job) { return !(job.state in KINDS); }

// How far the server's clock is ahead of this one, in ms: a laptop's clock may be wrong by hours.
let ahead = 0;

/** Learns the server's time from an answer's `Date`. */
export function hearDate(headers) {
  const told = Date.parse(headers.get('Date') ?? '');
  // `Date` has whole seconds: below 2 s the difference says nothing.
  if (Number.isFinite(told)) ahead = Math.abs(told - Date.now()) < 2000 ? 0 : told - Date.now();
}

/** Seconds since a time the server named, never negative. */
export function age(iso) { return Math.max(0, (Date.now() + ahead - Date.parse(iso)) / 1000); }

/** Seconds until a time the server named, never negative. */
export function until(iso) { return Math.max(0, (Date.parse(iso) - Date.now() - ahead) / 1000); }

/** The service that makes a job's film: its name, and whether it costs anything. */
export function serviceOf(job) {
  const found = serviceById(job.service);
  return { name: found?.name ?? job.service, paid: found?.capabilities.paid ?? true, cancel: found?.capabilities.cancel ?? 'never' };
}

/** Whether Cancel can do anything for this job now. */
export function canCancel(job) {
  const { cancel } = serviceOf(job);
  return job.state === 'queued' || cancel === 'always' || (cancel === 'pending' && (job.state === 'submitting' || job.state === 'pending'));
}

/** Whether Cancel has an honest answer: the service has no way to stop it. */
export function cannotStop(job) {
  return serviceOf(job).paid && !canCancel(job) && ['submitting', 'pending', 'processing'].includes(job.state);
}

/** Whether a task takes so long that it is asked about once a minute only; the time in our own line does not count. */
export function isSlow(job) {
  if (!serviceOf(job).paid || (job.state !== 'pending' && job.state !== 'processing')) return false;
  return age(job.started_at ?? job.created_at) > SLOW_FROM_S;
}

/** The later of two times the server named; either may be missing. */
export function later(a, b) {
  if (!a || !b) return a || b || null;
  return Date.parse(a) < Date.parse(b) ? b : a;
}

/** "12 min ago", "yesterday"; seconds are counted only where a job is watched. */
export function ago(iso, { seconds = false } = {}) {
  const s = age(iso);
  if (s < MINUTE) return seconds ? t('gallery.ago.seconds', { n: Math.floor(s) }) : t('gallery.ago.now');
  if (s < HOUR) return t('gallery.ago.minutes', { n: Math.floor(s / MINUTE) });
  const then = new Date(iso);
  const days = daysBetween(then, new Date(Date.now() + ahead));
  if (days === 0 || s < 6 * HOUR) return t('gallery.ago.hours', { n: Math.floor(s / HOUR) });
  if (days === 1) return t('gallery.ago.yesterday');
  if (days < 7) return t('gallery.ago.days', { n: days });
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: 'medium' }).format(then);
}

function daysBetween(a, b) {
  const midnight = (d) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate());
  return Math.round((midnight(b) - midnight(a)) / (DAY * 1000));
}

/** "about 50 s", "about 2 min": coarse on purpose, it is a guess. */
export function roughly(s) {
  if (s < 8) return t('gallery.time.few');
  if (s < 55) return t('gallery.time.seconds', { n: s < 20 ? Math.round(s / 5) * 5 : Math.round(s / 10) * 10 });
  if (s < HOUR - 30) return t('gallery.time.minutes', { n: Math.max(1, Math.round(s / MINUTE)) });
  return t('gallery.time.hours', { n: Math.max(1, Math.round(s / HOUR)) });
}

/** What a job at work is doing. */
export function stage(job) {
  if (job.state === 'queued') return t('gallery.work.waiting');
  return job.stage || t('gallery.work.working');
}

/** Why a job stands still and until when, or ''. */
export function waiting(job) {
  if (!job.wait) return '';
  const s = until(job.wait.until);
  const reason = maybeText(`gallery.wait.${job.wait.reason}`) === null ? 'other' : job.wait.reason;
  return t(`gallery.wait.${s < 1 ? `${reason}_now` : reason}`, { service: serviceOf(job).name, time: roughly(s) });
}

/**
 * The line of facts, in pieces; `more` is what a narrow card leaves out.
 * @returns {Array<{text: string, cls: string}>}
 */
export function facts(job) {
  const { paid, name } = serviceOf(job);
  const left = atWork(job) ? timeLeft(job) : '';
  const made = { text: paid ? name : t('gallery.facts.draft'), cls: paid || left ? 'more' : '' };
  const quality = { text: job.request.quality, cls: 'more' };
  const seconds = t('gallery.facts.seconds', { n: job.request.duration });
  if (atWork(job)) {
    const asked = paid && job.asked_at && job.state !== 'queued' ? t('gallery.work.asked', { ago: ago(job.asked_at, { seconds: true }) }) : '';
    const price = mostOf(job);
    const most = price === null ? unpublished(job) : t('gallery.facts.at_most', { price: atMost(price) });
    const slow = isSlow(job);
    return present([
      { text: asked, cls: slow ? '' : 'more' }, { text: left, cls: 'eta' }, made, quality, { text: seconds, cls: left || slow ? 'more' : '' },
      { text: paid ? most : '', cls: 'more' },
    ]);
  }
  const paidFor = paid && job.cost ? costWords(job) : '';
  return present([made, quality, { text: seconds, cls: '' }, { text: soundWords(job), cls: 'more' }, { text: paidFor, cls: '' }, { text: ago(job.finished_at ?? job.created_at), cls: 'more' }]);
}

function timeLeft(job) {
  if (job.state !== 'queued') return job.eta_s === null ? '' : t('gallery.work.left', { time: roughly(job.eta_s) });
  if (job.eta_s !== null) return t('gallery.work.starts', { time: roughly(job.eta_s) });
  if (job.position === null) return '';
  return job.position > 1 ? t('gallery.work.position', { n: job.position }) : t('gallery.work.next');
}

function present(pieces) {
  const kept = pieces.filter((x) => x.text !== '');
  return kept.map((x, i) => (i === 0 ? { ...x, text: x.text[0].toUpperCase() + x.text.slice(1) } : x));
}

/** That nobody knows the price beforehand: what is counted against the limits is no price. */
function unpublished({ cost }) { return cost ? t('gallery.facts.unpublished') : ''; }

/** What a film has cost, and how that is known; one that was stopped says it in a line of its own. */
function costWords({ state, cost: { actual, source } }) {
  if (state === 'cancelled') return '';
  if (!actual) return state === 'completed' ? t('gallery.facts.untold') : '';
  if (source === 'computed') return t('gallery.facts.computed', { price: dollars(actual) });
  if (source === 'at_most' || source === 'unknown' || source === 'unclear') return t('gallery.facts.at_most', { price: atMost(actual) });
  return dollars(actual);
}

/** What a film that was stopped has cost. */
export function stoppedFor({ cost }) {
  if (Number(cost?.actual ?? 0) > 0) return t('gallery.cancelled.paid', { price: dollars(cost.actual) });
  if (cost?.source === 'unclear') return t('gallery.failed.charged.maybe');
  return t(cost?.source === 'at_most' ? 'gallery.failed.charged.yes' : 'gallery.cancelled.free');
}

/** Whether the sound was laid under the film here. */
function soundWords({ request, video }) {
  if (request.sound !== 'under' || !video) return '';
  return t(video.original_url ? 'gallery.facts.under' : 'gallery.facts.not_under');
}

/** "21 h 40 min": how long a service keeps a film that is not saved yet. */
export function clockLeft(iso) {
  const minutes = Math.floor(until(iso) / MINUTE);
  const h = Math.floor(minutes / 60);
  return h > 0 ? t('gallery.unsaved.hours', { h, min: minutes - h * 60 }) : t('gallery.unsaved.minutes', { min: minutes });
}

/** The most a film may have cost so far, or null: what is reserved without an estimate is a guess for the limits alone. */
export function mostOf({ cost }) { return cost?.estimate ? (cost.reserved ?? cost.estimate) : null; }

/** That a film goes soon, or ''. */
export function goes(job) {
  if (job.kept || !job.video?.expires_at) return '';
  const s = until(job.video.expires_at);
  if (s > SAY_GOES_FROM_S) return '';
  if (s < HOUR) return t('gallery.goes.soon');
  if (s < DAY) return t('gallery.goes.hours', { n: Math.floor(s / HOUR) });
  const days = Math.floor(s / DAY);
  return days === 1 ? t('gallery.goes.day') : t('gallery.goes.days', { n: days });
}

/** The first words of a prompt, for names and announcements. */
export function shortName(job) {
  const words = job.request.prompt.trim().replaceAll(/\s+/g, ' ');
  return words.length > 80 ? `${words.slice(0, 79)}…` : words;
}

/** A note's three lines: what happened, was it charged, what to do; `ordered`: once more, from this note. */
export function noteWords(job, { ordered = false } = {}) {
  const { name } = serviceOf(job);
  const kind = kindOf(job);
  if (kind === 'unsaved') return unsavedWords(job, name);
  if (kind === 'unconfirmed') {
    const most = mostOf(job);
    const body = most === null ? t('gallery.unconfirmed.body') : t('gallery.unconfirmed.body_price', { price: atMost(most) });
    return { tag: t('gallery.unconfirmed.tag'), head: t('gallery.unconfirmed.says', { service: name }), body: [body] };
  }
  if (saidNever(job)) {
    const again = job.cost?.estimate && !ordered ? t('gallery.never.again', { price: atMost(job.cost.estimate) }) : '';
    return { tag: t('gallery.failed.tag'), head: t('gallery.never.says'), body: [t('gallery.never.body'), again].filter(Boolean) };
  }
  const { message, hint, charged } = job.error ?? {};
  const money = serviceOf(job).paid ? (maybeText(`gallery.failed.charged.${charged}`) ?? t('gallery.failed.charged.maybe')) : t('gallery.failed.charged.no');
  return { tag: t('gallery.failed.tag'), head: message || t('gallery.failed.says'), body: [money, hint].filter(Boolean) };
}

function unsavedWords(job, service) {
  const { reason, until: next } = job.wait;
  const expires = job.remote?.expires_at;
  const kept = !expires ? '' : until(expires) > 0 ? t('gallery.unsaved.keeps', { service, time: clockLeft(expires) }) : t('gallery.unsaved.over', { service });
  const s = until(next);
  const again = s < 1 ? t('gallery.unsaved.again_now') : t('gallery.unsaved.again', { time: roughly(s) });
  return {
    tag: t('gallery.unsaved.tag'),
    left: expires && until(expires) > 0 ? t('gallery.unsaved.left', { time: clockLeft(expires) }) : '',
    head: maybeText(`gallery.unsaved.says.${reason}`) ?? t('gallery.unsaved.says.other'),
    body: [kept, again].filter(Boolean),
  };
}

/** Whether the service still has a film that is not saved here, as far as anybody knows. */
export function isThere({ remote }) { return !remote?.expires_at || until(remote.expires_at) > 0; }

/** Whether a person has said that the task was never made. */
export function saidNever(job) { return job.error?.code === 'never_made'; }

/** Whether the same film may be ordered elsewhere: it surely was not charged. */
export function mayGoElsewhere(job) {
  return job.state === 'failed' && serviceOf(job).paid && job.error?.charged === 'no' && !saidNever(job);
}
