// The lines under Generate: what is missing, what it costs, what went wrong, where the picture goes; and how Generate looks.
import { boot } from '../core/boot.js';
import { button as newButton, el, setText } from '../core/dom.js';
import { atMost, dollars } from '../core/money.js';
import { chosen } from '../core/services.js';
import { get, on, set } from '../core/store.js';
import { maybeText, t } from '../core/texts.js';
import { openKeys } from '../keys/keys.js';
import { label, write } from './natives.js';
import { offerOf } from './offers.js';
import { drawWaiting, relabel } from './patches.js';
import { missing } from './request.js';

/** Seconds of work a second of a free draft takes, about, on two cores. */
const DRAFT_PACE = { '720p': 0.5, '1080p': 1 };

let line = null;

/**
 * @param {{element: HTMLElement, props: object, watch: Function}} widget its value carries Generate's answer
 */
export function mountPrice({ element, props, watch }) {
  line = new PriceLine(element.querySelector('.price'), element.querySelector('.stays'));
  line.drawPrice();
  watch('value', () => line.answered(props.value));
}

/** Begins to draw, once the controls are there; `answered` hears Generate's answers. */
export function startPrice({ answered }) {
  line.answered = answered;
  document.getElementById('generate').setAttribute('aria-keyshortcuts', 'Control+Enter Meta+Enter');
  on(['form', 'service', 'image', 'audio'], () => {
    if (line.status.kind !== 'sending') line.status = { kind: 'idle' };   // what was said may not be so any more
    line.draw();
  });
  // any call that succeeds: the poll's, the draft's
  document.addEventListener('studio:reached', () => { if (line.status.away) say({ kind: 'told', text: t('form.failed.back') }); });
  on(['offers', 'keys', 'me', 'reachable'], () => line.draw());
  line.draw();
}

/** @param {import('./submit.js').Status} status */
export function say(status) {
  line.status = status;
  line.draw();
}

/** The most that a press of Generate agrees to: what stands beside the button, in USD. @returns {string | null} nobody knows */
export function agreedPrice() {
  return line.status.kind === 'price' ? line.status.now : (offerOf(chosen().id)?.price?.at_most ?? null);
}

/** What a missing thing is called in words. */
export function missingText({ code, field, params }) {
  return maybeText(`form.missing.${code}`, { ...params, label: label(field) }) ?? t('form.missing.other', { label: label(field) });
}

class PriceLine {
  #line; #stays; status = { kind: 'idle' }; answered = () => {};

  constructor(node, stays) {
    this.#line = node;
    this.#stays = stays;
  }

  /** The price alone, while it is not known yet what is in the form. */
  drawPrice() {
    this.#line.replaceChildren(...price().map((piece) => el('span', '', piece)));
  }

  draw() {
    const lacking = missing();
    const sending = this.status.kind === 'sending';
    const button = document.getElementById('generate');
    button.dataset.missing = [...new Set(lacking.map(({ field }) => field))].join(' ');
    button.setAttribute('aria-busy', String(sending));
    drawWaiting(button, lacking.length > 0 || sending);
    relabel(button, this.status.kind === 'price' ? t('form.generate_for', { price: atMost(this.status.now) }) : t('form.generate'));
    this.#drawStays();
    const words = this.#words(lacking);
    const said = JSON.stringify(words);
    if (this.#line.dataset.said === said) return;   // a live region speaks when it is written, not when it changes
    this.#line.dataset.said = said;
    this.#line.dataset.kind = this.status.kind;
    const keys = el('kbd', '', words.keys ?? '');
    keys.setAttribute('aria-hidden', 'true');   // the button itself tells its keys
    const way = words.link && newButton(words.link.text, { cls: 'link', onClick: words.link.act });
    const pieces = [words.strong && el('b', '', words.strong), words.also && el('span', '', words.also), way, ...words.plain.map((text) => el('span', '', text)), words.keys && keys];
    this.#line.replaceChildren(...pieces.filter(Boolean).flatMap((piece) => [piece, ' ']));
  }

  // Where the picture goes and how long it stays there, before anything is sent.
  #drawStays() {
    const { name, keeps, capabilities } = chosen();
    const text = capabilities.paid && get('me').paid && keeps ? (maybeText(`keeps.${keeps}`, { service: name }) ?? '') : '';
    setText(this.#stays, text);
    this.#stays.hidden = text === '';
  }

  #words(lacking) {
    const { status } = this;
    if (status.kind === 'price') {
      const was = status.was === null ? t('form.price.nothing_sent') : t('form.price.was', { price: atMost(status.was) });
      return { strong: t('form.price.changed', { price: atMost(status.now) }), plain: [was] };
    }
    if (this.status.kind === 'sending') return { strong: t('form.sending'), plain: [] };
    // what was merely told takes no place of what stands there anyway
    if (status.kind === 'told') return { strong: status.text, also: lacking.length > 0 ? missingText(lacking[0]) : '', plain: price(), link: wayOut(lacking[0]) };
    if (this.status.kind === 'wrong') return { strong: this.status.text, plain: this.status.hint ? [this.status.hint] : [] };
    const costs = price();
    return {
      strong: lacking.length > 0 ? missingText(lacking[0]) : '',
      plain: costs,
      link: wayOut(lacking[0]),
      keys: lacking.length > 0 || costs.length > 1 ? '' : t(navigator.platform.startsWith('Mac') ? 'form.keys.mac' : 'form.keys.other'),
    };
  }
}

/** What it costs, in pieces. */
function price() {
  const { id, name, capabilities } = chosen();
  if (!capabilities.paid) {
    const { duration, quality } = get('form');
    return [t('form.price.free', { seconds: Math.max(1, Math.round(duration * (DRAFT_PACE[quality] ?? DRAFT_PACE['1080p']))) })];
  }
  const offer = offerOf(id);
  if (offer === null || !get('me').paid) return [];
  if (offer.price === null) return [t('form.price.unknown', { service: name }), ...left(id)];
  return [t('form.price.at_most', { service: name, price: atMost(offer.price.at_most) }), ...left(id)];
}

/** What is left on the account that would pay, where the service says so. */
function left(id) {
  const { balance } = get('keys')[id] ?? {};
  if (!balance || balance.unlimited) return [];
  if (balance.usd !== null) return [t('form.price.left', { amount: dollars(balance.usd) })];
  return balance.amount === null ? [] : [t('form.price.left', { amount: `${balance.amount} ${balance.unit}` })];
}

/** The one click that helps, where there is one. */
function wayOut(lacking) {
  if (lacking?.code === 'paid_paused') return wayToFree();
  if (lacking?.code === 'needs_key') return { text: t('form.service.add_key'), act: () => openKeys(chosen().id) };
  if (lacking?.code === 'needs_public_url' && chosen().capabilities.sound.includes('under')) {
    return { text: t('strip.lay_under'), act: () => write({ sound: 'under' }) };
  }
  return null;
}

function wayToFree() {
  const free = boot().services.find(({ paid }) => !paid);
  return free ? { text: t('form.service.use_free', { service: free.name }), act: () => set('service', free.id) } : null;
}
