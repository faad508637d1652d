// The note of an order whose outcome nobody knows. It is paid for, perhaps: it is settled, never thrown away or made again from here.
import { button, el, setAttr, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { atMost } from '../core/money.js';
import { t } from '../core/texts.js';
import { busy, noteParts } from './notices.js';
import { ago, mostOf, noteWords, serviceOf } from './words.js';

export function unconfirmed(card) {
  const note = new Settlement(card);
  return { over: [], text: note.text, tick() {}, patch: (job) => note.patch(job) };
}

/** One step at a time: what to do, which number, what was found, or whether it was never made. */
class Settlement {
  #card; #parts; #more = el('div', 'more'); #step = 'ask'; #found = null; #working = false;

  constructor(card) {
    this.#card = card;
    this.#parts = noteParts(card.job);
    this.#parts.text.append(this.#more);
    this.#go('ask', { quietly: true });
  }

  get text() { return this.#parts.text; }

  get #service() { return serviceOf(this.#card.job).name; }

  // What a person is doing is never drawn anew by news.
  patch(job) { if (this.#step === 'ask') this.#parts.say(noteWords(job), 'ask'); }

  #go(step, { quietly = false } = {}) {
    this.#step = step;
    this.#more.replaceChildren();
    this.#card.trouble('');
    const lead = { ask: () => this.#ask(), number: () => this.#number(), found: () => this.#showFound(), never: () => this.#never() }[step]();
    if (!quietly) lead.focus();
  }

  #ask() {
    this.patch(this.#card.job);
    const look = button(t('gallery.act.look_again'), { cls: 'btn strong', onClick: () => this.#look(look) });
    const number = button(t('gallery.act.have_number'), { onClick: () => this.#go('number') });
    const never = button(t('gallery.act.never_made'), { onClick: () => this.#go('never') });
    this.#parts.acts.replaceChildren(look, number, never);
    return look;
  }

  async #look(asked) {
    const answer = await this.#work(asked, t('gallery.act.looking'), () => this.#card.hands.settle.look(this.#card));
    if (answer === null || this.#step !== 'ask' || this.#card.job.state !== 'unconfirmed') return;
    const said = el('p', 'body');
    said.setAttribute('role', 'status');
    this.#more.replaceChildren(said);
    setText(said, answer.candidates?.length ? t('gallery.unconfirmed.candidates') : t('gallery.unconfirmed.nothing', { service: this.#service }));
    if (answer.candidates?.length) this.#more.append(this.#candidates(answer.candidates));
  }

  #candidates(listed) {
    const list = el('ul', 'candidates');
    list.append(...listed.map(({ task_id: number, created_at: begun }) => {
      const line = el('li');
      const words = begun ? t('gallery.unconfirmed.candidate', { number, ago: ago(begun) }) : t('gallery.unconfirmed.candidate_plain', { number });
      const check = button(t('gallery.act.check'), { onClick: () => this.#check(number, check) });
      check.setAttribute('aria-label', t('gallery.act.check_of', { number }));
      line.append(el('span', 'name', words), check);
      return line;
    }));
    return list;
  }

  #number(wrong = '', typed = '') {
    this.#parts.say({ tag: t('gallery.unconfirmed.tag'), head: t('gallery.unconfirmed.number.title'), body: [t('gallery.unconfirmed.number.body', { service: this.#service })] }, 'ask');
    const form = el('form', 'task');
    const label = el('label', 'label', t('gallery.unconfirmed.number.label'));
    const input = el('input');
    const check = button(t('gallery.act.check'), { cls: 'btn strong' });
    check.type = 'submit';
    const fault = el('p', 'fault');
    fault.setAttribute('role', 'status');
    input.type = 'text';
    input.id = `task-of-${this.#card.job.id}`;
    fault.id = `${input.id}-fault`;
    label.htmlFor = input.id;
    for (const [name, value] of Object.entries({ autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', maxlength: '200' })) input.setAttribute(name, value);
    input.placeholder = t('gallery.unconfirmed.number.placeholder');
    input.setAttribute('aria-describedby', fault.id);
    input.value = typed;
    const say = (text) => {
      fault.replaceChildren(...(text ? [icon('alert'), el('span', '', text)] : []));
      setAttr(input, 'aria-invalid', text ? 'true' : null);
    };
    say(wrong);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const number = input.value.trim();
      if (number === '') { say(t('gallery.unconfirmed.number.empty')); input.focus(); return; }
      say('');
      if (await this.#check(number, check) === 'unknown') {
        say(t('gallery.unconfirmed.number.unknown', { service: this.#service }));
        input.focus();
      }
    });
    form.append(label, input, check, button(t('gallery.act.back'), { onClick: () => this.#go('ask') }), fault);
    this.#parts.acts.replaceChildren();
    this.#more.replaceChildren(form);
    return input;
  }

  /** @returns {Promise<'found' | 'unknown' | 'failed'>} */
  async #check(number, asked) {
    const step = this.#step;
    const answer = await this.#work(asked, t('gallery.act.checking'), () => this.#card.hands.settle.check(this.#card, number));
    if (answer === null || this.#step !== step) return 'failed';
    if (answer.found === null) {
      if (step === 'ask') {
        this.#step = 'number';
        this.#number(t('gallery.unconfirmed.number.unknown', { service: this.#service }), number).focus();
      }
      return 'unknown';
    }
    this.#found = answer.found;
    this.#go('found');
    return 'found';
  }

  #showFound() {
    const most = mostOf(this.#card.job);
    const { quality, duration } = this.#card.job.request;
    this.#parts.say({
      tag: t('gallery.unconfirmed.found.tag'),
      head: t('gallery.unconfirmed.found.title', { service: this.#service }),
      body: [
        `${quality}, ${t('gallery.facts.seconds', { n: duration })}.`,
        t(`gallery.unconfirmed.found.${this.#found.status}`),
        most === null ? t('gallery.unconfirmed.found.once') : t('gallery.unconfirmed.found.price', { price: atMost(most) }),
      ],
    }, 'tick');
    const bring = button(t('gallery.act.bring'), { cls: 'btn strong', onClick: () => this.#settle(bring, (card) => card.hands.settle.attach(card, this.#found.task_id)) });
    this.#parts.acts.replaceChildren(bring, button(t('gallery.act.another_number'), { onClick: () => this.#go('number') }));
    return bring;
  }

  #never() {
    this.#parts.say({ tag: t('gallery.unconfirmed.tag'), head: t('gallery.unconfirmed.never.title'), body: [t('gallery.unconfirmed.never.body', { service: this.#service })] }, 'ask');
    const yes = button(t('gallery.act.yes_never'), { cls: 'btn strong', onClick: () => this.#settle(yes, (card) => card.hands.settle.never(card)) });
    const back = button(t('gallery.act.back'), { onClick: () => this.#go('ask') });
    this.#parts.acts.replaceChildren(yes, back);
    return back;   // an Enter that is held down settles nothing
  }

  #settle(asked, work) {
    return this.#work(asked, t('gallery.act.ordering'), () => work(this.#card));
  }

  async #work(asked, text, work) {
    if (this.#working) return null;
    this.#working = true;
    busy(asked, text);
    const answer = await work();
    this.#working = false;
    busy(asked, null);
    return answer;
  }
}
