// wedge: a barcode scanner that types what it reads and then presses Enter, as most of those on a cable do.
import { on } from './dom.js';

const pauseMax = 1_500; // ms between two keys, generous to a busy tablet; after a longer one, what was typed before is forgotten
const textMax = 512;

/**
 * Calls onText with each text that was typed outside of any field and ended by Enter.
 * @param {(text: string) => void} onText
 */
export function listen(onText) {
  let typed = '';
  let last = 0;
  on(document, 'keydown', (e) => {
    if (e.target instanceof Element && e.target.closest('input, textarea, select, dialog')) return;
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.timeStamp - last > pauseMax) typed = '';
    last = e.timeStamp;
    if (e.key === 'Enter' && typed) {
      e.preventDefault();
      const text = typed;
      typed = '';
      onText(text);
    } else if (e.key.length === 1 && typed.length < textMax) {
      typed += e.key;
    }
  });
}
