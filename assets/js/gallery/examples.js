import { call } from '../core/api.js';
import { button, el, setAttr, setText } from '../core/dom.js';
import { length, t } from '../core/texts.js';
import { Picture, playButton, shapeOf, wallRatio } from './parts.js';
import { shortName } from './words.js';

const ASK_FIRST_MS = 2000;
const ASK_MOST_MS = 15_000;

/** The first visit: three films of our own, to play or to begin with. Asked again while they are still being rendered. */
export class Examples {
  #box; #player; #say; #cards = new Map(); #timer = 0; #pause = ASK_FIRST_MS; #shown = false; #asking = false; #onNone;

  /**
   * @param {HTMLElement} box
   * @param {{player: import('./player.js').Player, say: (text: string) => void, onNone: () => void}} hands `onNone`: it
   *   turned out that there are no examples here
   */
  constructor(box, { player, say, onNone }) {
    this.#onNone = onNone;
    this.#box = box;
    this.#player = player;
    this.#say = say;
    document.addEventListener('visibilitychange', () => { if (this.#shown && !document.hidden && this.#unfinished()) this.#ask(); });
  }

  show() {
    if (this.#shown) return;
    this.#shown = true;
    this.#box.hidden = false;
    this.#pause = ASK_FIRST_MS;
    this.#ask();
  }

  hide() {
    if (!this.#shown) return;
    this.#shown = false;
    this.#box.hidden = true;
    clearTimeout(this.#timer);
    for (const card of this.#cards.values()) if (this.#player.holds(card.element)) this.#player.close();
  }

  // None yet: they may come.
  #unfinished() { return this.#cards.size === 0 || [...this.#cards.values()].some((x) => !x.example.video_url); }

  async #ask() {
    clearTimeout(this.#timer);
    if (this.#asking) return;
    this.#asking = true;
    try {
      await this.#fetch();
      if (this.#cards.size === 0) this.#onNone();
    } catch {
      // Unreachable or starting: asked again below.
    }
    this.#asking = false;
    if (!this.#shown || document.hidden || !this.#unfinished()) return;
    this.#timer = setTimeout(() => this.#ask(), this.#pause);
    this.#pause = Math.min(this.#pause * 1.5, ASK_MOST_MS);
  }

  async #fetch() {
    const { body } = await call('GET', 'examples');
    for (const example of body.examples) {
      const card = this.#cards.get(example.id);
      if (card) card.patch(example);
      else this.#add(example);
    }
    for (const card of this.#cards.values()) if (card.wanted && card.example.image_url) this.#use(card);
  }

  #add(example) {
    const card = new ExampleCard(example, {
      play: (x) => this.#player.open(x),
      use: (x) => this.#use(x),
      fresh: () => this.#fetch(),
    });
    this.#cards.set(example.id, card);
    this.#box.append(card.element);
  }

  // At the very first start the pictures are still being painted: taken then as soon as they are.
  async #use(card) {
    card.busy(true);
    card.trouble('');
    card.wanted = !card.example.image_url;
    if (card.wanted) { this.#pause = ASK_FIRST_MS; this.#ask(); return; }
    try {
      const { body } = await call('POST', `examples/${encodeURIComponent(card.example.id)}/use`);
      const { applyExample } = await import('../form/form.js');
      await applyExample(body);
      this.#say(t('gallery.welcome.taken'));
    } catch (error) {
      if (error.status === 503 && this.#unfinished()) { card.wanted = true; return; }
      card.fail(error.message);
      this.#say(error.message);
    }
    card.busy(false);
  }
}

/** One example; also the screen its film is opened on. */
class ExampleCard {
  /** Whether it was asked for before it was there. */
  wanted = false;
  #picture; #play; #long; #said; #use; #trouble;

  constructor(example, hands) {
    this.hands = hands;
    this.element = el('article', 'card example');
    this.element.dataset.state = 'example';
    this.element.dataset.example = example.id;
    this.shot = el('div', 'shot');
    this.#picture = new Picture(() => { hands.fresh().catch(() => {}); });   // the picture stays out, the words are there
    this.#play = playButton(() => hands.play(this));
    this.#long = el('span', 'len');
    this.shot.append(this.#picture.img, this.#play, this.#long);
    this.#said = el('p', 'said');
    this.#use = button(t('gallery.welcome.use'), { onClick: () => { if (this.#use.getAttribute('aria-disabled') !== 'true') hands.use(this); } });
    this.#trouble = el('p', 'trouble');
    this.#trouble.hidden = true;
    const foot = el('div', 'foot');
    foot.append(this.#said, this.#use, this.#trouble);
    this.element.append(this.shot, foot);
    this.patch(example);
  }

  patch(example) {
    this.example = example;
    const ratio = wallRatio(example.width, example.height);
    this.element.style.setProperty('--r', ratio);
    setAttr(this.element, 'data-shape', shapeOf(ratio));
    const name = this.name();
    setAttr(this.element, 'aria-label', name);
    setText(this.#said, example.prompt);
    setAttr(this.#said, 'title', example.prompt);
    setAttr(this.#play, 'aria-label', t('gallery.act.play', { name }));
    this.#play.hidden = !example.video_url;
    this.#long.hidden = !example.video_url;
    setText(this.#long, length(example.duration_s));
    this.#picture.show(example.id, example.poster_url ?? example.image_url);
  }

  name() { return shortName({ request: this.example }); }
  source() { return this.example.video_url; }
  poster() { return this.example.poster_url ?? this.example.image_url; }
  fresh() { return this.hands.fresh(); }
  trouble(what) { this.fail(what ? t(`gallery.trouble.${what}`) : ''); }

  fail(text) {
    setText(this.#trouble, text);
    this.#trouble.hidden = text === '';
  }

  busy(is) {
    setAttr(this.#use, 'aria-disabled', is ? 'true' : null);
    setText(this.#use.querySelector('span'), t(is ? 'gallery.welcome.using' : 'gallery.welcome.use'));
  }
}
