// Whether a picture or a sound is fit for a service, and what would mend it. Twin of components/generation/fitness.py;
// one table of cases (tests/cases/fitness.json) holds the two equal.

/**
 * One rule that a file breaks; `fix` is the code of the mend that cures it, null where there is none.
 * @typedef {{code: string, params: Record<string, number | string>, fix: string | null}} Fault
 */

/** @returns {Fault} */
function fault(code, params = {}, fix = null) {
  return { code, params, fix };
}

/**
 * All faults of a picture, in the order in which they are said. One whose shape no scaling can fit has only that fault of size.
 * @param {{width: number, height: number, bytes: number, has_transparency: boolean, frames: number}} picture px, turned upright
 * @param {{side: [number, number], bytes: number, alpha: boolean}} limits
 * @returns {Fault[]}
 */
export function judgeImage(picture, limits) {
  const faults = [];
  const [shortest, longest] = limits.side;
  const { width, height } = picture;
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  const ratio = longest / shortest;
  if (picture.frames > 1) faults.push(fault('image_animated'));
  if (long > short * ratio) faults.push(fault('image_too_long', { ratio: hundredths(long / short), max: hundredths(ratio) }));
  else if (short < shortest) faults.push(fault('image_too_small', { width, height, min: shortest }));
  else if (long > longest) faults.push(fault('image_too_large', { width, height, max: longest }, 'shrink'));
  if (picture.has_transparency && !limits.alpha) faults.push(fault('image_transparent', {}, 'flatten'));
  if (picture.bytes > limits.bytes && !faults.some((f) => f.fix)) {
    // any other mend writes a new, smaller file anyway
    faults.push(fault('image_too_heavy', { bytes: picture.bytes, max: limits.bytes }, 'recompress'));
  }
  return faults;
}

/**
 * All faults of a sound as an upload: longer or heavier than the service takes is mended by hearing a part.
 * @param {{duration_s: number, bytes: number}} recording
 * @param {{seconds: [number, number], bytes: number}} limits
 * @returns {Fault[]}
 */
export function judgeAudio(recording, limits) {
  const [shortest, longest] = limits.seconds;
  const seconds = recording.duration_s;
  if (seconds < shortest) return [fault('audio_too_short', { seconds, min: shortest })];
  if (seconds > longest) return [fault('audio_too_long', { seconds, max: longest }, 'part')];
  if (recording.bytes > limits.bytes) return [fault('audio_too_heavy', { bytes: recording.bytes, max: limits.bytes }, 'part')];
  return [];
}

/** Whether every fault has a mend. */
export function mendable(faults) {
  return faults.length > 0 && faults.every((f) => f.fix !== null);
}

/** To two decimals as Python rounds: a true half (only eighths have one) goes to the even hundredth. */
function hundredths(x) {
  const scaled = x * 100;
  if (Number.isInteger(x * 8) && scaled % 1 === 0.5) return (2 * Math.round(scaled / 2)) / 100;
  return Number(x.toFixed(2));
}
