// till-paper: what a payment looks like in words: money, the result, a line of the list, a receipt.
import { data, on, qs } from './dom.js';

/** @typedef {{currency: string, value: number}} Money */
/**
 * @typedef {object} Payment
 * @property {string} id
 * @property {string} status
 * @property {string} [reason]
 * @property {string} message
 * @property {boolean} retry
 * @property {Money} amount
 * @property {Money} captured
 * @property {Money} refunded
 * @property {{display_name: string}} [payer]
 * @property {{id: string, kind: 'emoney' | 'card'}} [method]
 * @property {{id: string, kind: 'emoney' | 'card', label: string, default: boolean, covers: boolean}[]} [methods]
 * @property {string} created_at
 * @property {string} [decided_at]
 * @property {'nothing' | 'released' | 'refunded'} [did]
 * @property {string} [refund_id]
 */

const recentMax = 8;

/** Yen as the page's language writes it. @param {Money} m */
export function yen(m) {
  const lang = document.documentElement.lang;
  const number = Math.abs(m.value).toLocaleString(lang);
  return (m.value < 0 ? '−' : '') + (lang === 'ja' ? `${number}円` : `¥${number}`);
}

/**
 * What came of a payment: a colour, a picture, a word and a sentence.
 * @param {Payment} p
 * @param {HTMLElement} said
 * @returns {{state: 'go' | 'again' | 'staff', picture: string, word: string, sentence: string}}
 */
export function outcome(p, said) {
  const words = said.dataset;
  if (p.status === 'captured') return { state: 'go', picture: 'circle-check', word: words.paid ?? '', sentence: p.message };
  if (p.status === 'authorised') return { state: 'go', picture: 'circle-check', word: words.reserved ?? '', sentence: '' };
  if (p.did === 'refunded' || p.status === 'refunded') {
    return { state: 'again', picture: 'undo-2', word: words.given_back ?? '', sentence: words.refunded ?? '' };
  }
  if (p.did) return { state: 'again', picture: 'octagon-x', word: words.stopped ?? '', sentence: words[p.did] ?? '' };
  return { state: 'staff', picture: 'banknote', word: words.elsewhere ?? '', sentence: p.message };
}

/**
 * @typedef {object} Todo what the clerk may do with a payment of the list
 * @property {(p: Payment) => void} refund
 * @property {(p: Payment) => void} print
 */

/**
 * The latest payments: those of which money was taken with a button for the receipt, and what of it is left with one to
 * give it back.
 * @param {Payment[]} recent
 * @param {HTMLElement} said
 * @param {Todo} todo
 */
export function drawRecent(recent, said, todo) {
  if (recent.length > 0) qs('#recent').replaceChildren(...recent.slice(0, recentMax).map((p) => row(p, said, todo)));
}

/** @typedef {{count: number, captured: Money, refunds: number, refunded: Money}} Today */

/**
 * The day so far, and the receipts that nobody printed.
 * @param {Today} today
 * @param {number} unprinted
 */
export function drawToday(today, unprinted) {
  qs('#today').textContent = yen(today.captured);
  qs('#sum-count').textContent = today.count.toLocaleString(document.documentElement.lang);
  qs('#sum-captured').textContent = yen(today.captured);
  qs('#sum-refunds').textContent = today.refunds.toLocaleString(document.documentElement.lang);
  qs('#sum-refunded').textContent = yen(today.refunded);
  qs('#sum-net').textContent = yen({ currency: 'JPY', value: today.captured.value - today.refunded.value });
  qs('#unprinted').hidden = unprinted === 0;
  qs('#unprinted-count').textContent = unprinted.toLocaleString(document.documentElement.lang);
}

/**
 * @param {Payment} p
 * @param {HTMLElement} said
 * @param {Todo} todo
 */
function row(p, said, todo) {
  const template = /** @type {HTMLTemplateElement} */ (qs('#recent-row'));
  const line = /** @type {HTMLElement} */ (template.content.cloneNode(true));
  qs('time', line).textContent = clock(p.created_at);
  qs('strong', line).textContent = yen(p.amount);
  const { kind, text } = tagOf(p, said.dataset);
  const tag = qs('.tag', line);
  tag.classList.add(kind);
  tag.textContent = text ?? '';
  const refund = qs('[data-does=refund]', line);
  refund.hidden = !['captured', 'partially_refunded'].includes(p.status);
  on(refund, 'click', () => todo.refund(p));
  const print = qs('[data-does=print]', line);
  print.hidden = p.captured.value === 0;
  on(print, 'click', () => todo.print(p));
  return line;
}

/**
 * @param {Payment} p
 * @param {DOMStringMap} words
 */
function tagOf(p, words) {
  switch (p.status) {
    case 'captured': return { kind: 'good', text: words.paid };
    case 'authorised': return { kind: 'good', text: words.reserved };
    case 'refunded':
    case 'partially_refunded': return { kind: 'again', text: words.given_back };
    case 'cancelled':
    case 'voided': return { kind: 'info', text: words.stopped };
    case 'refused':
    case 'declined':
    case 'expired': return { kind: 'staff', text: words.notPaid };
    default: return { kind: 'info', text: words.open };
  }
}

/** The clock on the venue's walls. */
const zone = () => data(qs('#till'), 'zone');

/** @param {string} moment */
function clock(moment) {
  return new Date(moment).toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: zone() });
}
