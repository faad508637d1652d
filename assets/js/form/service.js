// The service: a button that opens a list of native radios. Every service is shown side by side for the film as the form has it:
// what it costs there, whether it can be made there, and what would have to change.
import { boot } from '../core/boot.js';
import { setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { chosen } from '../core/services.js';
import { get, on, set } from '../core/store.js';
import { t } from '../core/texts.js';
import { openKeys } from '../keys/keys.js';
import { learnAgain } from '../keys/standing.js';
import { ServiceRow } from './offer.js';
import { cheapest, offerOf } from './offers.js';

/** Px between the open list and the upper edge of the window. */
const MARGIN = 16;

let list = null;

/** @param {{element: HTMLElement}} widget */
export function mountService({ element }) {
  list = new ServiceList(element.querySelector('.svc'));
}

/** Whether the list is open: services are passed by, none is settled on yet. */
export function choosing() { return list?.isOpen ?? false; }

/** Opens the list and leads there. */
export function openServices() {
  list?.open(true);
}

class ServiceList {
  #root; #button; #list; #foot; #add; #rows; #from = null;

  constructor(root) {
    this.#root = root;
    this.#button = root.querySelector('.svc-btn');
    this.#list = root.querySelector('.svc-list');
    this.#foot = root.querySelector('.svc-foot span');
    this.#add = root.querySelector('.svc-foot button');
    this.#button.append(icon('chevron'));
    setText(root.querySelector('.svc-l'), t('form.service.label'));
    setText(root.querySelector('legend'), t('form.service.label'));
    this.#rows = new Map(boot().services.map((service) => [service.id, new ServiceRow(service, () => this.#close())]));
    root.querySelector('fieldset').append(...[...this.#rows.values()].map(({ element }) => element));
    this.#button.addEventListener('click', () => this.open(this.#list.hidden));
    this.#list.addEventListener('change', ({ target }) => { if (target.type === 'radio') set('service', target.value); });
    this.#drawFoot();
    this.#listen();
    on(['service', 'offers', 'form', 'keys', 'me'], () => this.#draw());
    this.#draw();
  }

  #listen() {
    const root = this.#root;
    root.addEventListener('keydown', (event) => {
      const { key, target } = event;
      const taken = key === 'Enter' && target.type === 'radio' && !event.ctrlKey && !event.metaKey;
      if ((key !== 'Escape' && !taken) || !this.isOpen) return;
      event.preventDefault();   // the click of that Enter would open it again
      this.open(false);
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (!this.#list.hidden && !root.contains(target) && !this.#from?.contains(target)) this.#close();
    });
    root.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget && !root.contains(relatedTarget)) this.#close();
    });
    this.#add.addEventListener('click', () => {
      this.#close();
      openKeys(get('service'), this.#button);
    });
  }

  get isOpen() { return !this.#list.hidden; }

  #drawFoot() {
    const anyPaid = boot().services.some(({ paid }) => paid);
    this.#foot.parentElement.hidden = !anyPaid;
    setText(this.#add, t('form.service.add_key'));
  }

  #draw() {
    setText(this.#root.querySelector('.svc-n'), chosen().name);
    const { duration, quality, sound } = get('form');
    const silent = sound === 'silent' || sound === 'under';
    setText(this.#foot, t(silent ? 'form.service.foot_silent' : 'form.service.foot', { seconds: duration, quality }));
    const least = get('me').paid ? cheapest() : null;
    for (const [id, row] of this.#rows) row.patch({ offer: offerOf(id), chosen: id === get('service'), least: id === least });
  }

  open(shown) {
    if (!shown) {
      this.#close();
      (this.#from ?? this.#button).focus();
      this.#from = null;
      return;
    }
    this.#from = this.#root.contains(document.activeElement) ? null : document.activeElement;
    // from where the button stands now; the list scrolls inside what room there is above it
    this.#button.scrollIntoView({ block: 'nearest' });
    this.#list.style.setProperty('--room', `${Math.max(240, this.#button.getBoundingClientRect().top - MARGIN)}px`);
    this.#list.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    learnAgain();
    this.#list.querySelector('input:checked')?.focus();
    this.#list.scrollIntoView({ block: 'nearest' });
  }

  #close() {
    this.#list.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
    document.dispatchEvent(new Event('studio:settled'));
  }
}
