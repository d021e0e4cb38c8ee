// till-receipt: receipts on paper. A receipt is fetched as lines, drawn where only a printer sees it, printed, and reported
// as printed.
import { call } from './device.js';
import { qs } from './dom.js';
import { newKey } from './fetch.js';
import { play } from './sound.js';
import { printPaper } from './till-printer.js';

/** @typedef {import('./till-raster.js').Line} Line */
/** @typedef {import('./till-paper.js').Payment} Payment */
/** @typedef {{payment_id: string, refund_id?: string, language?: string, lines?: Line[], escpos_complete?: boolean}} Receipt */

/**
 * Where a receipt is.
 * @param {string} payment
 * @param {string | undefined} refund
 * @param {string} language a tag, or "payer"
 */
function address(payment, refund, language) {
  const query = new URLSearchParams({ language, ...(refund ? { refund } : {}) });
  return `/v1/payments/${payment}/receipt?${query}`;
}

/**
 * Draws the receipt of a payment, or of one of its refunds, for the printer; null where there is none, or nobody answered.
 * @param {string} payment
 * @param {string | undefined} refund
 * @param {string} language
 * @returns {Promise<Receipt | null>}
 */
export async function drawReceipt(payment, refund, language) {
  qs('#paper').replaceChildren();
  try {
    const headers = { 'Accept-Language': document.documentElement.lang };
    const receipt = /** @type {Receipt} */ (await call('GET', address(payment, refund, language), { headers, once: true }));
    drawPaper(qs('#paper'), receipt);
    return receipt;
  } catch {
    return null;
  }
}

/**
 * Draws lines as they stand on paper.
 * @param {HTMLElement} at
 * @param {{lines?: Line[], language?: string}} paper
 */
export function drawPaper(at, paper) {
  at.lang = paper.language ?? '';
  at.replaceChildren(...(paper.lines ?? []).map(drawLine));
}

/** @param {Line} line */
function drawLine(line) {
  if (line.style === 'rule') return document.createElement('hr');
  const p = document.createElement('p');
  p.className = `paper-line ${line.style ?? ''}`;
  p.append(part(line.left, ''));
  if (line.right) p.append(part(line.right, 'number'));
  return p;
}

/**
 * @param {string} text
 * @param {string} className
 */
function part(text, className) {
  const span = document.createElement('span');
  span.className = className;
  span.textContent = text;
  return span;
}

/**
 * Prints what was drawn and says so; where the printer did not take it, or nobody hears it, the receipt stays among those
 * that were not printed.
 * @param {Receipt} receipt
 */
export async function printReceipt(receipt) {
  const { payment_id: payment, refund_id: refund } = receipt;
  if (!await printPaper(receipt, address(payment, refund, receipt.language ?? 'payer'))) return;
  const json = refund ? { refund_id: refund } : {};
  await call('POST', `/v1/payments/${payment}/receipt/printed`, { key: newKey(), json }).catch(() => undefined);
}

/**
 * A result of which money was taken, or given back, has a receipt: its button is there when the receipt is.
 * @param {Payment} p
 * @param {string} language a tag, or "payer"
 * @param {() => boolean} late
 * @param {() => Promise<void>} printed
 */
export async function offerReceipt(p, language, late, printed) {
  if (p.captured.value === 0) return;
  const receipt = await drawReceipt(p.id, p.refund_id, language);
  if (late() || !receipt) return;
  const print = /** @type {HTMLButtonElement} */ (qs('#print'));
  print.disabled = false;
  print.onclick = () => void printReceipt(receipt).then(printed);
}

/**
 * Prints a receipt out of the list, in the language of whoever paid.
 * @param {string} payment
 * @param {string | undefined} refund
 * @param {() => Promise<void>} printed
 */
export async function reprint(payment, refund, printed) {
  const receipt = await drawReceipt(payment, refund, 'payer');
  if (!receipt) return void play('staff');
  await printReceipt(receipt);
  await printed();
}
