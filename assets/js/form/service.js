// The service: a button that opens a list of native radios, one line about each, drawn from the capabilities table.
import { boot } from '../core/boot.js';
import { el, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { chosen } from '../core/services.js';
import { get, on, set } from '../core/store.js';
import { t } from '../core/texts.js';

let list = null;

/** @param {{element: HTMLElement}} widget */
export function mountService({ element }) {
  list = new ServiceList(element.querySelector('.svc'));
}

/** Opens the list and leads there. */
export function openServices() {
  list?.open(true);
}

class ServiceList {
  #root; #button; #list; #from = null;

  constructor(root) {
    this.#root = root;
    this.#button = root.querySelector('.svc-btn');
    this.#list = root.querySelector('.svc-list');
    this.#button.append(icon('chevron'));
    setText(root.querySelector('.svc-l'), t('form.service.label'));
    setText(root.querySelector('legend'), t('form.service.label'));
    const field = root.querySelector('fieldset');
    for (const service of boot().services) field.append(row(service));
    this.#button.addEventListener('click', () => this.open(this.#list.hidden));
    this.#list.addEventListener('change', ({ target }) => set('service', target.value));
    root.addEventListener('keydown', ({ key }) => {
      if (key === 'Escape' && !this.#list.hidden) this.open(false);
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (!this.#list.hidden && !root.contains(target) && !this.#from?.contains(target)) this.#close();
    });
    root.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !root.contains(relatedTarget)) this.#close();
    });
    on(['service'], () => this.#draw());
    this.#draw();
  }

  #draw() {
    setText(this.#root.querySelector('.svc-n'), chosen().name);
    for (const radio of this.#list.querySelectorAll('input')) radio.checked = radio.value === get('service');
  }

  open(shown) {
    if (!shown) {
      this.#close();
      (this.#from ?? this.#button).focus();
      this.#from = null;
      return;
    }
    this.#from = this.#root.contains(document.activeElement) ? null : document.activeElement;
    this.#list.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    this.#list.querySelector('input:checked')?.focus();
    this.#list.scrollIntoView({ block: 'nearest' });
  }

  #close() {
    this.#list.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
  }
}

function row(service) {
  const label = el('label', 'svc-row');
  const radio = el('input');
  radio.type = 'radio';
  radio.name = 'service';
  radio.value = service.id;
  const words = el('span', 'svc-m');
  words.append(el('b', '', service.name), el('span', 'facts', aboutService(service)));
  label.append(radio, words, el('span', 'svc-p', t(service.paid ? 'form.service.price_unknown' : 'form.service.price_free')));
  return label;
}

function aboutService({ paid, ready, capabilities: { duration } }) {
  if (!paid) return t(boot().local ? 'form.service.free' : 'form.service.free_there');
  const lengths = duration.one_of
    ? t('form.service.choice', { allowed: duration.one_of.join(', ') })
    : t('form.service.range', { min: duration.from, max: duration.to });
  return ready ? lengths : `${lengths} · ${t('form.service.needs_key')}`;
}
