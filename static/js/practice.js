// practice: a few stills of the front camera, sent with the form as if they had been chosen from the album.

import { CameraProblem, grabJPEG, open, stop, whenHidden } from './camera.js';
import { data, on, qs, say } from './dom.js';

const stills = 3;
const between = 300; // ms: frames of different moments say more than a burst

const form = document.querySelector('[data-practice]');
if (form instanceof HTMLFormElement) begin(form);

/** @param {HTMLFormElement} form */
function begin(form) {
  const live = qs('[data-practice-live]', form);
  const view = qs('[data-practice-view]', form);
  const start = /** @type {HTMLButtonElement} */ (qs('[data-practice-start]', form));
  const take = /** @type {HTMLButtonElement} */ (qs('[data-practice-take]', form));
  const said = qs('[data-practice-said]', form);
  const otherwise = /** @type {HTMLDetailsElement} */ (qs('[data-practice-file]', form));
  /** @type {HTMLInputElement} */
  const file = qs('input[type="file"]', form);
  /** @type {HTMLVideoElement} */
  const video = qs('video', view);

  const end = () => {
    stop(video);
    view.hidden = take.hidden = true;
    start.hidden = false;
  };
  on(start, 'click', async () => {
    said.textContent = '';
    start.hidden = true;
    view.hidden = false;
    try {
      await open(video);
      take.hidden = false;
      take.focus();
    } catch (fault) {
      end();
      if (!(fault instanceof CameraProblem)) throw fault;
      said.textContent = data(form, 'noCamera');
      otherwise.open = true;
    }
  });
  on(take, 'click', async () => {
    take.disabled = true;
    say(data(form, 'checking'));
    const photos = new DataTransfer();
    for (let i = 0; i < stills; i++) {
      const still = await grabJPEG(video);
      if (still) photos.items.add(new File([still], `${i + 1}.jpg`, { type: 'image/jpeg' }));
      await new Promise((done) => setTimeout(done, between));
    }
    file.multiple = true;
    file.files = photos.files;
    stop(video);
    form.requestSubmit();
  });
  live.hidden = false;
  otherwise.open = false;
  whenHidden((hidden) => { if (hidden && !take.disabled) end(); });
}
