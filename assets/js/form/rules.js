// Whether a service can make the film that is asked for: the twin of components/generation/rules.py, over the same table.

/** @typedef {{field: string, code: string, params: Record<string, string | number>, fix: {field: string, value: any} | null}} Violation */

const PLAIN = { negative_prompt: null, seed: null, watermark: false, template: null };
// what Python's str.strip takes away, which is not quite what trim() does
const BLANK = /^[\s\x85]*$/u;
const BLANK_HERE_ALONE = '\uFEFF';
const FIRST_SEEN = ' ';
const MAY_STAND = '\n\r\t';

/**
 * Every rule of the table that a request breaks, in the order of the form.
 * @param {object} request API.md §3, `image` and `audio` not judged
 * @param {object} caps API.md §3a
 * @param {{reachable?: boolean}} [place] whether services can fetch files from here
 * @returns {Violation[]}
 */
export function violations(request, caps, { reachable = false } = {}) {
  return [...ofPrompt(request, caps), ...ofSound(request, caps), ...ofAddress(request, caps, reachable), ...ofChoices(request, caps), ...ofExtras(request, caps), ...ofPairs(request, caps)];
}

/** Length as the services count it: in code points. */
export function codePoints(text) {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

// Characters below a space stand in no text at all: whether Python counts four of them as blank is of no account.
function isBlank(text) {
  return BLANK.test(text) && !text.includes(BLANK_HERE_ALONE);
}

function broken(field, code, params = {}, fix = null) {
  return { field, code, params, fix };
}

function* ofPrompt({ prompt }, caps) {
  if (caps.prompt.required && isBlank(prompt)) yield broken('prompt', 'prompt_missing');
  const length = codePoints(prompt);
  if (length > caps.prompt.max) yield broken('prompt', 'prompt_too_long', { length, max: caps.prompt.max });
  if ([...prompt].some((ch) => ch < FIRST_SEEN && !MAY_STAND.includes(ch))) yield broken('prompt', 'prompt_control_characters');
}

function* ofSound({ sound, audio }, caps) {
  if (given(audio) && (sound === 'auto' || sound === 'silent')) yield broken('sound', 'sound_conflict', {}, { field: 'sound', value: 'own' });
  if (!caps.sound.includes(sound)) yield notOffered('sound', sound, caps.sound[0]);
}

function* ofAddress({ sound }, caps, reachable) {
  if (reachable || sound !== 'own' || !caps.audio?.needs_public_url) return;
  yield broken('audio', 'needs_public_url', {}, { field: 'sound', value: 'under' });
}

function* ofChoices(request, caps) {
  const { duration } = request;
  if (!allowsDuration(duration, caps)) {
    const fix = { field: 'duration', value: nearestDuration(duration, caps) };
    if (caps.duration.one_of) yield broken('duration', 'duration_choice', { allowed: caps.duration.one_of.join(', ').replace(/, (?=\d+$)/, ' or ') }, fix);
    else yield broken('duration', 'duration_range', { min: caps.duration.from, max: caps.duration.to }, fix);
  }
  for (const field of ['quality', 'shot_type']) {
    if (!caps[field].includes(request[field])) yield notOffered(field, request[field], caps[field][0]);
  }
}

function* ofExtras(request, caps) {
  for (const [name, plain] of Object.entries(PLAIN)) {
    const value = request[name] ?? plain;
    if (value === plain || value === '') continue;
    const extra = caps.fields[name];
    if (!extra) yield notOffered(name, value, plain);
    else yield* ofExtra(name, value, extra);
  }
}

function* ofExtra(name, value, extra) {
  if (typeof value === 'string') {
    const length = codePoints(value);
    if (given(extra.max) && length > extra.max) yield broken(name, 'text_too_long', { length, max: extra.max });
  } else if (typeof value === 'number' && given(extra.from) && given(extra.to) && !(extra.from <= value && value <= extra.to)) {
    yield broken(name, 'number_range', { min: extra.from, max: extra.to });
  }
}

function* ofPairs(request, caps) {
  for (const rule of caps.rules) {
    if (!holds(rule, request)) continue;
    for (const [field, wanted] of Object.entries(rule.needs)) {
      if (!matches(request, field, wanted)) yield broken(field, rule.code, {}, wanted === 'given' ? null : { field, value: wanted });
    }
  }
}

function notOffered(field, value, instead) {
  return broken(field, 'not_offered', { value: pythonWord(value) }, { field, value: instead });
}

/** A switch is told as the server tells it. */
function pythonWord(value) {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

function matches(request, field, wanted) {
  return wanted === 'given' ? given(request[field]) : request[field] === wanted;
}

function given(value) {
  return value !== null && value !== undefined;
}

/** Whether a film may be that long. */
export function allowsDuration(seconds, { duration }) {
  if (duration.one_of) return duration.one_of.includes(seconds);
  return Number.isInteger(seconds) && duration.from <= seconds && seconds <= duration.to;
}

/** The length that the service can make which is nearest to `seconds`; the longer one of two. */
export function nearestDuration(seconds, { duration }) {
  if (!duration.one_of) return Math.min(Math.max(Math.round(seconds), duration.from), duration.to);
  return duration.one_of.reduce((best, s) => {
    const nearer = Math.abs(s - seconds) - Math.abs(best - seconds);
    return nearer < 0 || (nearer === 0 && s > best) ? s : best;
  });
}

/** The shortest and the longest film, in seconds. */
export function durationEnds({ duration }) {
  return duration.one_of ? [duration.one_of[0], duration.one_of.at(-1)] : [duration.from, duration.to];
}

/**
 * What must change with a field that a person has just changed, so that no rule that couples two fields is broken.
 * The last choice stands; the other side of the rule follows it, or steps back to its first option.
 * @returns {{values: object, code: string, way: 'followed' | 'stepped_back'} | null}
 */
export function follow(request, caps, changed) {
  for (const rule of caps.rules) {
    const fails = Object.entries(rule.needs).filter(([field, wanted]) => wanted !== 'given' && !matches(request, field, wanted));
    if (fails.length === 0 || !holds(rule, request)) continue;
    if (!(changed in rule.needs)) return { values: Object.fromEntries(fails), code: rule.code, way: 'followed' };
    const back = Object.entries(rule.if).map(([field, wanted]) => [field, otherThan(wanted, caps[field])]);
    return { values: Object.fromEntries(back), code: rule.code, way: 'stepped_back' };
  }
  return null;
}

/** Whether a rule is about this request: all of its ifs hold. */
export function holds(rule, request) {
  return Object.entries(rule.if).every(([field, wanted]) => matches(request, field, wanted));
}

function otherThan(value, options) {
  return typeof value === 'boolean' ? !value : (options?.find((option) => option !== value) ?? null);
}
