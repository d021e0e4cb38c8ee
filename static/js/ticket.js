// ticket: reads the QR code of a ticket with the phone's camera and sends the form with it.

import { CameraProblem, open, stop, whenHidden } from './camera.js';
import { data, on, qs, say } from './dom.js';
import { scan } from './qr.js';

const box = document.querySelector('[data-scan]');
if (box instanceof HTMLElement) begin(box);

/** @param {HTMLElement} box */
function begin(box) {
  const view = qs('[data-scan-view]', box);
  const button = qs('[data-scan-go]', box);
  const label = qs('span', button);
  const said = qs('[data-scan-said]', box);
  /** @type {HTMLVideoElement} */
  const video = qs('video', view);
  const form = /** @type {HTMLFormElement} */ (qs('[data-scan-form]'));
  /** @type {{ stop: () => void } | null} */
  let looking = null;

  const end = () => {
    looking?.stop();
    looking = null;
    stop(video);
    view.hidden = true;
    label.textContent = data(box, 'start');
  };
  const start = async () => {
    said.textContent = '';
    view.hidden = false;
    label.textContent = data(box, 'stop');
    try {
      await open(video, { facing: 'environment', width: 1280, height: 720 });
    } catch (fault) {
      end();
      if (!(fault instanceof CameraProblem)) throw fault;
      said.textContent = data(box, 'noCamera');
      return;
    }
    say(view.textContent ?? '');
    looking = scan(video, (text) => {
      end();
      /** @type {HTMLInputElement} */ (qs('input[name="ticket"]', form)).value = text;
      form.requestSubmit();
    });
  };
  box.hidden = false;
  on(button, 'click', () => { if (view.hidden) void start(); else end(); });
  whenHidden((hidden) => { if (hidden) end(); });
}
