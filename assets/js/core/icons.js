// Line icons on a 16 px grid. Static markup of our own; nothing from outside ever gets here.
const LINE = {
  down: '<path d="M8 2.5v7.2M5 7l3 3 3-3M3 13h10"/>',
  again: '<path d="M6 4L3 7l3 3M3.2 7H10a3 3 0 010 6H8"/>',
  bin: '<path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5"/>',
  cross: '<path d="M4 4l8 8M12 4l-8 8"/>',
  paste: '<path d="M6 3H4.2c-.7 0-1.2.5-1.2 1.2v8.1c0 .7.5 1.2 1.2 1.2h7.6c.7 0 1.2-.5 1.2-1.2V4.2c0-.7-.5-1.2-1.2-1.2H10M6 2h4v2.4H6z"/>',
  camera: '<path d="M2 5.2c0-.6.5-1 1-1h2l1-1.7h4l1 1.7h2c.6 0 1 .4 1 1v6.6c0 .6-.4 1-1 1H3c-.5 0-1-.4-1-1z"/><circle cx="8" cy="8.3" r="2.4"/>',
  note: '<path d="M6 12V3.8l6-1.3v8"/><circle cx="4.5" cy="12" r="1.6"/><circle cx="10.5" cy="10.5" r="1.6"/>',
  stop: '<rect x="4" y="4" width="8" height="8" rx="1.5"/>',
  star: '<path d="M8 2.3l1.75 3.6 3.95.55-2.87 2.77.7 3.93L8 11.28l-3.53 1.87.7-3.93L2.3 6.45l3.95-.55z"/>',
  tick: '<path d="M3.2 8.6l3.1 3 6.5-7"/>',
  alert: '<path d="M8 2.2l6.2 11H1.8zM8 6.5v3M8 11.4v.1"/>',
  ask: '<circle cx="8" cy="8" r="6"/><path d="M6.3 6.4c0-1 .8-1.6 1.8-1.6s1.7.6 1.7 1.5c0 1.3-1.7 1.3-1.7 2.5M8.1 11.1v.1"/>',
  clock: '<circle cx="8" cy="8" r="6"/><path d="M8 4.8V8l2.2 1.4"/>',
  key: '<circle cx="4.6" cy="8" r="2.6"/><path d="M7.2 8H14M11.2 8v2.4M13.4 8v1.8"/>',
  chevron: '<path d="M4.5 6.5L8 10l3.500-3.500"/>',
};
const SOLID = {
  play: '<path d="M4.5 2.7c0-.6.65-.97 1.16-.66l8 5.03a.78.78 0 010 1.32l-8 5.03a.78.78 0 01-1.16-.66z"/>',
  pause: '<path d="M4 3h3v10H4zM9 3h3v10H9z"/>',
};

/** An icon as an SVG element, hidden from assistive technology. */
export function icon(name, size = 16) {
  const solid = name in SOLID;
  const holder = document.createElement('template');
  const paint = solid ? 'fill="currentColor"' : 'fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"';
  holder.innerHTML = `<svg width="${size}" height="${size}" viewBox="0 0 16 16" ${paint} aria-hidden="true">${solid ? SOLID[name] : LINE[name]}</svg>`;
  return holder.content.firstChild;
}
