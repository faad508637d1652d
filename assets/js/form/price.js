// The line under Generate: what is missing, what it costs, what went wrong; and how Generate looks.
import { el } from '../core/dom.js';
import { chosen } from '../core/services.js';
import { get, on } from '../core/store.js';
import { maybeText, t } from '../core/texts.js';
import { label } from './natives.js';
import { drawWaiting } from './patches.js';
import { missing } from './request.js';

/** Seconds of work a second of a free draft takes, about, on two cores. */
const DRAFT_PACE = { '720p': 0.5, '1080p': 1 };

let line = null;

/**
 * @param {{element: HTMLElement, props: object, watch: Function}} widget its value carries Generate's answer
 */
export function mountPrice({ element, props, watch }) {
  line = new PriceLine(element.querySelector('.price'));
  line.drawPrice();
  watch('value', () => line.answered(props.value));
}

/** Begins to draw, once the controls are there; `answered` hears Generate's answers. */
export function startPrice({ answered }) {
  line.answered = answered;
  document.getElementById('generate').setAttribute('aria-keyshortcuts', 'Control+Enter Meta+Enter');
  on(['form', 'service', 'image', 'audio'], () => {
    if (line.status.kind === 'wrong' || line.status.kind === 'told') line.status = { kind: 'idle' };   // it may not be so any more
    line.draw();
  });
  // any call that succeeds: the poll's, the draft's
  document.addEventListener('studio:reached', () => { if (line.status.away) say({ kind: 'told', text: t('form.failed.back') }); });
  line.draw();
}

/** @param {import('./submit.js').Status} status */
export function say(status) {
  line.status = status;
  line.draw();
}

/** What a missing thing is called in words. */
export function missingText({ code, field, params }) {
  return maybeText(`form.missing.${code}`, { ...params, label: label(field) }) ?? t('form.missing.other', { label: label(field) });
}

class PriceLine {
  #line; status = { kind: 'idle' }; answered = () => {};

  constructor(node) {
    this.#line = node;
  }

  /** The price alone, while it is not known yet what is in the form. */
  drawPrice() {
    this.#line.replaceChildren(el('span', '', price()));
  }

  draw() {
    const lacking = missing();
    const sending = this.status.kind === 'sending';
    const button = document.getElementById('generate');
    button.dataset.missing = [...new Set(lacking.map(({ field }) => field))].join(' ');
    button.setAttribute('aria-busy', String(sending));
    drawWaiting(button, lacking.length > 0 || sending);
    const words = this.#words(lacking);
    const said = JSON.stringify(words);
    if (this.#line.dataset.said === said) return;   // a live region speaks when it is written, not when it changes
    this.#line.dataset.said = said;
    this.#line.dataset.kind = this.status.kind;
    const keys = el('kbd', '', words.keys ?? '');
    keys.setAttribute('aria-hidden', 'true');   // the button itself tells its keys
    const pieces = [words.strong && el('b', '', words.strong), ...words.plain.map((text) => el('span', '', text)), words.keys && keys];
    this.#line.replaceChildren(...pieces.filter(Boolean).flatMap((piece) => [piece, ' ']));
  }

  #words(lacking) {
    if (this.status.kind === 'sending') return { strong: t('form.sending'), plain: [] };
    if (this.status.kind === 'wrong' || this.status.kind === 'told') return { strong: this.status.text, plain: this.status.hint ? [this.status.hint] : [] };
    return {
      strong: lacking.length > 0 ? missingText(lacking[0]) : '',
      plain: [price()],
      keys: lacking.length > 0 ? '' : t(navigator.platform.startsWith('Mac') ? 'form.keys.mac' : 'form.keys.other'),
    };
  }
}

function price() {
  const { name, capabilities } = chosen();
  if (capabilities.paid) return t('form.price.unknown', { service: name });
  const { duration, quality } = get('form');
  return t('form.price.free', { seconds: Math.max(1, Math.round(duration * (DRAFT_PACE[quality] ?? DRAFT_PACE['1080p']))) });
}
