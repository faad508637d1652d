// The form as a whole: the native controls, the rules between them, the service they follow, the draft, and Generate.
import { adoptPicture } from '../boxes/frame.js';
import { adoptSound } from '../boxes/track.js';
import { call } from '../core/api.js';
import { boot } from '../core/boot.js';
import { setText } from '../core/dom.js';
import { chosen } from '../core/services.js';
import { get, on, set } from '../core/store.js';
import { maybeText, t } from '../core/texts.js';
import { openKeys } from '../keys/keys.js';
import { Draft } from './draft.js';
import { startEstimates } from './estimate.js';
import { agree, block, control, drawService, drawSounds, fieldNames, label, read, settle, startNatives, write } from './natives.js';
import { oneOf } from './offers.js';
import { noteUnder, stickByTheEnd } from './patches.js';
import { agreedPrice, missingText, say, startPrice } from './price.js';
import { currentRequest, hearsOwn, missing } from './request.js';
import { codePoints, follow, holds } from './rules.js';
import { choosing, openServices } from './service.js';
import { Submission } from './submit.js';

/** Share of the prompt's limit from which the count is shown. */
const NEAR = 0.9;

const notes = new Map();
let displaced = {};   // what the service that is passed by has pushed aside
let started = false;
let restored = null;

const draft = new Draft(snapshot, (kept) => { document.getElementById('form').dataset.draft = kept ? 'kept' : 'changed'; });
const submission = new Submission({ settle, save: () => draft.save(), say, lead, price: agreedPrice });

/** Called once, when all widgets are there. */
export async function startForm() {
  if (started) return;
  started = true;
  await startNatives(changed, sayLimits);
  const form = document.getElementById('form');
  stickByTheEnd(form);
  listen();
  startPrice({ answered: (answer) => submission.finish(answer) });
  on(['form'], ({ sound }, before) => {
    form.dataset.sound = sound;
    if (sound !== before.sound) drawSounds();
  });
  on(['reachable'], drawSounds);
  on(['audio'], ({ state }) => { if (state === 'empty') set('form', { audio_start_s: 0 }); });
  on(['form', 'service'], drawCount);
  on(['form'], ({ duration }, old) => { if (duration !== old.duration) noteFor('duration', ''); });
  document.addEventListener('studio:settled', () => { displaced = {}; });
  on(['service'], followService);
  form.dataset.sound = get('form').sound;
  followService();
  drawCount();
  restored = restore();
  await restored;
  agree();
  startEstimates();
  form.dataset.ready = '';
}

function listen() {
  window.studioGenerate = () => submission.begin();
  window.studioGenerateFailed = () => submission.fail();
  document.getElementById('generate').addEventListener('click', () => submission.pressed());
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
    event.preventDefault();
    document.getElementById('generate').click();
  });
  on(['form', 'service', 'image', 'audio'], () => draft.changed());
  // a file that is dropped on the strip is the person's own sound, whatever was chosen before
  document.addEventListener('studio:own-sound', () => {
    if (chosen().capabilities.sound.includes('own') && !hearsOwn(get('form').sound)) write({ sound: 'own' });
  });
}

/** A person changed a control, or we did. */
function changed(name) {
  const value = read(name);
  if (value === get('form')[name]) return;   // Gradio tells most changes twice, and ours come back
  set('form', { [name]: value });
  noteFor(name, '');
  const step = follow(currentRequest(), chosen().capabilities, name);
  if (step) write(step.values);
  drawRules(step);
}

/** Says what a choice brings with it, for as long as it stands; and once why another was taken back. */
function drawRules(step = null) {
  const request = currentRequest();
  for (const rule of chosen().capabilities.rules) {
    const [field] = Object.keys(rule.if);
    const way = holds(rule, request) ? 'followed' : step?.code === rule.code && step.way;
    noteFor(field, (way && maybeText(`form.rules.${rule.code}.${way}`)) || '', 'plain');
  }
}

function followService() {
  const { name, capabilities } = chosen();
  noteFor('duration', '');   // what was said of lengths was said of another service
  const back = displaced;
  set('form', back);
  const changes = drawService(capabilities);
  drawRules();
  const changedFields = Object.keys(changes);
  const form = get('form');
  displaced = choosing() ? Object.fromEntries(changedFields.map((field) => [field, form[field]])) : {};
  write({ ...back, ...changes });
  if (changedFields.length === 0) return;
  drawRules();
  say({ kind: 'told', text: t('form.changed', { service: name, fields: changedFields.map((field) => changeOf(field, changes)).join(', ') }) });
}

/** What was changed; a length by its number, for it is what a film costs. */
function changeOf(field, { duration }) {
  return field === 'duration' ? t('form.changed_duration', { label: label(field), seconds: duration }) : label(field);
}

function drawCount() {
  const { max } = chosen().capabilities.prompt;
  const length = codePoints(get('form').prompt);
  const note = noteOf('prompt', 'count');
  const over = length - max;
  setText(note, over > 0 ? t(over === 1 ? 'form.prompt.over_one' : 'form.prompt.over', { over, length, max }) : t('form.prompt.count', { length, max }));
  note.classList.toggle('wrong', over > 0);
  note.classList.toggle('sr', length < max * NEAR);
  control('prompt').setAttribute('aria-invalid', String(over > 0));
}

// ---- words at a field

function noteOf(field, cls = '') {
  const key = `${field}.${cls}`;
  // words about a choice in a row of two stand under the whole row
  if (!notes.has(key) && block(field)) notes.set(key, noteUnder(rowOf(field), named(field), cls));
  return notes.get(key);
}

function rowOf(field) {
  return block(field).closest(field === 'duration' ? '#time-head' : '#look') ?? block(field);
}

/** A length that no film has was put right: why. */
function sayLimits(field) {
  if (field !== 'duration') return;
  const { duration: { one_of: allowed, from: min, to: max } } = chosen().capabilities;
  const text = allowed ? t('errors.duration_choice.message', { allowed: oneOf(allowed) }) : t('errors.duration_range.message', { min, max });
  noteFor('duration', text, 'plain');
}

/** What a note describes: the control, or the whole group of radios. */
function named(field) {
  return block(field).matches('fieldset') ? block(field) : control(field);
}

/** Words under a field; without words what stands there goes. */
function noteFor(field, text, kind = 'wrong') {
  if (!text && !notes.has(`${field}.`)) return;
  const note = noteOf(field);
  if (!note) return;
  setText(note, text);
  note.classList.toggle('wrong', kind === 'wrong');
  if (!named(field).matches('fieldset')) named(field).setAttribute('aria-invalid', String(text !== '' && kind === 'wrong'));
}

/** Goes to what is missing or wrong. */
function lead(field, text = '') {
  if (field === 'key' || field === 'service') {
    if (field === 'key') openKeys(get('service'));
    else openServices();
    return;
  }
  const boxes = { image: '#first-frame', audio: '#soundtrack' };
  const lacking = missing().find((found) => found.field === field);
  let target = control(field);
  if (field in boxes) {
    // in a refused box its filled button is the next step; else the file input, whose ring is drawn on its visible label
    target = document.querySelector(`${boxes[field]} [data-state=refused] [data-next]`) ?? document.querySelector(`${boxes[field]} input[type=file]`);
  } else if (target) {
    openMore(target);
    const words = text || (lacking && lacking.code !== 'prompt_missing' && lacking.code !== 'prompt_too_long' ? missingText(lacking) : '');
    noteFor(field, words);
  }
  target?.focus();
  (target?.closest('.block') ?? target)?.scrollIntoView({ block: 'nearest' });
}

function openMore(target) {
  const more = target.closest('#more');
  if (more && !target.checkVisibility()) more.querySelector(':scope > button').click();
}

// ---- what outlives the page

function snapshot() {
  return {
    version: 1,
    service: get('service'),
    form: { ...get('form') },
    image: get('image').upload?.id ?? null,
    audio: get('audio').upload?.id ?? null,
    order: submission.pending,
  };
}

async function restore() {
  const touched = new Set();
  const touch = ({ target, isTrusted }) => {
    const name = isTrusted && fieldNames().find((field) => block(field)?.contains(target));
    if (name) touched.add(name);
  };
  for (const type of ['input', 'change']) document.getElementById('form').addEventListener(type, touch);
  const kept = await draft.load();
  if (kept.form) {
    if (boot().services.some(({ id }) => id === kept.service)) set('service', kept.service);
    put(Object.fromEntries(Object.entries(kept.form).filter(([name]) => !touched.has(name))));
    submission.pending = kept.order;
  }
  for (const type of ['input', 'change']) document.getElementById('form').removeEventListener(type, touch);
  // what a person has chosen meanwhile stays; an upload that has expired is simply not there any more
  await Promise.all([
    kept.image && get('image').state === 'empty' ? bring('image', kept.image).catch(() => {}) : null,
    kept.audio && get('audio').state === 'empty' ? bring('audio', kept.audio).catch(() => {}) : null,
  ]);
  if (get('audio').upload && typeof kept.form?.audio_start_s === 'number') set('form', { audio_start_s: kept.form.audio_start_s });
  draft.start();
  if (touched.size > 0) draft.changed();
}

/** Puts the fields of a request or a draft into the form, as far as there are controls for them. */
function put(values) {
  const known = Object.entries(values).filter(([name, value]) => fieldNames().includes(name) && value !== undefined);
  write(Object.fromEntries(known));
  followService();
}

/** Puts an upload of ours into its box. */
async function bring(kind, id) {
  const { body } = await call('GET', `uploads/${encodeURIComponent(id)}`);
  adopt(kind, body.upload);
}

function adopt(kind, upload) {
  if (kind === 'image') adoptPicture(upload);
  else adoptSound(upload);
}

/** Use again: everything a film was made of comes back into the form. */
export async function applyRequest(request) {
  await restored;
  if (boot().services.some(({ id }) => id === request.service)) set('service', request.service);
  put({ negative_prompt: null, seed: null, watermark: false, template: null, ...request });
  const results = await Promise.allSettled([
    bring('image', request.image),
    request.audio ? bring('audio', request.audio) : null,
  ]);
  if (request.audio && get('audio').upload) set('form', { audio_start_s: request.audio_start_s ?? 0 });
  const offline = results.find(({ reason }) => reason && reason.status !== 404);
  if (offline) throw offline.reason;
  const lost = ['image', 'audio'].find((_, i) => results[i].status === 'rejected');
  if (lost) say({ kind: 'wrong', text: t(`form.gone.${lost}`) });
  else say({ kind: 'idle' });
  show();
}

/** Use this: an example's files and words. @param {{image: object, audio: object | null, request: object}} answer */
export async function applyExample({ image, audio, request }) {
  await restored;
  put({ ...request });
  adopt('image', image);
  if (audio) adopt('audio', audio);
  say({ kind: 'idle' });
  show();
}

/** On a phone the form stands above the films. */
function show() {
  const prompt = control('prompt');
  prompt.focus({ preventScroll: true });
  document.getElementById('first-frame').scrollIntoView({ block: 'nearest' });
}
