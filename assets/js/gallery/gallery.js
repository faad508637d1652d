import { setText } from '../core/dom.js';
import { t } from '../core/texts.js';
import { Acts } from './acts.js';
import { Card } from './card.js';
import { Examples } from './examples.js';
import { Feed, oneJob } from './feed.js';
import { Notes } from './notes.js';
import { Player } from './player.js';
import { Poll } from './poll.js';
import { Wall } from './wall.js';
import { atWork, kindOf, noteWords, serviceOf, shortName } from './words.js';

/** Milliseconds between two looks at the clock: while a job is watched, and otherwise. */
const TICK_BUSY_MS = 1000;
const TICK_MS = 20_000;
/** Looks in vain after which the page says that the studio cannot be reached. */
const SAY_AWAY_AFTER = 3;
/** Pages that are turned at most to reach the film an address names. */
const LEAD_PAGES = 20;

let gallery = null;
const early = [];

/** Gives the wall of films its behaviour. */
export function mountGallery({ element }) {
  gallery = new Gallery(element.querySelector('.videos'));
  gallery.start();
  for (const job of early.splice(0)) gallery.show(job);
}

/** Asks for news at once. */
export function pollNow() { gallery?.pollNow(); }

/** Puts a job that was just ordered first on the wall. */
export function showJob(job) {
  if (gallery) gallery.show(job);
  else early.push(job);
}

class Gallery {
  #cards = new Map(); #feed = new Feed(); #player = new Player(); #poll; #places; #acts; #examples;
  #parts; #hadJobs = false; #loaded = false; #failures = 0; #paging = false; #seen; #saying = 0; #said = []; #ticking = 0; #watching = false;

  constructor(section) {
    const part = (selector) => section.querySelector(selector);
    this.section = section;
    this.#parts = {
      title: part('h2'), tally: part('.tally'), missing: part('.missing'), away: part('.away'), nothing: part('.nothing'), older: part('.older'), status: part('[role=status]'),
    };
    section.setAttribute('aria-label', t('gallery.title'));
    setText(this.#parts.title, t('gallery.title'));
    setText(this.#parts.nothing, t('gallery.empty'));
    setText(this.#parts.away, t('gallery.away'));
    this.#places = { wall: new Wall(part('.wall')), notes: new Notes(part('.notes'), part('.notes-more')) };
    this.#examples = new Examples(part('.examples'), {
      player: this.#player, say: (text) => this.#say(text), onNone: () => { this.#hadJobs = true; this.#arrange(); },
    });
    this.#poll = new Poll({ ask: () => this.#ask(), busy: () => [...this.#cards.values()].some((x) => atWork(x.job)) });
    const more = this.#parts.older.querySelector('button');
    setText(more, t('gallery.act.older'));
    more.addEventListener('click', () => this.#older());
    this.#seen = new IntersectionObserver((entries) => { if (entries.some((x) => x.isIntersecting)) this.#older(); }, { rootMargin: '800px' });
    this.#acts = new Acts({
      take: (job) => this.#take(job), drop: (id) => this.#drop(id), arrange: () => this.#arrange(), say: (text) => this.#say(text),
      complain: (text) => this.#complain(text), refresh: (card) => this.#refresh(card), pollNow: () => this.#poll.now(),
      show: (job) => this.show(job),
      screen: (card) => this.#screen(card), player: this.#player, deleted: part('.gone'),
    });
  }

  start() {
    this.#poll.start();
    this.#tick();
  }

  pollNow() { this.#poll.now(); }

  /** A job that was just ordered. */
  show(job) {
    const card = this.#take(job);
    this.#arrange();
    this.#say(t('gallery.says.started'));
    this.#poll.now();
    if (card && !this.#player.running && !inSight(card.element)) card.element.scrollIntoView({ block: 'center', behavior: gently() });
  }

  // ---- news

  async #ask() {
    let news;
    try {
      news = await this.#feed.news();
    } catch (error) {
      this.#failures += 1;
      this.#parts.away.hidden = this.#failures < SAY_AWAY_AFTER;
      throw error;
    }
    document.dispatchEvent(new CustomEvent('studio:reached'));
    if (this.#failures > 0) {
      this.#failures = 0;
      this.#parts.away.hidden = true;
      this.#player.serverIsBack();
      for (const card of this.#cards.values()) card.mend();
    }
    if (news) {
      if (news.reset) await this.#forgetAllBut(new Set(news.jobs.map((x) => x.id)));
      for (const id of news.removed) if (!this.#acts.deleted.get(id)) this.#drop(id);
      for (const job of news.jobs) this.#take(job);
      this.#arrange();
    }
    for (const [id, at] of this.#feed.asked) this.#cards.get(id)?.asked(at);
    if (!this.#loaded) await this.#firstLoad();
    return news !== null;
  }

  async #firstLoad() {
    this.#loaded = true;
    this.section.dataset.loaded = '';
    this.#arrange();
    const wanted = new URLSearchParams(location.search).get('job');
    if (wanted) await this.#lead(wanted);
    this.section.dataset.ready = '';
  }

  // `?job=` leads to that film. The wall is paged to where it stands, so that nothing pushes it away later.
  async #lead(id) {
    try {
      const job = this.#cards.get(id)?.job ?? await oneJob(id);
      for (let pages = 0; pages < LEAD_PAGES && !this.#cards.has(id) && this.#feed.hasOlder; pages += 1) await this.#older();
      if (!this.#cards.has(id)) { this.#take(job); this.#arrange(); }
    } catch (error) {
      this.#complain(error.status === 404 ? t('gallery.trouble.not_found') : error.message);
      return;
    }
    const card = this.#cards.get(id);
    if (!card) return;
    if (card.job.video) this.#player.open(this.#screen(card), { start: false });
    else card.element.focus({ preventScroll: true });
    card.element.scrollIntoView({ block: 'center', behavior: 'instant' });
  }

  // Takes in what the server says of a job. @returns the card, or null where there is none (any more)
  #take(job) {
    const gone = this.#acts.deleted.get(job.id);
    if (gone && job.revision <= gone.revision) return null;   // told before it was deleted
    if (gone) this.#acts.deleted.forget(job.id);
    let card = this.#cards.get(job.id);
    if (card && job.revision < card.job.revision) return card;
    if (!card) {
      card = new Card(job, this.#acts);
      this.#cards.set(job.id, card);
      this.#places[card.place].add(card);
    } else {
      const { job: before, place } = card;
      card.patch(job);
      if (gone) card.unbury();
      if (card.place !== place) this.#move(card, place);
      if (before.state !== job.state || kindOf(before) !== kindOf(job)) this.#announce(job);
    }
    card.linkedAt = Date.now();
    this.#hadJobs = true;
    if (!this.#watching && atWork(job)) this.#tick();   // from now on each second
    return card;
  }

  // A film that is open goes on where it stood: what is moved in a page stops.
  #move(card, from) {
    const goOn = this.#player.holds(card.element) ? this.#player.leave() : null;
    this.#places[from].remove(card);
    this.#places[card.place].add(card);
    if (goOn && this.#screen(card).source()) this.#player.open(this.#screen(card), goOn);
  }

  #drop(id) {
    const card = this.#cards.get(id);
    if (!card) return;
    if (this.#player.holds(card.element)) this.#player.close();
    this.#cards.delete(id);
    this.#places[card.place].remove(card);
  }

  // The server began a new count: what is not on its newest page is paged to again. A film that is open stays if it still exists.
  async #forgetAllBut(ids) {
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) { card.job = { ...card.job, revision: -1 }; continue; }
      if (this.#player.holds(card.element)) {
        try {
          card.patch(await oneJob(id));
          continue;
        } catch (error) {
          if (error.status !== 404) continue;
        }
      }
      this.#drop(id);
    }
  }

  async #older() {
    if (this.#paging) return;
    this.#paging = true;
    try {
      for (const job of await this.#feed.older()) this.#take(job);
    } catch {
      // Unreachable: the button stays, and the next look at the end of the wall tries again.
      this.#seen.disconnect();
      this.#paging = false;
      return;
    }
    this.#paging = false;
    this.#seen.disconnect();   // observing anew tells at once whether the end is still in sight
    this.#arrange();
  }

  // Everything round the cards: heading, tally, examples, empty wall, end of the wall.
  #arrange() {
    const jobs = [...this.#cards.values()].map((x) => x.job);
    const unsaved = jobs.filter((x) => kindOf(x) === 'unsaved').length;
    const working = jobs.filter(atWork).length - unsaved;
    const asking = jobs.filter((x) => x.state === 'unconfirmed').length;
    const empty = this.#loaded && jobs.length === 0;
    const welcome = empty && !this.#hadJobs;
    if (welcome) this.#examples.show(); else this.#examples.hide();
    this.section.toggleAttribute('data-welcome', welcome);
    setText(this.#parts.title, t(welcome ? 'gallery.welcome.title' : 'gallery.title'));
    setText(this.#parts.tally, welcome ? t('gallery.welcome.says') : [
      working && t('gallery.tally.work', { n: working }),
      unsaved && (unsaved === 1 ? t('gallery.tally.unsaved_one') : t('gallery.tally.unsaved', { n: unsaved })),
      asking && (asking === 1 ? t('gallery.tally.needs_one') : t('gallery.tally.needs', { n: asking })),
    ].filter(Boolean).join(' · '));
    const nothing = !(empty && !welcome);
    if (this.#parts.nothing.hidden !== nothing) this.#parts.nothing.hidden = nothing;
    if (this.#parts.older.hidden === this.#feed.hasOlder) this.#parts.older.hidden = !this.#feed.hasOlder;
    if (this.#feed.hasOlder) this.#seen.observe(this.#parts.older);
    this.#places.notes.arrange();
  }

  // ---- one card

  #screen(card) {
    return {
      element: card.element, shot: card.shot,
      name: () => shortName(card.job),
      source: () => card.job.video?.url ?? card.job.remote?.url ?? null,
      poster: () => card.poster,
      fresh: () => this.#refresh(card),
      trouble: (what) => card.trouble(what ? t(`gallery.trouble.${what}`) : ''),
    };
  }

  async #refresh(card) {
    try {
      this.#take(await oneJob(card.job.id));
    } catch (error) {
      if (error.status === 404 && !card.buried) { this.#drop(card.job.id); this.#arrange(); }
      throw error;
    }
  }

  // ---- words that are heard, times that pass

  #announce(job) {
    if (serviceOf(job).paid && !atWork(job)) document.dispatchEvent(new Event('studio:spent'));
    if (job.state === 'completed') this.#say(t('gallery.says.ready', { name: shortName(job) }));
    else if (kindOf(job) === 'unsaved') this.#say(t('gallery.says.unsaved', { what: noteWords(job).head }));
    else if (job.state === 'failed') this.#say(t('gallery.says.failed', { what: noteWords(job).head }));
    else if (job.state === 'cancelled') this.#say(t('gallery.says.cancelled', { name: shortName(job) }));
    else if (job.state === 'unconfirmed') this.#say(t('gallery.says.needs', { what: noteWords(job).head }));
  }

  // What is wrong, but with no card to say it on.
  #complain(text) {
    setText(this.#parts.missing, text);
    this.#parts.missing.hidden = false;
  }

  // What comes together is said together; an emptied region speaks the same words anew.
  #say(text) {
    this.#said.push(text);
    if (this.#saying) return;
    setText(this.#parts.status, '');
    this.#saying = setTimeout(() => {
      this.#saying = 0;
      setText(this.#parts.status, this.#said.splice(0).join(' '));
    }, 50);
  }

  // One timer for every time on the wall: each second what is watched, everything now and then.
  #tick(since = 0) {
    const watched = [...this.#cards.values()].filter((x) => atWork(x.job));
    const all = since >= TICK_MS;
    if (!document.hidden) for (const card of all ? this.#cards.values() : watched) card.tick();
    this.#watching = watched.length > 0;
    const pause = this.#watching ? TICK_BUSY_MS : TICK_MS;
    clearTimeout(this.#ticking);
    this.#ticking = setTimeout(() => this.#tick((all ? 0 : since) + pause), pause);
  }

}

function inSight(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

function gently() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
}
