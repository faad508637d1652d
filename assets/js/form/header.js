// The header and the notes below it.
import { boot } from '../core/boot.js';
import { setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { chosen } from '../core/services.js';
import { on } from '../core/store.js';
import { t } from '../core/texts.js';
import { openServices } from './service.js';

const HIDDEN = 'studio-hello-hidden';

/** @param {{element: HTMLElement}} widget */
export function mountBar({ element }) {
  const button = element.querySelector('.bar-btn');
  setText(element.querySelector('.wordmark span'), t('page.title'));
  setText(button.querySelector('.quiet'), t('page.made_by'));
  button.addEventListener('click', openServices);
  const draw = () => setText(button.querySelector('b'), chosen().name);
  on(['service'], draw);
  draw();
}

/** @param {{element: HTMLElement}} widget */
export function mountHello({ element }) {
  const [about, lasting] = element.querySelectorAll('.hello');
  const hide = about.querySelector('button');
  hide.append(icon('cross'));
  hide.setAttribute('aria-label', t('page.hello.hide'));
  hide.title = t('page.hello.hide');
  let hidden = remembered();
  const draw = () => {
    const { name, paid } = chosen();
    about.setAttribute('aria-label', t('page.hello.label', { service: name }));
    setText(about.querySelector('b'), t('page.hello.title', { service: name }));
    setText(about.querySelector('span'), t(boot().local ? 'page.hello.here' : 'page.hello.there'));
    about.hidden = paid || hidden;
    element.closest('#hello').hidden = about.hidden && lasting.hidden;
  };
  hide.addEventListener('click', () => {
    hidden = true;
    remember();
    draw();
    document.querySelector('.bar-btn').focus();
  });
  lasting.hidden = boot().lasting;
  lasting.setAttribute('aria-label', t('page.lasting.label'));
  setText(lasting.querySelector('b'), t('page.lasting.title'));
  setText(lasting.querySelector('span'), t('page.lasting.body'));
  on(['service'], draw);
  draw();
}

// In a frame whose cookies are blocked, touching localStorage throws: the note then comes back at the next visit.
function remembered() {
  try {
    return localStorage.getItem(HIDDEN) === '1';
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(HIDDEN, '1');
  } catch {
    // said above
  }
}
