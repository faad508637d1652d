// The bars of the strip: one every four px, as paths of one SVG.

const STEP = 4;
const HEIGHT = 40;
const SHORTEST = 2;
const SVG = 'http://www.w3.org/2000/svg';

/** Below this everything is noise, and is not drawn as if it were music. */
const QUIETEST = 0.05;

/**
 * How loud a sound is at each moment, 0 to 1, against its own loudest; half where no peaks are known.
 * @param {{duration_s: number, peaks?: number[]} | null} report
 * @returns {(seconds: number) => number}
 */
export function loudness(report) {
  const peaks = report?.peaks ?? [];
  if (peaks.length === 0 || !report.duration_s) return () => 0.5;
  const loudest = Math.max(QUIETEST, ...peaks);
  return (seconds) => peaks[Math.min(Math.max(Math.floor(seconds / report.duration_s * peaks.length), 0), peaks.length - 1)] / loudest;
}

/** A quiet swell, for a sound that is not made yet; `x` in px. */
export function swell(x) {
  return 0.22 + 0.2 * (Math.sin(x * 0.09) * 0.5 + 0.5) * (Math.sin(x * 0.021 + 0.6) * 0.5 + 0.5) * 2;
}

/** Dots: nothing is heard. */
export function dots() {
  return 0.05;
}

/**
 * Adds bars to a wave.
 * @param {SVGElement} svg its user units are px of the lane
 * @param {string} cls
 * @param {number} from px
 * @param {number} to px
 * @param {(x: number) => number} loud 0 to 1 at a px
 */
export function bars(svg, cls, from, to, loud) {
  let d = '';
  for (let x = Math.ceil(from / STEP) * STEP; x + 2.5 <= to; x += STEP) {
    const h = Math.max(SHORTEST, loud(x) * (HEIGHT - 14));
    d += `M${x + 1.25} ${(HEIGHT - h) / 2}v${h}`;
  }
  if (!d) return;
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('class', cls);
  path.setAttribute('d', d);
  svg.append(path);
}

/** Lays the SVG over a stretch of the lane, which may run out to either side; px. */
export function lay(svg, from, to) {
  svg.replaceChildren();
  svg.style.left = `${from}px`;
  svg.style.width = `${to - from}px`;
  svg.setAttribute('viewBox', `${from} 0 ${to - from} ${HEIGHT}`);
}
