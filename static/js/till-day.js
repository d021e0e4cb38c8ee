// till-day: the day of this till as it is counted and printed when the drawer is closed.
import { call } from './device.js';
import { on, qs } from './dom.js';
import { printPaper } from './till-printer.js';
import { drawPaper } from './till-receipt.js';

/** @typedef {import('./till-printer.js').Paper & {day: string, over: boolean}} Report */

const dayMs = 86_400_000;

/**
 * Answers what opens the report.
 * @param {(step: 'day') => void} enter
 */
export function dayReport(enter) {
  /** @type {Report | null} */
  let report = null;
  let today = '';
  const button = (/** @type {string} */ id) => /** @type {HTMLButtonElement} */ (qs(id));

  /** @param {string} day empty: today */
  const show = async (day) => {
    qs('#day-none').textContent = '';
    try {
      const headers = { 'Accept-Language': document.documentElement.lang };
      report = /** @type {Report} */ (await call('GET', `/v1/till/day?day=${day}`, { headers, once: true }));
      if (!day) today = report.day;
      drawPaper(qs('#day-paper'), report);
    } catch {
      report = null;
      qs('#day-paper').replaceChildren();
      qs('#day-none').textContent = qs('#said').dataset.noDay ?? '';
    }
    button('#day-after').disabled = !report || report.day >= today;
    button('#day-before').disabled = !report;
    button('#day-print').disabled = !report;
  };
  /** @param {number} by days */
  const move = (by) => {
    if (report) void show(new Date(Date.parse(report.day) + by * dayMs).toISOString().slice(0, 10));
  };
  on(qs('#day-before'), 'click', () => move(-1));
  on(qs('#day-after'), 'click', () => move(1));
  on(qs('#day-print'), 'click', () => {
    if (!report) return;
    drawPaper(qs('#paper'), report);
    void printPaper(report, `/v1/till/day?day=${report.day}`);
  });
  return async () => {
    enter('day');
    await show('');
    qs('#day-paper').focus({ preventScroll: true });
  };
}
