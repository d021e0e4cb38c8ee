// till-rest: a result that nobody needs to close goes by itself, and the next amount may be typed at once: in a queue each
// touch is a second of forty people.
import { on, qs } from './dom.js';

/**
 * Whether the clerk may look elsewhere: it is paid, or stopped before anything was taken. What was not paid, and what was
 * given back, stays until somebody closes it.
 * @param {import('./till-paper.js').Payment} p
 */
const settles = (p) => (p.status === 'captured' && !p.reason) || (p.status === 'cancelled' && p.captured.value === 0);

/**
 * Leaves a result after a while, unless somebody touches the screen, as for a receipt; at once with the first digit of the
 * next amount on a keyboard.
 * @param {import('./till-paper.js').Payment} p
 * @param {() => boolean} late whether the screen has gone on meanwhile
 * @param {(digit: number) => void} next turns to the next customer, whose amount begins with a digit; 0: nothing typed yet
 */
export function restOn(p, late, next) {
  const rest = Number(qs('#till').dataset.rest); // ms; 0: it stays
  const after = p.status === 'captured' ? rest : rest / 2; // whoever stopped it has read it before
  const stop = () => { clearTimeout(timer); for (const off of offs) off(); };
  const leave = (/** @type {number} */ digit) => {
    stop();
    if (!late()) next(digit);
  };
  const timer = settles(p) && after > 0 ? setTimeout(() => leave(0), after) : undefined;
  const offs = [
    on(document, 'pointerdown', () => (late() ? stop() : clearTimeout(timer))),
    on(document, 'keydown', (e) => {
      if (late()) return stop();
      clearTimeout(timer);
      const bare = !e.ctrlKey && !e.metaKey && !e.altKey && !document.querySelector('dialog[open]');
      if (bare && /^[1-9]$/.test(e.key)) leave(Number(e.key));
    }),
  ];
}
