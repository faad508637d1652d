// Money in words. The server tells USD as decimal strings; what is said as "at most" is rounded up.
const SMALLEST = 0.01;

/** "$0.47"; a sum under a cent is told in full. */
export function dollars(usd) {
  return shown(usd, Math.round);
}

/** "$0.48" of 0.4701: nobody pays more than this. */
export function atMost(usd) {
  return shown(usd, Math.ceil);
}

function shown(usd, round) {
  const value = Number(usd);
  if (!Number.isFinite(value)) return `$${usd}`;
  if (value > 0 && value < SMALLEST) return `$${String(usd)}`;
  return `$${(round(Number((value * 100).toFixed(6))) / 100).toFixed(2)}`;
}
