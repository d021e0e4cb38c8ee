// claim: a screen becomes a gate, a till or a kiosk by a code that is typed, or scanned from the console.
import { CameraProblem, open, stop } from './camera.js';
import { all, on, qs } from './dom.js';
import { scan } from './qr.js';
import { listen } from './wedge.js';

const form = /** @type {HTMLFormElement} */ (qs('#claim'));
const field = /** @type {HTMLInputElement} */ (qs('#field-code'));
const video = /** @type {HTMLVideoElement} */ (qs('video', form));
const frame = qs('.claim-camera', form);
const button = qs('#scan', form);

/**
 * The code in what was scanned: the text itself, or the part of an address that carries it.
 * @param {string} text
 */
function codeIn(text) {
  if (!/^https?:/.test(text)) return text.trim();
  const address = new URL(text);
  return address.searchParams.get('code') ?? address.hash.replace(/^#(code=)?/, '');
}

/** @param {string} text */
function use(text) {
  const code = codeIn(text);
  if (!code) return;
  field.value = code;
  form.requestSubmit();
}

async function look() {
  for (const trouble of all('[data-trouble]')) trouble.hidden = true;
  try {
    await open(video, { facing: 'environment', width: 1280, height: 720 });
  } catch (fault) {
    if (!(fault instanceof CameraProblem)) throw fault;
    qs('#claim-trouble').hidden = false;
    qs(`[data-trouble=${fault.trouble}]`).hidden = false;
    return;
  }
  frame.hidden = false;
  button.hidden = true;
  const scanning = scan(video, (text) => {
    scanning.stop();
    stop(video);
    use(text);
  });
}

button.hidden = false;
on(button, 'click', () => void look());
listen(use);
if (location.hash.length > 1) {
  use(location.href);
  history.replaceState(null, '', location.pathname); // a code is spent once and need not stay in the address
}
