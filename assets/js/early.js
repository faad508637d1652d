// Stands in the page before Gradio's scripts (components/web/early.py), which keep the requestAnimationFrame that they find.
// The "Loading…" of Gradio 6.31 leaves its clock running when it goes: a turn sixty times a second for as long as the page is
// open. A clock gets its turn only while there is a status to be seen. Lost without it: a fifteenth of a processor, a phone's battery.
{
  const ask = window.requestAnimationFrame.bind(window);
  const isClock = (turn) => String(turn).includes('performance.now()-');
  const isSeen = () => document.querySelector('[data-testid=status-tracker]:not(.hide)') !== null;
  window.requestAnimationFrame = (turn) => (isClock(turn) && !isSeen() ? 0 : ask(turn));
}
