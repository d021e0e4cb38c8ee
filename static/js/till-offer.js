// till-offer: the ways to pay, as chips. What changes while the payer stands there (they answer their bank on the phone, or
// put money in) is redrawn in place: what they chose stays chosen, the keyboard stays where it is, no chip moves.
import { all, icon, on, qs } from './dom.js';
import { word } from './till-speech.js';

/** @typedef {import('./till-paper.js').Payment} Payment */
/** @typedef {NonNullable<Payment['methods']>[number]} Method */
/** @typedef {{line: HTMLElement, input: HTMLInputElement, why: HTMLElement, says: string}} Chip says: a key of the sentences; empty: nothing to say */

const settledAfter = 700; // ms between a choice that the screen made by itself and the first touch that may be meant for it

/** Whether anything that the payer has can be chosen. @param {Payment} p */
export function payable(p) {
  return (p.methods ?? []).some((m) => m.covers);
}

/** Whether the offer may grow while the payer stands there: something cannot be chosen yet. @param {Payment} p */
export function waits(p) {
  return (p.methods ?? []).some((m) => !m.covers);
}

/** Why a method cannot be chosen, as a key of the sentences. @param {Method} m */
const why = (m) => (m.reason === 'card_needs_owner' ? 'asksOwner' : 'short');

/** The ways to pay of one payment. */
export class Offer {
  constructor() {
    /** @type {Map<string, Chip>} */
    this.chips = new Map();
    this.chosenAt = -Infinity; // when the screen last chose by itself
    this.touched = false; // a finger is on the screen
    on(document, 'pointerdown', () => { this.touched = true; });
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) on(document, end, () => { this.touched = false; });
  }

  /** Shows what is offered, and chooses what is chosen unless the payer chooses. @param {Payment} p */
  draw(p) {
    this.chips.clear();
    qs('#methods').replaceChildren();
    for (const m of p.methods ?? []) {
      this.add(m);
      this.set(m, m.covers ? '' : why(m));
    }
    this.choose(p);
    this.say();
    this.chosenAt = -Infinity;
  }

  /**
   * Shows what became of it, and answers what can be chosen since: labels. What can no longer be chosen is not chosen any
   * more, and nothing takes its place; only where nothing could be chosen the first that can is.
   * @param {Payment} p
   */
  update(p) {
    const freed = [];
    const methods = p.methods ?? [];
    const before = all('input:enabled', qs('#methods')).length;
    for (const { line } of this.chips.values()) line.style.minBlockSize = `${line.getBoundingClientRect().height}px`; // as high with fewer words
    for (const m of methods) {
      const had = this.chips.get(m.id);
      if (!had) this.add(m);
      if (m.covers && (!had || had.input.disabled)) freed.push(m.label);
      this.set(m, m.covers ? (had?.says ? 'free' : '') : why(m));
    }
    for (const [id, chip] of this.chips) {
      if (!methods.some((m) => m.id === id)) this.lock(chip, 'gone');
    }
    if (before === 0) this.choose(p);
    this.say();
    return freed;
  }

  /** The id of what is chosen; empty: nothing is. */
  chosen() {
    return [...this.chips].find(([, { input }]) => input.checked && !input.disabled)?.[0] ?? '';
  }

  /** Whether the payer had the time to see what is chosen. */
  seen() {
    return performance.now() - this.chosenAt >= settledAfter;
  }

  /** Says each chip's reason in the language that is spoken. */
  say() {
    for (const chip of this.chips.values()) {
      chip.why.hidden = chip.says === '';
      chip.why.textContent = chip.says ? word(chip.says) : '';
    }
  }

  /** @param {Payment} p */
  choose(p) {
    const methods = (p.methods ?? []).filter((m) => m.covers);
    const first = methods.find((m) => m.default) ?? methods[0];
    const chip = first && this.chips.get(first.id);
    if (!chip) return;
    chip.input.checked = true;
    this.chosenAt = performance.now();
  }

  /** @param {Method} m */
  add(m) {
    const line = /** @type {HTMLElement} */ (/** @type {HTMLTemplateElement} */ (qs('#method-row')).content.cloneNode(true));
    const input = /** @type {HTMLInputElement} */ (qs('input', line));
    input.value = m.id;
    icon(line, m.kind === 'card' ? 'credit-card' : 'wallet');
    qs('[data-label-of]', line).textContent = m.label;
    this.chips.set(m.id, { line: qs('label', line), input, why: qs('small', line), says: '' });
    qs('#methods').append(line);
  }

  /** @param {Method} m @param {string} says */
  set(m, says) {
    const chip = this.chips.get(m.id);
    if (!chip) return;
    if (!m.covers) return this.lock(chip, says);
    chip.says = says;
    chip.input.disabled = false;
  }

  /** Nobody can choose it, for a reason; a keyboard that was on it goes on from there. @param {Chip} chip @param {string} says */
  lock(chip, says) {
    const held = document.activeElement === chip.input;
    chip.says = says;
    chip.input.checked = false;
    chip.input.disabled = true;
    if (held) qs('#methods input:enabled, #pay', qs('#confirm')).focus();
  }
}
