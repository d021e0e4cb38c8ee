// till-speech: what the screen says to the customer, in the language that they chose, or that the venue knows of whoever
// pays. The clerk's own words stay in the page's language.
import { all, data, on, qs } from './dom.js';

const ofPage = document.documentElement.lang;
let spoken = ofPage;
let chosen = false;

/** The language that is spoken now, as a BCP 47 tag. */
export const language = () => spoken;

/** The language of a receipt: what the customer chose, else what whoever paid reads. */
export const paperLanguage = () => (chosen ? spoken : 'payer');

/**
 * A sentence for the customer.
 * @param {string} key
 * @param {string} [fill] what stands in its hole
 */
export function word(key, fill = '') {
  return (qs(`#speech [lang="${spoken}"] [data-key="${key}"]`).textContent ?? '').replace('{}', fill);
}

/** @param {string} tag */
function speak(tag) {
  spoken = tag;
  for (const part of all('[data-customer]')) part.lang = tag;
  for (const part of all('[data-t]')) {
    const at = part.matches('button') ? qs('span', part) : part;
    at.textContent = word(data(part, 't'));
  }
  for (const part of all('[data-label]')) part.setAttribute('aria-label', word(data(part, 'label')));
  for (const button of all('#languages button')) button.setAttribute('aria-pressed', String(button.lang === tag));
}

/**
 * Turns to the language of whoever pays, and answers whether it did; a language that they chose by hand stays.
 * @param {string | undefined} tag
 */
export function speakTo(tag) {
  if (!tag || chosen || tag === spoken) return false;
  speak(tag);
  return true;
}

/** The next customer is nobody yet. */
export function forgetSpeech() {
  chosen = false;
  speak(ofPage);
}

/** @param {() => void} changed after the customer chose */
export function chooseLanguage(changed) {
  speak(ofPage);
  for (const button of all('#languages button')) {
    on(button, 'click', () => {
      chosen = true;
      speak(button.lang);
      changed();
    });
  }
}
