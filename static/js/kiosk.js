// kiosk: forgets the visitor when nobody touches the screen for a while, after a countdown that anybody can see and stop.
// While a camera runs, the person stands in front of it and touches nothing: that counts as being there.
import { data, on, qs } from './dom.js';

const idleMax = 45; // seconds without a touch, then all is wiped
const warnFrom = 30; // seconds without a touch, then the countdown is shown

const end = /** @type {HTMLFormElement} */ (qs('#kiosk-end'));
const dialog = /** @type {HTMLDialogElement} */ (qs('#kiosk-idle'));
const left = qs('p', dialog);

let touched = Date.now();

function here() {
  touched = Date.now();
  if (dialog.open) dialog.close();
}

/** Whether a camera shows its picture now. */
function filming() {
  return Array.from(document.querySelectorAll('video')).some((video) => video.srcObject instanceof MediaStream && video.srcObject.active);
}

function tick() {
  if (filming()) return here();
  const idle = Math.floor((Date.now() - touched) / 1000);
  if (idle >= idleMax) {
    clearInterval(clock);
    end.requestSubmit();
    return;
  }
  if (idle < warnFrom) return;
  left.textContent = data(left, 'words').replace('{n}', String(idleMax - idle));
  if (!dialog.open) dialog.showModal();
}

for (const kind of /** @type {const} */ (['pointerdown', 'keydown', 'input', 'scroll'])) on(window, kind, here, { passive: true });
on(qs('#kiosk-stay'), 'click', here);
const clock = setInterval(tick, 500);
