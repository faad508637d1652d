// Gradio's own controls and the form's state: what is in them, and how it gets into them.
import { boot } from '../core/boot.js';
import { chosen } from '../core/services.js';
import { get, set } from '../core/store.js';
import { click, drawAhead, limit, nameGroup, nameRadios, offer, tellOpen, type, whenThere } from './patches.js';
import { allowsDuration, durationEnds, nearestDuration } from './rules.js';

const EXTRA = 'extra-';
const RADIOS = { sound: 'sound', quality: 'quality', shot_type: 'shot' };

/** How a field of the request is read from its control and written into it. */
const readText = (id) => ({
  id, selector: `#${id} :is(textarea, input)`,
  read: (input) => input.value, write: type,
});
const readNumber = (id) => ({
  id, selector: `#${id} input`,
  read: (input) => (input.value.trim() === '' || !Number.isFinite(Number(input.value)) ? null : Number(input.value)), write: type,
});
const readTick = (id) => ({ id, selector: `#${id} input[type=checkbox]`, read: (input) => input.checked, write: click });
const readRadio = (id) => ({
  id, selector: `#${id} input[type=radio]`,
  read: () => document.querySelector(`#${id} input[type=radio]:checked`)?.value ?? null,
  write: (_, value) => click([...document.querySelectorAll(`#${id} input[type=radio]`)].find((radio) => radio.value === value)),
});

let controls = null;
let tellLimits = () => {};

function build() {
  const common = {
    prompt: readText('prompt'), prompt_extend: readTick('improve'), sound: readRadio(RADIOS.sound),
    duration: readNumber('duration'), quality: readRadio(RADIOS.quality), shot_type: readRadio(RADIOS.shot_type),
  };
  const extras = {};
  for (const { capabilities } of boot().services) {
    for (const [name, extra] of Object.entries(capabilities.fields)) {
      const id = EXTRA + name.replaceAll('_', '-');
      if (extra.max || extra.advanced) extras[name] = { ...readText(id), read: (input) => input.value || null };
      else extras[name] = typeof extra.from === 'number' ? readNumber(id) : readTick(id);
    }
  }
  return { ...common, ...extras };
}

/** Names of the fields that have a native control, in the order of the form. */
export function fieldNames() {
  return Object.keys(controls);
}

/** The element of a field's control: where focus goes. */
export function control(name) {
  const found = controls?.[name];
  if (!found) return null;
  return document.querySelector(`${found.selector}:checked`) ?? document.querySelector(found.selector);
}

/** The block of a field: where its note stands. */
export function block(name) {
  return controls?.[name] ? document.getElementById(controls[name].id) : null;
}

/** The label of a field, as it is read. */
export function label(name) {
  return block(name)?.querySelector('[data-testid=block-info], label span')?.textContent.trim() ?? name;
}

/**
 * Waits for the controls, bends them, and tells `changed(name)` whatever is put into one.
 * @param {(name: string) => void} changed
 * @param {(name: string) => void} bounded a number beyond its limits has become the nearest one that can stand
 */
export async function startNatives(changed, bounded) {
  tellLimits = bounded;
  controls = build();
  const drawn = Object.values(controls).filter(({ id }) => !id.startsWith(EXTRA));
  await whenThere([...drawn.map(({ selector }) => selector), '#generate']);
  for (const group of Object.values(RADIOS).map((id) => document.getElementById(id))) {
    nameGroup(group);
    nameRadios(group);
  }
  const form = document.getElementById('form');
  const listen = ({ type: kind, target }) => {
    const name = fieldNames().find((field) => target.matches(controls[field].selector));
    if (!name) return;
    // a number that is still being typed is not judged: "1" on the way to "12"
    if (target.type !== 'number') changed(name);
    else if (kind === 'change' ? commit(name) : fits(name, controls[name].read(target))) changed(name);
  };
  form.addEventListener('input', listen);
  form.addEventListener('change', listen);
  const more = document.getElementById('more');
  if (!more) return;
  tellOpen(more);
  await drawAhead(more, Object.values(controls).filter((one) => !drawn.includes(one)).map(({ selector }) => selector));
  new MutationObserver(drawExtras).observe(more, { childList: true, subtree: true });
}

/** Gradio may set a control to its own first value a moment after it is drawn: what the form knows is put into it again. */
export function agree() {
  const form = get('form');
  for (const name of fieldNames()) {
    const input = control(name);
    if (input && document.activeElement !== input && read(name) !== form[name]) controls[name].write(input, form[name]);
  }
}

/** Whether a number could stand as it is. */
function fits(name, value) {
  return name === 'duration' ? allowsDuration(value, chosen().capabilities) : value === null || Number.isInteger(value);
}

/** Puts the nearest number that can stand into the field. @returns whether it is the one in the form now */
function commit(name) {
  const input = control(name);
  const value = controls[name].read(input);
  if (!fits(name, value)) {
    if (name === 'duration') type(input, nearestDuration(value ?? get('form').duration, chosen().capabilities));
    else type(input, Math.round(value));
    if (value !== null) tellLimits(name);
    return false;   // typing it has told it
  }
  return true;
}

/** Numbers that are being typed count as typed. */
export function settle() {
  for (const name of fieldNames()) if (control(name)?.type === 'number') commit(name);
}

/** What one control holds; null where its control is not drawn. */
export function read(name) {
  const input = document.querySelector(controls[name].selector);
  return input ? controls[name].read(input) : get('form')[name];
}

/** Puts values into the form and its controls, all at once: no rule ever sees half of them. */
export function write(values) {
  const known = Object.entries(values).filter(([name]) => controls && name in controls);
  set('form', Object.fromEntries(known));
  for (const [name, value] of known) {
    const input = document.querySelector(controls[name].selector);
    if (input) controls[name].write(input, value);
  }
}

/**
 * Draws what the service offers.
 * @returns {object} values that the form has and the service does not, with what it offers instead
 */
export function drawService(caps) {
  for (const [field, id] of Object.entries(RADIOS)) if (field !== 'sound') offer(document.getElementById(id), caps[field]);
  drawSounds();
  const [min, max] = durationEnds(caps);
  limit(control('duration'), { min, max, step: stepOf(caps.duration.one_of) });
  drawExtras();
  const form = get('form');
  const changes = {};
  for (const field of Object.keys(RADIOS)) {
    if (!caps[field].includes(form[field])) changes[field] = field === 'sound' ? otherSound(form.sound, caps) : caps[field][0];
  }
  if (!allowsDuration(form.duration, caps)) changes.duration = nearestDuration(form.duration, caps);
  return changes;
}

/** Shows the ways to a sound; an mp3 is laid under the film here only where the service cannot hear it itself. */
export function drawSounds() {
  const { capabilities: { sound, audio } } = chosen();
  const hears = sound.includes('own') && !(audio?.needs_public_url && get('reachable') === false);
  const shown = sound.filter((way) => way !== 'under' || !hears || get('form').sound === 'under');
  const group = document.getElementById(RADIOS.sound);
  offer(group, shown);
  group.dataset.ways = String(shown.length);
}

/** One's own mp3 stays in the film where there is any way to it. */
function otherSound(sound, caps) {
  const ways = sound === 'own' ? ['under'] : sound === 'under' ? ['own'] : [];
  return ways.find((way) => caps.sound.includes(way)) ?? caps.sound[0];
}

/** Shows the extra fields that the service has, and More settings only with one of them. */
function drawExtras() {
  const { fields } = chosen().capabilities;
  const more = document.getElementById('more');
  if (!more) return;   // no service has an extra field
  more.hidden = Object.keys(fields).length === 0;
  for (const [name, { id, write: put }] of Object.entries(controls)) {
    const element = id.startsWith(EXTRA) && document.getElementById(id);
    if (!element) continue;
    element.hidden = !(name in fields);
    const input = control(name);
    if (input?.type === 'number') limit(input, { min: fields[name]?.from ?? '', max: fields[name]?.to ?? '', step: 1 });
    if (input && document.activeElement !== input) put(input, get('form')[name]);
  }
}

/** The step of the field's own arrows: the largest that reaches every length on offer. */
function stepOf(choices) {
  if (!choices || choices.length < 2) return 1;
  const gcd = (a, b) => (b ? gcd(b, a % b) : a);
  return choices.slice(1).map((s, i) => s - choices[i]).reduce(gcd);
}
