// till-paper: what a payment looks like in words: money, the result, a line of the list, a receipt.
import { data, on, qs } from './dom.js';
import { language, word } from './till-speech.js';

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
 * @property {{display_name: string, language?: string}} [payer]
 * @property {{id: string, kind: 'emoney' | 'card'}} [method]
 * @property {{id: string, kind: 'emoney' | 'card', label: string, default: boolean, covers: boolean, reason?: string}[]} [methods]
 * @property {string} created_at
 * @property {string} [decided_at]
 * @property {'nothing' | 'released' | 'refunded'} [did]
 * @property {string} [refund_id]
 * @property {Money} [given] what this refund gave back
 */

const recentMax = 8;

/**
 * Yen as a language writes it.
 * @param {Money} m
 * @param {string} [lang] the page's, if it is not said
 */
export function yen(m, lang = document.documentElement.lang) {
  const sum = (m.value < 0 ? '−' : '') + Math.abs(m.value).toLocaleString(lang);
  switch (lang) {
    case 'ja': return `${sum}円`;
    case 'zh-Hans': return `${sum}日元`;
    case 'ko': return `${sum}엔`;
    default: return m.value < 0 ? `−¥${sum.slice(1)}` : `¥${sum}`;
  }
}

/**
 * What came of a payment: a colour, a picture, a word and a sentence, for the customer.
 * @param {Payment} p
 * @returns {{state: 'go' | 'again' | 'staff', picture: string, word: string, sentence: string}}
 */
export function outcome(p) {
  if (p.status === 'partially_refunded') {
    const remains = { ...p.captured, value: p.captured.value - p.refunded.value };
    return { state: 'again', picture: 'undo-2', word: word('partBack'), sentence: word('remains', yen(remains, language())) };
  }
  if (p.did === 'refunded' || p.status === 'refunded') {
    return { state: 'again', picture: 'undo-2', word: word('say.given_back'), sentence: word('didRefunded') };
  }
  if (p.did) return { state: 'again', picture: 'octagon-x', word: word('say.stopped'), sentence: word(p.did === 'released' ? 'didReleased' : 'didNothing') };
  if (p.status === 'captured' && p.reason) { // booked, and the card's money never came
    return { state: 'staff', picture: 'banknote', word: word('say.elsewhere'), sentence: p.message };
  }
  switch (p.status) {
    case 'captured': return { state: 'go', picture: 'circle-check', word: word('say.paid'), sentence: p.message };
    case 'authorised': return { state: 'go', picture: 'circle-check', word: word('say.authorised'), sentence: '' };
    case 'cancelled':
    case 'voided': return { state: 'again', picture: 'octagon-x', word: word('say.stopped'), sentence: p.message };
    case 'expired': return { state: 'again', picture: 'octagon-x', word: word('over'), sentence: p.message };
    default: return { state: 'staff', picture: 'banknote', word: word('say.elsewhere'), sentence: p.message };
  }
}

/** Whether a payment waits for somebody. @param {Payment} p */
export const awaits = (p) => p.retry || p.status.startsWith('awaiting_');

/** Whether the same amount may be asked for once more, from whoever pays another way or is somebody else. @param {Payment} p */
export const again = (p) => ['declined', 'refused', 'expired', 'cancelled'].includes(p.status) && p.captured.value === 0 && p.reason !== 'too_many_tries';

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
    case 'captured': return p.reason ? { kind: 'staff', text: words.notPaid } : { kind: 'good', text: words.paid };
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

/**
 * The time of a moment on it; with the day where that is asked and another than today's.
 * @param {string} moment
 * @param {boolean} [withDay]
 */
export function clock(moment, withDay = false) {
  const lang = document.documentElement.lang, timeZone = zone(), at = new Date(moment);
  const time = at.toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const day = (/** @type {Date} */ d) => d.toLocaleDateString(lang, { month: 'numeric', day: 'numeric', timeZone });
  return withDay && day(at) !== day(new Date()) ? `${day(at)} ${time}` : time;
}
