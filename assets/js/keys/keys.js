// Keys: a native dialog with one row for each paid service. A key goes to the server and never comes back, but for its last characters.
import { boot } from '../core/boot.js';
import { button, el, setAttr, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { get, on } from '../core/store.js';
import { t } from '../core/texts.js';
import { Owner } from './owner.js';
import { dropKey, keepKey, learnAgain, learnKeys } from './standing.js';

let dialog = null;

/** @param {{element: HTMLElement}} widget */
export function mountKeys({ element }) {
  dialog = new Keys(element.querySelector('dialog'));
}

/**
 * Opens Keys, at the row of a service.
 * @param {string} [service]
 * @param {HTMLElement | null} [back] where the focus goes afterwards, if not to where it was
 */
export function openKeys(service = '', back = null) {
  dialog?.open(service, back);
}

class Keys {
  #dialog; #rows; #owner; #back = null;

  constructor(root) {
    this.#dialog = root;
    const paid = boot().services.filter((service) => service.paid);
    setText(root.querySelector('h2'), t('keys.title'));
    setText(root.querySelector('.keys-about'), t('keys.about'));
    const close = root.querySelector('.icon-btn');
    close.append(icon('cross'));
    setAttr(close, 'aria-label', t('keys.close'));
    close.title = t('keys.close');
    close.addEventListener('click', () => root.close());
    root.addEventListener('click', ({ target }) => { if (target === root) root.close(); });   // beside it
    root.addEventListener('close', () => {
      this.#forget();
      this.#back?.focus();
    });
    this.#rows = new Map(paid.map((service) => [service.id, new KeyRow(service)]));
    root.querySelector('ul').append(...[...this.#rows.values()].map(({ element }) => element));
    this.#owner = new Owner(root.querySelector('.keys-owner'));
    on(['keys'], () => this.#draw());
    if (paid.length === 0) return;
    learnAgain();   // and when Keys is opened
    document.addEventListener('studio:spent', learnAgain);   // less is left
    // while nothing is bought it is asked for whenever the page is looked at again
    document.addEventListener('visibilitychange', () => { if (!document.hidden && !get('me').paid) learnAgain(); });
  }

  #forget() {
    for (const row of this.#rows.values()) row.forget();
    this.#owner.forget();
  }

  open(service, back) {
    this.#back = back;
    this.#forget();
    this.#draw();
    if (!this.#dialog.open) this.#dialog.showModal();
    (this.#rows.get(service) ?? this.#rows.values().next().value)?.focus();
    learnKeys().catch((error) => { for (const row of this.#rows.values()) row.say(error.message, 'wrong'); });
  }

  #draw() {
    for (const [id, row] of this.#rows) row.patch(get('keys')[id] ?? null);
  }
}

class KeyRow {
  #service; #state; #remove; #input; #keep; #said; #busy = false;

  constructor(service) {
    this.#service = service;
    const { id, name } = service;
    this.element = el('li', 'key-row');
    this.element.dataset.service = id;
    const head = el('div', 'key-head');
    this.#state = el('span', 'facts');
    this.#remove = button(t('keys.remove'), { cls: 'link', onClick: () => this.#drop() });
    setAttr(this.#remove, 'aria-label', t('keys.remove_of', { service: name }));
    head.append(el('h3', '', name), this.#state, this.#remove);
    const form = el('form', 'key-form');
    const label = el('label', 'sr', t('keys.label', { service: name }));
    this.#input = el('input');
    this.#input.type = 'password';
    this.#input.id = `key-of-${id}`;
    label.htmlFor = this.#input.id;
    for (const [attribute, value] of Object.entries({ autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', maxlength: '600' })) {
      this.#input.setAttribute(attribute, value);
    }
    this.#keep = button(t('keys.keep'));
    this.#keep.type = 'submit';
    setAttr(this.#keep, 'aria-label', t('keys.keep_of', { service: name }));
    form.append(label, this.#input, this.#keep);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#try();
    });
    this.#said = el('p', 'key-said');
    this.#said.setAttribute('role', 'status');
    this.#said.id = `key-said-${id}`;
    this.#input.setAttribute('aria-describedby', this.#said.id);
    this.element.append(head, form, this.#said);
    if (service.key_url) this.element.append(madeAt(service));
    this.patch(null);
  }

  patch(standing) {
    const words = { yours: () => t('keys.yours', { tail: standing.tail ?? '' }), server: () => t('keys.server'), none: () => t('keys.none') };
    setText(this.#state, standing ? words[standing.key]() : '');
    this.#remove.hidden = !standing?.tail;
    setAttr(this.#input, 'placeholder', t(standing?.tail ? 'keys.another' : 'keys.paste'));
  }

  focus() {
    this.#input.focus();
    this.element.scrollIntoView({ block: 'nearest' });
  }

  /** What was typed stays nowhere when the dialog is closed. */
  forget() {
    this.#input.value = '';
    this.say('');
  }

  say(text, kind = 'plain') {
    setText(this.#said, text);
    this.#said.dataset.kind = kind;
    setAttr(this.#input, 'aria-invalid', kind === 'wrong' && text !== '' ? 'true' : null);
  }

  async #try() {
    const key = this.#input.value.trim();
    if (key === '') {
      this.say(t('keys.empty'), 'wrong');
      this.#input.focus();
      return;
    }
    await this.#work(t('keys.trying', { service: this.#service.name }), async () => {
      const confirmed = await keepKey(this.#service.id, key);
      this.#input.value = '';
      this.say(t(confirmed ? 'keys.works' : 'keys.kept', { service: this.#service.name }));
    });
  }

  async #drop() {
    await this.#work(t('keys.removing'), async () => {
      await dropKey(this.#service.id);
      this.say(t('keys.removed', { service: this.#service.name }));
      this.#input.focus();
    });
  }

  async #work(doing, work) {
    if (this.#busy) return;
    this.#busy = true;
    setAttr(this.#keep, 'aria-disabled', 'true');
    this.say(doing);
    try {
      await work();
    } catch (error) {
      // its own hint leads to where one is already
      const hint = error.code === 'key_refused' ? t('keys.refused') : error.hint;
      this.say([error.message, hint].filter(Boolean).join(' '), 'wrong');
      this.#input.focus();
    }
    this.#busy = false;
    setAttr(this.#keep, 'aria-disabled', null);
  }
}

function madeAt({ name, key_url: address }) {
  const line = el('p', 'key-made');
  const link = el('a', 'link', t('keys.made_at', { service: name }));
  link.href = address;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  line.append(link);
  return line;
}
