// till-pad: the clerk's amount pad and the customer's code pad.
import { all, on, qs } from './dom.js';
import { play } from './sound.js';
import { yen } from './till-paper.js';
import { word } from './till-speech.js';

const codeDigits = 4;

/**
 * Where a pad is, when it listens to the keyboard, and what is the most.
 * @typedef {object} Pad
 * @property {string} step
 * @property {string} pad
 * @property {string} typed
 * @property {string} over what is shown above the most
 * @property {string} next
 * @property {() => number} max yen
 */

/**
 * A pad for an amount: touched, or typed on a keyboard.
 * @param {Pad} at
 * @param {(value: number) => void} done
 */
export function amountPad(at, done) {
  let value = 0;
  let suggested = false; // by the screen: the first key begins anew
  const next = /** @type {HTMLButtonElement} */ (qs(at.next));
  const draw = () => {
    qs(at.typed).textContent = yen({ currency: 'JPY', value });
    qs(at.over).hidden = value <= at.max();
    next.disabled = value < 1 || value > at.max();
  };
  /** @param {string} key */
  const press = (key) => {
    play('tap');
    if (suggested) value = 0;
    suggested = false;
    if (key === 'back') value = Math.floor(value / 10);
    else if (value <= at.max()) value = Number(`${value}${key}`);
    draw();
  };
  for (const button of all('button', qs(at.pad))) {
    on(button, 'click', () => press(/** @type {HTMLButtonElement} */ (button).value));
  }
  on(next, 'click', () => done(value));
  on(document, 'keydown', (e) => {
    if (qs('#till').dataset.step !== at.step || e.ctrlKey || e.metaKey || document.querySelector('dialog[open]')) return;
    if (e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement) return;
    if (/^[0-9]$/.test(e.key)) press(e.key);
    else if (e.key === 'Backspace') press('back');
    else if (e.key === 'Enter' && !next.disabled && !(e.target instanceof HTMLButtonElement)) {
      e.preventDefault(); // the same key would press what the next step puts under it
      done(value);
    }
  });
  const set = (/** @type {number} */ to, suggests = false) => { value = to; suggested = suggests; draw(); };
  return { set, suggest: (/** @type {number} */ to) => set(to, true) };
}

/**
 * The code pad: nothing of what is entered is shown, and the digits lie elsewhere each time, so that neither the screen
 * nor the finger's way tells the code to whoever looks on.
 * @param {(digits: string) => void} done
 */
export function codePad(done) {
  let typed = '';
  const dots = qs('#dots');
  const draw = () => {
    all('span', dots).forEach((dot, n) => dot.classList.toggle('on', n < typed.length));
    dots.setAttribute('aria-label', word(`soFar.${typed.length}`));
  };
  /** @param {string} key */
  const press = (key) => {
    if (typed.length === codeDigits) return;
    play('tap');
    typed = key === 'back' ? typed.slice(0, -1) : typed + key;
    draw();
    if (typed.length < codeDigits) return;
    const digits = typed;
    typed = '';
    done(digits);
  };
  on(document, 'keydown', (e) => {
    if (qs('#till').dataset.step !== 'code') return;
    if (/^[0-9]$/.test(e.key)) press(e.key);
    else if (e.key === 'Backspace') press('back');
  });
  return {
    start: () => {
      typed = '';
      draw();
      qs('#code-pad').replaceChildren(...shuffled().map((digit) => padKey(digit, digit, press)), backKey(press));
    },
  };
}

/** The ten digits in an order that nobody can foresee. */
function shuffled() {
  const digits = [...'0123456789'];
  for (let n = digits.length - 1; n > 0; n--) {
    const other = (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % (n + 1);
    [digits[n], digits[other]] = [digits[other] ?? '', digits[n] ?? ''];
  }
  return digits;
}

/**
 * @param {string} text
 * @param {string} key
 * @param {(key: string) => void} press
 */
function padKey(text, key, press) {
  const button = document.createElement('button');
  button.className = 'button';
  button.type = 'button';
  button.textContent = text;
  on(button, 'click', () => press(key));
  return button;
}

/**
 * @param {(key: string) => void} press
 */
function backKey(press) {
  const button = padKey('⌫', 'back', press);
  button.dataset.label = 'deleteDigit';
  button.setAttribute('aria-label', word('deleteDigit'));
  return button;
}
