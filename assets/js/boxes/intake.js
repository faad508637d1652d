// The ways a file gets into a box besides its input: dropped on it, pasted anywhere in the page, read from the clipboard.

/** Whether a drag carries files (its names and kinds are secret until it is dropped). */
function carriesFiles(event) {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/**
 * Makes every element that matches a place to drop a file on. Listens at the document: widgets may be drawn anew.
 * @param {string} selector
 * @param {{onOver: (over: boolean) => void, onFile: (file: File) => void}} ways
 */
export function dropOn(selector, { onOver, onFile }) {
  let over = false;
  const tell = (now) => {
    if (now === over) return;
    over = now;
    onOver(over);
  };
  const hit = (event) => carriesFiles(event) && event.target instanceof Element && event.target.closest(selector) !== null;
  document.addEventListener('dragover', (event) => {
    if (hit(event)) {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
    }
    tell(hit(event));
  });
  document.addEventListener('dragleave', (event) => { if (event.relatedTarget === null) tell(false); });
  document.addEventListener('drop', (event) => {
    tell(false);
    if (!hit(event)) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) onFile(file);
  });
}

/** A file that is dropped beside every box must not replace the page and what is typed in it. */
export function guardPage() {
  document.addEventListener('dragover', (event) => {
    if (!carriesFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  });
  document.addEventListener('drop', (event) => { if (carriesFiles(event)) event.preventDefault(); });
}

/**
 * A file pasted anywhere in the page; a text field keeps what has text (a spreadsheet's cells are text and picture).
 * @param {(file: File) => void} onFile
 */
export function pasteAnywhere(onFile) {
  document.addEventListener('paste', (event) => {
    const [file] = event.clipboardData?.files ?? [];
    const writing = event.target instanceof Element && event.target.closest('input:not([type=file]), textarea, [contenteditable]') !== null;
    if (!file || (writing && event.clipboardData.types.includes('text/plain'))) return;
    event.preventDefault();
    onFile(file);
  });
}

/**
 * The picture in the clipboard, read because a button asked for it.
 * @returns {Promise<File | null>} null: there is none
 * @throws {DOMException} the browser or the person does not allow it
 */
export async function pictureInClipboard() {
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((kind) => kind.startsWith('image/'));
    if (type) return new File([await item.getType(type)], `clipboard.${type.slice('image/'.length).split('+')[0]}`, { type });
  }
  return null;
}

/** Draws, and if that took the focused element away, gives the focus to what is next (`data-next`), else to the input. */
export function keepingFocus(section, input, draw) {
  const had = section.contains(document.activeElement) && document.activeElement !== input;
  draw();
  if (had && !section.contains(document.activeElement)) (section.querySelector('[data-next]') ?? input).focus({ preventScroll: true });
}

/** Brings a refusal into sight, once everything has its place. */
export function bringToSight(section) {
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
  requestAnimationFrame(() => requestAnimationFrame(() => section.scrollIntoView({ block: 'nearest', behavior })));
}

/** A visible label of the (visually hidden) file input. */
export function fileLabel(input, text, cls) {
  const label = document.createElement('label');
  label.className = `${cls} choose`;
  label.htmlFor = input.id;
  label.textContent = text;
  return label;
}
