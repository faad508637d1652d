// A cancel that the service does not have is said honestly: it cannot be stopped, only hidden.
import { button, el, setText } from '../core/dom.js';
import { t } from '../core/texts.js';
import { cannotStop, serviceOf } from './words.js';

/** @param {import('./card.js').Card} card */
export function hideInstead(card) {
  const element = el('div', 'hide');
  element.hidden = true;
  const says = el('p', 'wait');
  const leave = button(t('gallery.act.not_hide'), { onClick: () => close() });
  const hide = button(t('gallery.act.hide'), { cls: 'btn strong', onClick: () => card.hands.remove(card) });
  const acts = el('div', 'acts');
  acts.append(hide, leave);
  element.append(says, acts);
  const close = () => {
    element.hidden = true;
    card.element.focus({ preventScroll: true });
  };
  return {
    element,
    /** @param {'yes' | 'maybe' | 'no'} [charged] what the server says of it */
    ask(charged = 'yes') {
      setText(says, t(charged === 'maybe' ? 'gallery.cancel.maybe' : 'gallery.cancel.question', { service: serviceOf(card.job).name }));
      element.hidden = false;
      hide.focus();
    },
    patch(job) { if (!element.hidden && !cannotStop(job)) element.hidden = true; },
  };
}
