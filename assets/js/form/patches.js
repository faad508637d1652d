// What has to be bent in Gradio 6.31, each with a test in tests/browser/test_patches.py. Without any of them the control still
// works with the mouse and the keyboard; what is lost is said at each. (Two more are CSS: `overflow` of .gradio-container, for
// sticky, in page.css; the z-index of #make above Gradio's labels, in form.css.)

/** Resolves when every selector is in the page: Gradio draws its controls one after another. */
export function whenThere(selectors) {
  const there = () => selectors.every((selector) => document.querySelector(selector));
  if (there()) return Promise.resolve();
  return new Promise((resolve) => {
    const watcher = new MutationObserver(() => {
      if (!there()) return;
      watcher.disconnect();
      resolve();
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  });
}

/** A group of radios is called what stands above it. Lost without it: a screen reader reads the options without their question. */
export function nameGroup(fieldset) {
  const words = fieldset.querySelector('[data-testid=block-info]');
  if (!words) return;
  words.id = `${fieldset.id}-label`;
  fieldset.setAttribute('aria-labelledby', words.id);
}

/** An accordion's button says whether it is open, and is called by its words alone. Lost without it: a screen reader hears neither. */
export function tellOpen(accordion) {
  const button = accordion.querySelector(':scope > button');
  const content = accordion.querySelector('[data-testid=accordion-content]');
  button.lastElementChild.setAttribute('aria-hidden', 'true');
  const tell = () => button.setAttribute('aria-expanded', String(content.style.display !== 'none'));
  new MutationObserver(tell).observe(content, { attributes: true, attributeFilter: ['style'] });
  tell();
}

/**
 * Has a closed accordion's controls drawn, which Gradio does when it is opened first: it sets their values a moment after they
 * can be typed into. Lost without it: what is typed in that moment.
 */
export async function drawAhead(accordion, selectors) {
  const button = accordion.querySelector(':scope > button');
  accordion.classList.add('drawing');
  button.click();
  await Promise.race([whenThere(selectors), pause(2000)]);
  await pause(50);
  button.click();
  accordion.classList.remove('drawing');
}

function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

/** One name for all radios of a group. Lost without it: arrow keys; each radio is a tab stop of its own. */
export function nameRadios(fieldset) {
  const name = () => {
    for (const radio of fieldset.querySelectorAll('input[type=radio]')) if (radio.name !== fieldset.id) radio.name = fieldset.id;
  };
  name();
  new MutationObserver(name).observe(fieldset, { subtree: true, childList: true, attributes: true, attributeFilter: ['name'] });
}

/** Sets a text or number as if it was typed, so that Gradio's own value follows. Lost without it: setting from the strip or a draft. */
export function type(input, value) {
  const text = value === null || value === undefined ? '' : String(value);
  if (input.value === text) return;
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value').set.call(input, text);
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

/** Chooses an option of a Radio, or ticks a Checkbox, as if it was clicked. Lost without it: as above. */
export function click(input, checked = true) {
  if (input && input.checked !== checked) input.click();
}

/** Shows only the options that are offered. Lost without it: one may choose what the server then refuses in words. */
export function offer(fieldset, values) {
  for (const radio of fieldset.querySelectorAll('input[type=radio]')) {
    const offered = values.includes(radio.value);
    radio.disabled = !offered;
    radio.closest('label').hidden = !offered;
  }
}

/** Limits and step of a number. Lost without it: the arrows in the field go beyond; the server refuses in words. */
export function limit(input, { min, max, step }) {
  input.min = String(min);
  input.max = String(max);
  input.step = String(step);
}

/** A line under a native control, for what is wrong with it; tied to it for screen readers. Lost without it: the words stand in the make bar alone. */
export function noteUnder(block, input, cls = '') {
  const note = document.createElement('p');
  note.id = `${block.id}-${cls || 'note'}`;
  note.className = `field-note ${cls}`.trim();
  block.append(note);
  const ids = new Set((input.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean)).add(note.id);
  input.setAttribute('aria-describedby', [...ids].join(' '));
  return note;
}

/** Lets a form that is higher than the window stick by its lower end. Lost without it: its end is out of sight while it sticks. */
export function stickByTheEnd(form) {
  const settle = () => form.style.setProperty('--form-top', `${Math.min(16, innerHeight - form.offsetHeight)}px`);
  new ResizeObserver(settle).observe(form);
  addEventListener('resize', settle);
  settle();
}

/** Puts another word on a button of Gradio's. Lost without it: the price that is agreed to stands beside the button alone. */
export function relabel(button, text) {
  const word = [...button.childNodes].findLast((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
  if (word && word.data.trim() !== text) word.data = text;
}

/** Draws the button as waiting and says so, but leaves it focusable. Lost without it: it looks as if one could generate, and leads to what is missing. */
export function drawWaiting(button, waiting) {
  button.setAttribute('aria-disabled', String(Boolean(waiting)));
  button.dataset.look = waiting ? 'waiting' : '';
}
