// till-receipt: receipts on paper. A receipt is fetched as lines, drawn where only a printer sees it, printed, and reported
// as printed.
import { call } from './device.js';
import { qs } from './dom.js';
import { newKey } from './fetch.js';

/** @typedef {{left: string, right?: string, style?: 'centre' | 'title' | 'total' | 'rule'}} Line */
/** @typedef {{payment_id: string, refund_id?: string, lines?: Line[]}} Receipt */

/**
 * Draws the receipt of a payment, or of one of its refunds; false where there is none, or nobody answered.
 * @param {string} payment
 * @param {string} [refund]
 */
export async function drawReceipt(payment, refund) {
  qs('#paper').replaceChildren();
  const query = refund ? `?refund=${encodeURIComponent(refund)}` : '';
  try {
    const headers = { 'Accept-Language': document.documentElement.lang };
    const receipt = /** @type {Receipt} */ (await call('GET', `/v1/payments/${payment}/receipt${query}`, { headers, once: true }));
    qs('#paper').replaceChildren(...(receipt.lines ?? []).map(drawLine));
    return true;
  } catch {
    return false;
  }
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
 * Prints what is drawn and says so; where nobody hears it, the receipt stays among those that were not printed.
 * @param {string} payment
 * @param {string} [refund]
 */
export async function printReceipt(payment, refund) {
  window.print();
  const json = refund ? { refund_id: refund } : {};
  await call('POST', `/v1/payments/${payment}/receipt/printed`, { key: newKey(), json }).catch(() => undefined);
}
