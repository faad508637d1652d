/** Cards of one container, newest first. A card is put in once and never moved, so a playing film is never touched. */
export class Wall {
  #cards = [];

  constructor(container) { this.container = container; }

  get size() { return this.#cards.length; }

  add(card) {
    let low = 0;
    let high = this.#cards.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isNewer(this.#cards[middle].job, card.job)) low = middle + 1; else high = middle;
    }
    this.container.insertBefore(card.element, this.#cards[low]?.element ?? null);
    this.#cards.splice(low, 0, card);
  }

  remove(card) {
    this.#cards = this.#cards.filter((x) => x !== card);
    card.element.remove();
  }
}

function isNewer(a, b) {
  const [then, now] = [Date.parse(a.created_at), Date.parse(b.created_at)];
  return then === now ? a.id > b.id : then > now;
}
