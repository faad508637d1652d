// Entry: each widget of the page (a gr.HTML with a static template) announces itself; here it gets its behaviour.
import { set } from './core/store.js';
import { boot } from './core/boot.js';
import { mountFrame } from './boxes/frame.js';
import { mountTrack } from './boxes/track.js';
import { mountStrip } from './form/strip.js';
import { mountService } from './form/service.js';
import { mountPrice } from './form/price.js';
import { mountBar, mountHello } from './form/header.js';
import { mountKeys } from './keys/keys.js';
import { mountGallery } from './gallery/gallery.js';
import { startForm } from './form/form.js';

const MOUNTS = {
  bar: mountBar, hello: mountHello, frame: mountFrame, track: mountTrack, strip: mountStrip,
  keys: mountKeys, service: mountService, price: mountPrice, gallery: mountGallery,
};

set('service', boot().service);
const waiting = new Set(Object.keys(MOUNTS));

window.studioMount = () => {
  const widgets = (window.studioWidgets ??= []).splice(0);
  for (const widget of widgets) {
    MOUNTS[widget.name]?.(widget);
    waiting.delete(widget.name);
  }
  if (widgets.length > 0 && waiting.size === 0) startForm();
};
window.studioMount();
