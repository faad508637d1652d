import { icon } from './icons.js';

/** Between two facts: a line may end with it, never begin. */
export const DOT = '\u00a0· ';

/**
 * An element with a class and a text; text goes in as text, never as markup.
 * @param {string} tag
 * @param {string} [cls]
 * @param {string | null} [text]
 */
export function el(tag, cls = '', text = null) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  if (text !== null) e.textContent = text;
  return e;
}

/** A button with its word and an optional icon (a name of icons.js). */
export function button(text, { cls = 'btn', iconName = null, onClick = null, hideWord = false } = {}) {
  const b = el('button', cls);
  b.type = 'button';
  if (iconName) b.append(icon(iconName));
  if (!hideWord) b.append(el('span', '', text));
  if (hideWord || iconName) { b.setAttribute('aria-label', text); b.title = text; }
  if (onClick) b.addEventListener('click', onClick);
  return b;
}

/** Puts a text in only if it differs, so that a live region speaks once. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or takes away an attribute. */
export function setAttr(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}
