// The header and the notes below it.
import { boot } from '../core/boot.js';
import { button as newButton, setText } from '../core/dom.js';
import { icon } from '../core/icons.js';
import { chosen } from '../core/services.js';
import { get, on } from '../core/store.js';
import { t } from '../core/texts.js';
import { openKeys } from '../keys/keys.js';
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
  const keys = element.querySelector('.keys-btn');
  keys.prepend(icon('key'));
  setText(keys.querySelector('span'), t('keys.title'));
  keys.hidden = !boot().services.some(({ paid }) => paid);
  keys.addEventListener('click', () => openKeys(get('service'), keys));
}

/** @param {{element: HTMLElement}} widget */
export function mountHello({ element }) {
  const [about, lasting] = element.querySelectorAll('.hello');
  const hide = about.querySelector('button');
  hide.append(icon('cross'));
  hide.setAttribute('aria-label', t('page.hello.hide'));
  hide.title = t('page.hello.hide');
  const real = about.querySelector('.real');
  drawReal(real);
  let hidden = remembered();
  const draw = () => {
    const { name, paid } = chosen();
    about.setAttribute('aria-label', t('page.hello.label', { service: name }));
    setText(about.querySelector('b'), t('page.hello.title', { service: name }));
    setText(about.querySelector('span'), t(boot().local ? 'page.hello.here' : 'page.hello.there'));
    real.hidden = real.childNodes.length === 0 || Object.values(get('keys')).some(({ key }) => key === 'yours' || key === 'server');
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
  on(['service', 'keys'], draw);
  draw();
}

/** "For real films, add a key from any of so many services." */
function drawReal(node) {
  const n = boot().services.filter(({ paid }) => paid).length;
  if (n === 0) return;
  const add = newButton(t('page.hello.add_key'), { cls: 'link', onClick: () => openKeys('', add) });
  const many = n === 1 ? t('page.hello.from_one') : t('page.hello.from', { n: t(`page.hello.numbers.${Math.min(n, 9)}`) });
  node.append(t('page.hello.real'), ' ', add, ' ', many);
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
