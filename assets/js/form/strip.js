// The strip: a ruler, the film and the sound against each other, one end. It shows what is heard, what is cut and what stays silent.
import { chosen } from '../core/services.js';
import { el, setAttr, setText } from '../core/dom.js';
import { get, on } from '../core/store.js';
import { clock, t } from '../core/texts.js';
import { write } from './natives.js';
import { takesOwnSound } from './offers.js';
import { cannotFetch } from './request.js';
import { allowsDuration, durationEnds, nearestDuration } from './rules.js';
import { bars, dots, lay, loudness, swell } from './wave.js';

/** Seconds below which two lengths are the same to the ear. */
const SAME = 0.05;
/** Px that the song may run out to either side, to the panel's edge. */
const BLEED = 22;
const FLAG = 24;

/** @param {{element: HTMLElement}} widget */
export function mountStrip({ element }) {
  const strip = new Strip(element.querySelector('.strip'));
  on(['form', 'audio', 'image', 'service', 'reachable', 'offers'], () => strip.draw());
  strip.draw();
}

/** What the sound lane shows: silent, auto, own (an mp3 is there), or wait (it is not). */
function soundMode(form, audio) {
  if (form.sound === 'silent' || form.sound === 'auto') return form.sound;
  return audio.state === 'ready' && audio.report?.duration_s ? 'own' : 'wait';
}

class Strip {
  #root; #lanes; #ruler; #end; #flag; #song; #wave; #note; #says; #fix; #width = 0;

  constructor(root) {
    this.#root = root;
    this.#lanes = root.querySelector('.lanes');
    this.#ruler = root.querySelector('.ruler');
    this.#end = root.querySelector('.end');
    this.#flag = root.querySelector('.flag');
    this.#song = root.querySelector('.song');
    this.#wave = root.querySelector('.wave');
    this.#note = root.querySelector('.lane-note');
    this.#says = root.querySelector('.says span');
    this.#fix = root.querySelector('.says button');
    root.setAttribute('aria-label', t('strip.label'));
    this.#end.setAttribute('aria-label', t('strip.end'));
    this.#listen();
    new ResizeObserver(() => {
      if (this.#lanes.clientWidth !== this.#width) this.draw();
    }).observe(this.#lanes);
  }

  #listen() {
    const end = this.#end;
    end.addEventListener('keydown', (event) => {
      const to = this.#byKey(event.key);
      if (to === null) return;
      event.preventDefault();
      this.#set(to);
    });
    end.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      end.setPointerCapture(event.pointerId);
      const move = ({ clientX }) => {
        const box = this.#lanes.getBoundingClientRect();
        this.#set((clientX - box.left) / box.width * this.#longest());
      };
      end.addEventListener('pointermove', move);
      const stop = () => end.removeEventListener('pointermove', move);
      end.addEventListener('pointerup', stop, { once: true });
      end.addEventListener('pointercancel', stop, { once: true });
    });
    // while the slider has the focus its own value is spoken; the sentence would say it twice
    end.addEventListener('focus', () => this.#says.setAttribute('aria-live', 'off'));
    end.addEventListener('blur', () => this.#says.removeAttribute('aria-live'));
    this.#fix.addEventListener('click', () => this.#fix.act?.());
  }

  #longest() { return durationEnds(chosen().capabilities)[1]; }

  #set(seconds) { write({ duration: nearestDuration(seconds, chosen().capabilities) }); }

  #byKey(key) {
    const { capabilities } = chosen();
    const [min, max] = durationEnds(capabilities);
    const { duration } = get('form');
    const choices = capabilities.duration.one_of;
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[key];
    if (key === 'Home') return min;
    if (key === 'End') return max;
    if (by === undefined) return null;
    if (!choices) return duration + by;
    const next = by > 0 ? choices.find((s) => s > duration) : choices.findLast((s) => s < duration);
    return next ?? duration;
  }

  draw() {
    const { capabilities } = chosen();
    const form = get('form');
    const audio = get('audio');
    const [min, max] = durationEnds(capabilities);
    const mode = soundMode(form, audio);
    const width = this.#lanes.clientWidth;
    const px = (seconds) => seconds / max * width;
    this.#width = width;
    this.#root.dataset.sound = mode;
    this.#lanes.style.setProperty('--end', `${form.duration / max * 100}%`);
    this.#drawRuler(capabilities, max, form.duration, width);
    this.#drawPicture();
    this.#drawEnd(min, max, form.duration);
    const scene = { form, audio, px, width, end: px(form.duration), whole: audio.report?.duration_s ?? 0, caps: capabilities };
    lay(this.#wave, 0, width);
    this.#song.hidden = true;
    this.#setNote('');
    if (mode === 'own') this.#drawOwn(scene);
    else if (mode === 'auto') this.#drawAutomatic(scene);
    else if (mode === 'wait') bars(this.#wave, 'dots', 2, scene.end - 12, dots);
    if (cannotFetch()) this.#say(aboutFetching(capabilities));
    else if (mode === 'own') this.#say(form.sound === 'under' ? laidUnder(this.#aboutOwn(scene)) : this.#aboutOwn(scene));
    else this.#say({ text: this.#about(mode, audio, capabilities) });
  }

  #drawRuler({ duration }, max, at, width) {
    const step = max <= 20 ? 5 : 10;
    const marks = duration.one_of ? new Set([0, ...duration.one_of]) : new Set([...Array(Math.floor(max / step) + 1).keys()].map((i) => i * step).concat(max));
    const key = `${[...marks].join()}:${max}`;
    if (this.#ruler.dataset.key !== key) {
      this.#ruler.dataset.key = key;
      this.#ruler.replaceChildren(...Array.from({ length: max + 1 }, (_, second) => {
        const tick = el('i', marks.has(second) ? 'tick long' : 'tick');
        tick.style.left = `${second / max * 100}%`;
        if (marks.has(second)) tick.append(el('b', '', second === max ? t('strip.mark', { seconds: second }) : String(second)));
        return tick;
      }));
    }
    [...this.#ruler.children].forEach((tick, second) => tick.classList.toggle('covered', Math.abs(second - at) / max * width < FLAG));
  }

  #drawPicture() {
    const image = get('image');
    const shown = (image.state === 'ready' || image.state === 'uploading') && image.preview;
    const { width, height } = image.report ?? {};
    setAttr(this.#root, 'data-pic', shown ? 'yes' : 'no');
    this.#root.style.setProperty('--pic', shown ? `url("${CSS.escape(image.preview)}")` : 'none');
    this.#root.style.setProperty('--tile', width && height ? width / height : 16 / 9);
  }

  #drawEnd(min, max, seconds) {
    setAttr(this.#end, 'aria-valuemin', min);
    setAttr(this.#end, 'aria-valuemax', max);
    setAttr(this.#end, 'aria-valuenow', seconds);
    setAttr(this.#end, 'aria-valuetext', t('strip.seconds', { seconds }));
    setText(this.#flag, t('strip.mark', { seconds }));
  }

  #drawOwn({ form, audio, px, width, end, whole }) {
    const start = Math.max(0, Math.min(form.audio_start_s, whole - form.duration));
    const left = whole - start;
    const cut = left - form.duration > SAME;
    const from = start > 0 ? Math.max(-BLEED, px(-start)) : 0;
    const to = cut ? Math.min(width + BLEED, px(left)) : width;
    const heard = loudness(audio.report);
    const loud = (x) => heard(start + x / width * this.#longest());
    lay(this.#wave, from, to);
    bars(this.#wave, 'heard', 2, Math.min(px(left), end) - (cut ? 2 : 0), loud);
    if (start > 0) bars(this.#wave, 'cut', from, -2, loud);
    if (cut) {
      this.#song.hidden = false;
      this.#song.style.left = `${from}px`;
      this.#song.style.width = `${to - from}px`;
      this.#song.classList.toggle('open-r', px(left) > to);
      bars(this.#wave, 'cut', end + 6, to - (px(left) > to ? 0 : 3), loud);
      if (width - px(left) > 63) this.#setNote(t('strip.not_heard'), px(left), 'after');
    } else if (form.duration - left > SAME) {
      bars(this.#wave, 'dots', px(left) + 2, end - 12, dots);
      if (end - px(left) > 84) this.#setNote(t('strip.silent_tail'), (px(left) + end) / 2 - 6, 'mid');
    }
  }

  #drawAutomatic({ end, caps, form }) {
    bars(this.#wave, 'soft', 2, end - 12, swell);
    if (caps.paid && form.duration > 4 && end > 150) this.#setNote(t('strip.made_to_fit'), end / 2 - 6, 'mid');
  }

  #setNote(text, left = 0, place = '') {
    setText(this.#note, text);
    this.#note.className = `lane-note ${place}`;
    this.#note.style.left = `${left}px`;
  }

  #about(mode, audio, { paid }) {
    if (mode === 'silent') return t('strip.silent');
    if (mode === 'auto') return t(paid ? 'strip.auto_paid' : 'strip.auto_free', { service: chosen().name });
    if (audio.state === 'refused') return t('strip.refused');
    return t(audio.state === 'empty' ? 'strip.no_mp3' : 'strip.checking');
  }

  #aboutOwn({ form: { duration, audio_start_s: start }, whole, caps }) {
    if (start > 0 && whole - start > duration - SAME) {
      const text = t('strip.moved', { from: clock(start, whole), to: clock(Math.min(whole, start + duration), whole), whole: clock(whole) });
      return { text };
    }
    if (whole - duration > SAME) {
      const text = t('strip.cut', { heard: duration, whole: clock(whole) });
      const longer = nearestDuration(Math.ceil(whole - SAME), caps);
      return longer > duration && longer >= whole - SAME ? { text, ...this.#make(longer) } : { text };
    }
    if (duration - whole > SAME) {
      const text = t('strip.tail', { end: clock(whole, 0), rest: clock(duration - whole, 0) });
      if (duration - whole < 1 - SAME) return { text };   // the other length would cut it: no see-saw between the two
      const shorter = nearestDuration(Math.floor(whole + SAME), caps);
      return shorter < duration && allowsDuration(shorter, caps) ? { text, ...this.#make(shorter) } : { text };
    }
    return { text: t('strip.fits') };
  }

  #make(seconds) {
    return { fix: t('strip.make', { seconds }), act: () => this.#set(seconds) };
  }

  #say({ text, fix = '', act = null }) {
    setText(this.#says, text);
    setText(this.#fix, fix);
    this.#fix.hidden = fix === '';
    this.#fix.act = act;
  }
}

/** The service cannot fetch the mp3 from here: who can take it, what to set, and what works everywhere. */
function aboutFetching({ sound }) {
  const others = takesOwnSound();
  const text = [
    t('strip.unreachable', { service: chosen().name }),
    others.length > 0 ? t('strip.others_take_it', { services: new Intl.ListFormat('en', { type: 'disjunction' }).format(others) }) : '',
    t('strip.public_address'),
  ].filter(Boolean).join(' ');
  return sound.includes('under') ? { text, fix: t('strip.lay_under'), act: () => write({ sound: 'under' }) } : { text };
}

function laidUnder({ text, ...fix }) {
  return { text: `${t('strip.laid_under')} ${text}`, ...fix };
}
