// board: keeps the control room as it is now. The server draws the parts and sends them whole; only the two charts are
// drawn here, and they take their points from the parts.
import uPlot from '../vendor/uplot/uPlot.esm.js';
import { data, on, qs } from './dom.js';

const board = qs('#board');
const link = qs('#link');
const said = qs('span', link);

/** @param {string} name @returns {string} */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The venue's clock, not that of whoever watches.
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: data(board, 'zone') });

/** @param {string | undefined} json @returns {[number[], number[]]} */
const points = (json) => JSON.parse(json ?? '[[],[]]');

/**
 * @param {string} id
 * @param {string} stroke
 */
function chart(id, stroke) {
  const box = qs(id);
  const axis = () => ({ stroke: colour('--ink-2'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 }, font: '14px system-ui, sans-serif' });
  const options = () => ({
    width: box.clientWidth, height: 180, cursor: { y: false }, legend: { show: false },
    scales: { y: { range: /** @type {(u: unknown, low: number, high: number) => [number, number]} */ ((_, __, high) => [0, Math.max(5, high)]) } },
    axes: [
      { ...axis(), space: 80, values: /** @type {(u: unknown, at: number[]) => string[]} */ ((_, at) => at.map((s) => clock.format(s * 1000))) },
      { ...axis(), size: 44 },
    ],
    series: [{}, { stroke: colour(stroke), fill: colour('--accent-soft'), width: 2, points: { show: false } }],
  });
  let drawn = new uPlot(options(), points(box.dataset.points), box);
  new ResizeObserver(() => drawn.setSize({ width: box.clientWidth, height: 180 })).observe(box);
  on(matchMedia('(prefers-color-scheme: dark)'), /** @type {any} */ ('change'), () => {
    const kept = drawn.data;
    drawn.destroy();
    drawn = new uPlot(options(), kept, box);
  });
  return (/** @type {string | undefined} */ json) => drawn.setData(points(json));
}

const entries = chart('#chart-entries', '--accent');
const payments = chart('#chart-payments', '--accent');

/** The links of the board that lead to one page. @param {string} href @returns {HTMLAnchorElement[]} */
const leading = (href) => [...board.querySelectorAll('a')].filter((a) => a.getAttribute('href') === href);

/** Draws the parts anew; where the keyboard is survives it. @param {string} html */
function draw(html) {
  const parts = new DOMParser().parseFromString(html, 'text/html').body.firstElementChild;
  if (!(parts instanceof HTMLElement)) return;
  const here = document.activeElement;
  const href = here instanceof HTMLAnchorElement && board.contains(here) ? here.getAttribute('href') ?? '' : '';
  const which = leading(href).findIndex((a) => a === here); // two may lead to one page
  board.replaceChildren(document.adoptNode(parts));
  entries(parts.dataset.entries);
  payments(parts.dataset.payments);
  const same = leading(href);
  if (which >= 0) (same[which] ?? same.at(-1))?.focus({ preventScroll: true });
}

const stream = new EventSource(board.dataset.stream ?? '');
stream.onopen = () => {
  link.classList.remove('down');
  said.textContent = link.dataset.live ?? '';
};
stream.onerror = () => {
  link.classList.add('down');
  said.textContent = link.dataset.lost ?? '';
};
stream.onmessage = (event) => draw(event.data);
