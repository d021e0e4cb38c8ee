// speak: says a sentence aloud in the page's language, only where somebody asked for it.

/** Whether this browser can speak at all: show the switch only then. */
export const speaks = 'speechSynthesis' in globalThis;

let wanted = false;

/**
 * Turns speaking on or off; off also stops what is being said.
 * @param {boolean} on
 */
export function speaking(on) {
  wanted = on && speaks;
  if (!wanted && speaks) speechSynthesis.cancel();
}

/**
 * Says a sentence, instead of what was being said.
 * @param {string} sentence
 * @param {string} [lang]
 */
export function speak(sentence, lang = document.documentElement.lang) {
  if (!wanted || !sentence) return;
  const words = new SpeechSynthesisUtterance(sentence);
  words.lang = lang === 'zh-Hans' ? 'zh-CN' : lang;
  speechSynthesis.cancel();
  speechSynthesis.speak(words);
}
