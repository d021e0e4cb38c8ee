// till-refund: money given back by the clerk: which payment, how much of what is left, yes; and what came of it. A refund
// whose answer is not known is kept under its key until it is: whoever comes back to that payment, or reloads the page, asks
// for the same refund again instead of making another.
import { call, settled } from './device.js';
import { on, qs } from './dom.js';
import { newKey } from './fetch.js';
import { play } from './sound.js';
import { amountPad } from './till-pad.js';
import { clock, yen } from './till-paper.js';
import { find, left, leftWords, listFound, listMore, none } from './till-sales.js';

/** @typedef {import('./till-paper.js').Payment} Payment */
/** @typedef {import('./till-paper.js').Money} Money */
/** @typedef {{id: string, key: string, json: {amount: Money, reason: string}}} Sent a refund that was sent, or was about to be */
/**
 * What the screen does for it.
 * @typedef {object} Screen
 * @property {(step: 'sales' | 'back') => void} enter
 * @property {(amount: Money) => ReturnType<typeof setTimeout>} wait answers the timer that says when it takes long
 * @property {(fault: unknown, again: () => Promise<void>, knows?: string) => void} lost knows: what of the money, as a key of the sentences
 * @property {(p: Payment) => Promise<void>} result
 */

const yesAfter = 400; // ms between the question and the first moment that may be an answer

const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (qs(id));

/** The refunds whose answers are not known, by payment. */
const unknown = {
  /** @returns {Record<string, Sent>} */
  read() { return JSON.parse(localStorage.getItem('kaopass-till-refunds') ?? '{}'); },
  /** @param {Sent} sent */
  keep(sent) { this.write({ ...this.read(), [sent.id]: sent }); },
  /** @param {string} id */
  drop(id) { const { [id]: _, ...rest } = this.read(); this.write(rest); },
  /** @param {Record<string, Sent>} all */
  write(all) { localStorage.setItem('kaopass-till-refunds', JSON.stringify(all)); },
};

/** Gives money back on one screen. */
export class Refunds {
  /** @param {Screen} screen */
  constructor(screen) {
    this.screen = screen;
    /** @type {Payment | null} */
    this.chosen = null;
    this.cursor = '';
    this.pad = amountPad({ step: 'back', pad: '#back-pad', typed: '#back-typed', over: '#back-limit', next: '#back-next',
      max: () => (this.chosen ? left(this.chosen).value : 0) }, (value) => this.agree(value));
    on(qs('#give-back'), 'click', () => void this.open());
    on(qs('#older'), 'click', () => void this.more());
    on(qs('#back-all'), 'click', () => { if (this.chosen) this.pad.suggest(left(this.chosen).value); });
    on(qs('#find'), 'submit', (e) => {
      e.preventDefault();
      void this.search(field('#field-number').value);
    });
  }

  /** Opens the list. @param {string} [note] */
  async open(note = '') {
    this.chosen = null;
    this.cursor = '';
    qs('#sales').replaceChildren();
    field('#field-number').value = '';
    this.screen.enter('sales');
    qs('#find-none').textContent = note;
    qs('#field-number').focus();
    await this.more();
  }

  async more() {
    try {
      this.cursor = await listMore(this.cursor, (id) => void this.offer(id));
    } catch (fault) {
      this.screen.lost(fault, () => this.open());
    }
  }

  /** @param {string} typed */
  async search(typed) {
    qs('#find-none').textContent = '';
    try {
      const [found, ...more] = await find(typed);
      if (!found) none();
      else if (more.length === 0) await this.offer(found.id);
      else listFound([found, ...more], (id) => void this.offer(id));
    } catch (fault) {
      this.screen.lost(fault, () => this.open());
    }
  }

  /**
   * Offers to give back what is left of a payment, as it stands now. Where nobody knows what came of a refund of it, that is
   * asked first.
   * @param {string} id
   * @param {string} [note]
   * @returns {Promise<void>}
   */
  async offer(id, note = '') {
    const before = unknown.read()[id];
    if (before) return this.send(before);
    try {
      this.chosen = /** @type {Payment} */ (await call('GET', `/v1/payments/${id}`));
    } catch (fault) {
      return settled(fault) ? this.open(qs('#said').dataset.none) : this.screen.lost(fault, () => this.offer(id, note));
    }
    if (left(this.chosen).value === 0) return this.open(note || (qs('#said').dataset.gone ?? ''));
    this.screen.enter('back');
    qs('#back-gone').textContent = note;
    qs('#back-of').textContent = [clock(this.chosen.created_at, true), yen(this.chosen.captured), leftWords(this.chosen), id.slice(-6)].join(' · ');
    qs('#back-limit').textContent = (qs('#said').dataset.most ?? '').replace('{}', yen(left(this.chosen)));
    field('#field-why').value = '';
    this.pad.suggest(left(this.chosen).value); // mostly all of it; the first digit begins another amount
    qs('#back-next').focus();
  }

  /** Asks once more, with the amount: a yes is one refund, however often it is touched. @param {number} value */
  agree(value) {
    if (!this.chosen) return;
    const amount = { ...left(this.chosen), value };
    const sent = { id: this.chosen.id, key: newKey(), json: { amount, reason: field('#field-why').value.trim() } };
    const dialog = /** @type {HTMLDialogElement} */ (qs('#refund'));
    const yes = /** @type {HTMLButtonElement} */ (qs('#refund-yes'));
    qs('#refund-amount').textContent = yen(amount);
    yes.onclick = () => {
      yes.onclick = null;
      dialog.close();
      void this.send(sent);
    };
    yes.disabled = true; // the touch, or the key, that opened the question does not answer it
    dialog.showModal();
    setTimeout(() => {
      yes.disabled = false;
      yes.focus();
    }, yesAfter);
  }

  /**
   * @param {Sent} sent
   * @returns {Promise<void>}
   */
  async send(sent) {
    unknown.keep(sent);
    const long = this.screen.wait(sent.json.amount);
    try {
      const done = /** @type {{id: string, payment: Payment}} */ (
        await call('POST', `/v1/payments/${sent.id}/refunds`, { key: sent.key, json: sent.json }));
      unknown.drop(sent.id);
      await this.screen.result({ ...done.payment, did: 'refunded', refund_id: done.id, given: sent.json.amount });
    } catch (fault) {
      if (!settled(fault)) return this.screen.lost(fault, () => this.send(sent), 'knownRefund');
      unknown.drop(sent.id); // refused for good: something was given back meanwhile
      play('staff');
      await this.offer(sent.id, qs('#said').dataset.gone);
    } finally {
      clearTimeout(long);
    }
  }

  /** Goes on with a refund that has no answer yet; false: there is none. */
  async resume() {
    const [sent] = Object.values(unknown.read());
    if (sent) await this.send(sent);
    return sent !== undefined;
  }
}
