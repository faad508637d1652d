// One service in the list: a radio, its price, and rule by rule what would have to change.
import { boot } from '../core/boot.js';
import { button, el, setText } from '../core/dom.js';
import { atMost } from '../core/money.js';
import { chosen } from '../core/services.js';
import { get, set } from '../core/store.js';
import { maybeText, t } from '../core/texts.js';
import { factsLine } from '../gallery/parts.js';
import { label, write } from './natives.js';
import { hindrances, oneOf } from './offers.js';

/** Fields that are choices of the form, by which a service's table names what it has. */
const CHOICES = new Set(['sound', 'quality', 'shot_type']);

export class ServiceRow {
  #service; #radio; #facts; #price; #mark; #needs; #drawn = ''; #close;

  /**
   * @param {object} service of the page's boot
   * @param {() => void} close puts the list away
   */
  constructor(service, close) {
    this.#service = service;
    this.#close = close;
    this.element = el('div', 'svc-item');
    const row = el('label', 'svc-row');
    this.#radio = el('input');
    this.#radio.type = 'radio';
    this.#radio.name = 'service';
    this.#radio.value = service.id;
    const words = el('span', 'svc-m');
    const head = el('b', '', service.name);
    this.#mark = el('span', 'svc-least', t('form.service.cheapest'));
    this.#facts = factsLine('span');
    this.#price = el('span', 'svc-p');
    words.append(head, this.#mark, this.#facts.line);
    row.append(this.#radio, words, this.#price);
    this.#needs = el('ul', 'svc-needs');
    this.element.append(row, this.#needs);
  }

  /** @param {{offer: object | null, chosen: boolean, least: boolean}} news */
  patch({ offer, chosen: isChosen, least }) {
    this.#radio.checked = isChosen;
    this.#mark.hidden = !least;
    this.#facts.show(this.#about(offer).map((text) => ({ text, cls: 'piece' })));
    setText(this.#price, priceOf(this.#service, offer));
    this.#drawNeeds(offer);
  }

  // in pieces: a line is broken between them
  #about(offer) {
    const { paid, capabilities: { duration } } = this.#service;
    if (!paid) return [t(boot().local ? 'form.service.free' : 'form.service.free_there')];
    if (!get('me').paid) return [t('form.service.paused')];
    const lengths = duration.one_of
      ? t('form.service.choice', { allowed: oneOf(duration.one_of) })
      : t('form.service.range', { min: duration.from, max: duration.to });
    return [
      lengths,
      offer?.key === 'none' ? t('form.service.needs_key') : '',
      offer?.price ? t('form.service.seen', { source: offer.price.source, date: offer.price.as_of }) : '',
    ].filter(Boolean);
  }

  #drawNeeds(offer) {
    const broken = offer ? hindrances(offer) : [];
    const drawn = JSON.stringify(broken);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const hadFocus = this.#needs.contains(document.activeElement);
    this.#needs.replaceChildren(...broken.map((rule) => this.#need(rule)));
    this.#needs.hidden = broken.length === 0;
    if (hadFocus) this.#radio.focus();
  }

  #need(rule) {
    const line = el('li');
    line.append(el('span', '', wordsOf(rule)));
    const way = wayOut(rule);
    if (way) line.append(' ', button(way, { cls: 'link', onClick: () => this.#change(rule) }));
    return line;
  }

  // The change may be one that only this service knows: then it is chosen with it.
  #change({ field, fix }) {
    const { id, capabilities } = this.#service;
    if (fix === null) {
      set('service', id);   // its box now says what is to be mended, and how
      this.#close();
      document.querySelector(field === 'image' ? '#first-frame' : '#soundtrack')?.scrollIntoView({ block: 'nearest' });
      return;
    }
    this.#radio.focus();
    document.dispatchEvent(new Event('studio:settled'));   // what is chosen here is meant
    const here = chosen().capabilities;
    const unknown = CHOICES.has(fix.field) && capabilities[fix.field].includes(fix.value) && !here[fix.field].includes(fix.value);
    if (unknown) set('service', id);
    if (fix.field === 'audio') write({ sound: 'auto' });
    else if (fix.field === 'audio_start_s') set('form', { audio_start_s: fix.value });
    else write({ [fix.field]: fix.value });
  }
}

function priceOf({ paid }, offer) {
  if (!paid) return t('form.service.price_free');
  if (offer === null) return '';
  return offer.price ? t('form.service.at_most', { price: atMost(offer.price.at_most) }) : t('form.service.price_unknown');
}

/** What hinders it; an extra setting by its name, for its value says nothing. */
function wordsOf({ code, field, message }) {
  return code === 'not_offered' && !CHOICES.has(field) ? t('form.service.lacks', { label: label(field) }) : message;
}

/** What the button beside a rule says, or '' where only a person can say. */
function wayOut({ fix, mend }) {
  if (fix === null) return mend ? t('form.service.fix.mend') : '';
  const { field, value } = fix;
  if (field === 'duration') return t('form.service.fix.duration', { seconds: value });
  if (value === 'under') return t('strip.lay_under');
  if (CHOICES.has(field)) return t('form.service.fix.use', { value: maybeText(`form.${field}.${value}`) ?? value });
  if (field === 'prompt_extend') return t('form.service.fix.on', { label: label(field) });
  if (field === 'prompt') return t('form.service.fix.prompt');
  if (field === 'audio') return t('form.service.fix.audio');
  if (field === 'audio_start_s') return t('form.service.fix.start');
  if (value === null || value === false) return t('form.service.fix.without', { label: label(field) });
  return t('form.service.fix.set', { label: label(field), value });
}
