// till-sales: which payment of this till money is given back from: out of a list, or by its number or its amount.
import { call } from './device.js';
import { on, qs } from './dom.js';
import { play } from './sound.js';
import { clock, yen } from './till-paper.js';

/** @typedef {import('./till-paper.js').Payment} Payment */
/** @typedef {{items: Payment[], next_cursor: string | null}} Page */

const listedMin = 12; // payments to choose from, before "older" is offered
const pageOfList = 50;
const pageOfSearch = 200;
const searchedMax = 2000; // payments that are looked through for a part of a number
const partMin = 4; // characters of a number
const wholeNumber = /^(pay_)?[0-9a-hjkmnp-tv-z]{26}$/;

/** What is left to give back. @param {Payment} p */
export const left = (p) => ({ currency: p.captured.currency, value: p.captured.value - p.refunded.value });

/** @param {Payment} p */
export const leftWords = (p) => (qs('#said').dataset.left ?? '').replace('{}', yen(left(p)));

/** Says that there is no such payment. */
export function none() {
  qs('#find-none').textContent = qs('#said').dataset.none ?? '';
  play('staff');
}

/** @param {string} cursor @param {number} limit @returns {Promise<Page>} */
const page = (cursor, limit) => call('GET', `/v1/payments?limit=${limit}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);

/**
 * Adds the next payments that have something left to the list; answers where it goes on, empty at the end.
 * @param {string} cursor
 * @param {(id: string) => void} choose
 */
export async function listMore(cursor, choose) {
  const rows = [];
  let next = /** @type {string | null} */ (cursor);
  do {
    const found = await page(next ?? '', pageOfList);
    rows.push(...found.items.filter((p) => left(p).value > 0));
    next = found.next_cursor;
  } while (next && rows.length < listedMin);
  qs('#sales').append(...rows.map((p) => row(p, choose)));
  qs('#sales-none').hidden = qs('#sales').children.length > 0;
  qs('#older').hidden = !next;
  return next ?? '';
}

/**
 * @param {Payment} p
 * @param {(id: string) => void} choose
 */
function row(p, choose) {
  const line = /** @type {HTMLElement} */ (/** @type {HTMLTemplateElement} */ (qs('#sales-row')).content.cloneNode(true));
  qs('time', line).textContent = clock(p.created_at, true);
  qs('strong', line).textContent = yen(p.captured);
  qs('.small', line).textContent = leftWords(p);
  qs('code', line).textContent = p.id.slice(-6);
  on(qs('button', line), 'click', () => choose(p.id));
  return line;
}

/**
 * Lists what was found, in place of the list.
 * @param {Payment[]} found
 * @param {(id: string) => void} choose
 */
export function listFound(found, choose) {
  qs('#sales').replaceChildren(...found.map((p) => row(p, choose)));
  qs('#older').hidden = true;
  qs('#sales button').focus();
}

/**
 * The payments with a number, with the end of one, or of an amount, of which something is left, newest first; where there
 * are none one of which nothing is left, and none where this till has none. A whole number may be of a payment that is not in any list.
 * @param {string} typed
 * @returns {Promise<Payment[]>}
 */
export async function find(typed) {
  const asked = typed.trim().toLowerCase();
  if (wholeNumber.test(asked)) return /** @type {Payment[]} */ ([{ id: `pay_${asked.replace('pay_', '')}` }]);
  const yenAsked = amountOf(typed);
  if (asked.length < partMin && !yenAsked) return [];
  const found = [], over = [];
  let next = /** @type {string | null} */ ('');
  for (let seen = 0; seen < searchedMax && next !== null && found.length < listedMin; seen += pageOfSearch) {
    const { items, next_cursor: following } = /** @type {Page} */ (await page(next, pageOfSearch));
    const same = items.filter((p) => (asked.length >= partMin && p.id.endsWith(asked)) || p.captured.value === yenAsked);
    found.push(...same.filter((p) => left(p).value > 0));
    over.push(...same.filter((p) => left(p).value === 0 && p.captured.value > 0));
    next = following;
  }
  return found.length > 0 ? found.slice(0, listedMin) : over.slice(0, 1);
}

/** The amount that was typed, in yen: digits of whatever width, with or without separators and a sign; 0: none. @param {string} typed */
function amountOf(typed) {
  const digits = typed.normalize('NFKC').replace(/[\s,，、¥円]/gu, '');
  return /^[0-9]{1,9}$/.test(digits) ? Number(digits) : 0;
}
