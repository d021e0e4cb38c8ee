// kiosk-wait: the waiting kiosk forgets what somebody typed and left there.
import { data, on, qs } from './dom.js';

const forgetAfter = 45_000; // ms without a key

const form = qs('[data-forget]');
const field = /** @type {HTMLInputElement} */ (qs('input', form));

/** @type {ReturnType<typeof setTimeout> | undefined} */
let forgetting;

function later() {
  clearTimeout(forgetting);
  if (field.value) forgetting = setTimeout(() => location.replace(data(form, 'forget')), forgetAfter);
}

on(field, 'input', later);
later(); // what came back because it was wrong
