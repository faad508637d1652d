// What only the owner may do, at the end of Keys: prove to be the owner, and decide whether anything is bought now.
import { button, el, setAttr, setText } from '../core/dom.js';
import { dollars } from '../core/money.js';
import { get, on } from '../core/store.js';
import { t } from '../core/texts.js';
import { becomeOwner, resignOwner, switchPaid } from './standing.js';

export class Owner {
  #section; #said; #claim; #rule; #form; #token; #prove; #paused; #left; #busy = false;

  /** @param {HTMLElement} section */
  constructor(section) {
    this.#section = section;
    this.#said = el('p', 'key-said');
    this.#said.setAttribute('role', 'status');
    this.#said.id = 'owner-said';
    this.#claim = this.#drawClaim();
    this.#rule = this.#drawRule();
    section.append(el('h3', '', t('keys.owner.title')), this.#claim, this.#rule, this.#said);
    on(['me'], () => this.#draw());
    this.#draw();
  }

  /** What was typed stays nowhere when the dialog is closed. */
  forget() {
    this.#token.value = '';
    this.#form.hidden = true;
    this.#say('');
    this.#draw();
  }

  #drawClaim() {
    const claim = el('div');
    const begin = button(t('keys.owner.claim'), { cls: 'link', onClick: () => {
      this.#form.hidden = false;
      begin.hidden = true;
      this.#token.focus();
      this.#form.scrollIntoView({ block: 'nearest' });
    } });
    this.#form = el('form', 'key-form');
    this.#form.hidden = true;
    const label = el('label', 'sr', t('keys.owner.token'));
    this.#token = el('input');
    this.#token.type = 'password';
    this.#token.id = 'owner-token';
    label.htmlFor = this.#token.id;
    for (const [name, value] of Object.entries({ autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', maxlength: '1000', placeholder: t('keys.owner.placeholder') })) {
      this.#token.setAttribute(name, value);
    }
    this.#token.setAttribute('aria-describedby', this.#said.id);
    this.#prove = button(t('keys.owner.prove'));
    this.#prove.type = 'submit';
    this.#form.append(label, this.#token, this.#prove);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#tryToken();
    });
    claim.append(begin, this.#form);
    return claim;
  }

  #drawRule() {
    const rule = el('div', 'owner-rule');
    const line = el('label', 'owner-switch');
    this.#paused = el('input');
    this.#paused.type = 'checkbox';
    this.#paused.setAttribute('aria-describedby', 'owner-about');
    this.#paused.addEventListener('change', () => this.#switch());
    line.append(this.#paused, el('span', '', t('keys.owner.paused')));
    const about = el('p', 'key-said', t('keys.owner.about'));
    about.id = 'owner-about';
    this.#left = el('p', 'key-said');
    rule.append(line, about, this.#left, button(t('keys.owner.resign'), { cls: 'link', onClick: () => this.#work(async () => {
      await resignOwner();
      this.#say(t('keys.owner.resigned'));
    }) }));
    return rule;
  }

  #draw() {
    const { owner, claimable, paid, left } = get('me');
    this.#section.hidden = !owner && !claimable;
    this.#rule.hidden = !owner;
    this.#claim.hidden = owner;
    this.#claim.firstChild.hidden = !this.#form.hidden;
    this.#paused.checked = !paid;
    setText(this.#left, left ? t('keys.owner.left', { usd: dollars(left.usd), spent: dollars(left.spent_usd) }) : '');
  }

  async #tryToken() {
    const token = this.#token.value.trim();
    if (token === '') {
      this.#say(t('keys.owner.empty'), 'wrong');
      this.#token.focus();
      return;
    }
    const proved = await this.#work(() => becomeOwner(token));
    if (!proved) {
      this.#token.focus();
      return;
    }
    this.#token.value = '';
    this.#form.hidden = true;
    this.#say(t('keys.owner.proved'));
    this.#paused.focus();
  }

  async #switch() {
    const on = !this.#paused.checked;
    const done = await this.#work(() => switchPaid(on));
    if (done) this.#say(t(on ? 'keys.owner.on' : 'keys.owner.off'));
    this.#draw();   // a switch that was not switched goes back
  }

  #say(text, kind = 'plain') {
    setText(this.#said, text);
    this.#said.dataset.kind = kind;
    setAttr(this.#token, 'aria-invalid', kind === 'wrong' && !this.#form.hidden ? 'true' : null);
  }

  /** @returns {Promise<boolean>} whether it went well */
  async #work(work) {
    if (this.#busy) return false;
    this.#busy = true;
    setAttr(this.#prove, 'aria-disabled', 'true');
    this.#say('');
    let well = true;
    try {
      await work();
    } catch (error) {
      well = false;
      this.#say([error.message, error.hint].filter(Boolean).join(' '), 'wrong');
    }
    this.#busy = false;
    setAttr(this.#prove, 'aria-disabled', null);
    return well;
  }
}
