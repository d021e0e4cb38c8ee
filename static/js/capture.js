// capture: the page on which a face is given. One panel is shown at a time; the camera stays open behind them while it
// makes sense, and is let go of whenever nobody is looking. What the server says arrives by call.js.
import { CameraProblem, draw, grabJPEG, open, stop, whenGone, whenHidden } from './camera.js';
import { Lost, NotConnected, callStills, callVideo, sendStill } from './call.js';
import { all, data, icon, on, qs, say, show } from './dom.js';
import { RequestProblem } from './fetch.js';
import { play, unlock } from './sound.js';
import { speak, speaking, speaks } from './speak.js';

/** @typedef {import('./call.js').Progress} Progress */

const struggleAfter = 20_000; // ms without progress, before help is offered
const hintAtLeast = 700; // ms that a hint stays, so that it can be read
const goOnAfter = 3500; // ms of the tick, before the page goes on by itself

const root = qs('#capture');
const base = data(root, 'base').replace(/\/$/, '');
const panels = all('[data-panel]', root);
const video = /** @type {HTMLVideoElement} */ (qs('[data-video]', root));
const stage = qs('[data-stage]', root);
const hintLine = qs('[data-hint]', root);
const struggle = qs('[data-struggle]', root);
const help = /** @type {HTMLDialogElement} */ (qs('#help'));
const file = /** @type {HTMLInputElement} */ (qs('[data-file]', root));

/** What goes on now: the capture's name, and how to stop it. */
let call = { session: '', signal: AbortSignal.abort() };
let abort = new AbortController();
let byPhotos = false; // once video did not connect, or the person chose photos
let sound = false;
let share = 0;
let hintSince = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let nextHint;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let struggling;

/** @param {string} name */
const panelNow = (name) => !qs(`[data-panel="${name}"]`, root).hidden;

/**
 * Shows a panel under its title, and moves the reader there.
 * @param {string} name
 * @param {string} [text] in place of the panel's own
 */
function panel(name, text) {
  if (help.open) help.close();
  if (panelNow(name)) return;
  const shown = qs(`[data-panel="${name}"]`, root);
  show(panels, shown);
  document.documentElement.toggleAttribute('data-capturing', name === 'camera');
  const line = shown.querySelector('[data-text]');
  if (line && text) line.textContent = text;
  const title = qs('h1', root);
  title.textContent = data(shown, 'title');
  title.focus();
}

/** Ends what goes on; the server forgets the session by itself. */
function hangUp() {
  abort.abort();
  clearTimeout(struggling);
  clearTimeout(nextHint);
  stop(video);
  speaking(false);
}

/**
 * Opens the camera and captures.
 * @param {boolean} anew begins a new capture; else goes on with the one before
 */
async function start(anew) {
  hangUp();
  abort = new AbortController();
  call = { session: anew ? '' : call.session, signal: abort.signal };
  if (anew) draws({ share: 0, step: 0, steps: 0 });
  panel('camera');
  hint('wait');
  speaking(pressed('speak'));
  const mine = call;
  try {
    const stream = await open(video);
    if (mine.signal.aborted) return stop(video);
    whenGone(stream, () => { if (!mine.signal.aborted) trouble('busy'); });
    waitForStruggle();
    await finish(await converse(stream));
  } catch (fault) {
    if (!mine.signal.aborted) explain(fault);
  }
}

/**
 * By video, and where that does not connect, by photos.
 * @param {MediaStream} stream
 * @returns {Promise<Progress>}
 */
async function converse(stream) {
  for (let turn = 1; !byPhotos; turn++) {
    try {
      return await callVideo(base, stream, told, call);
    } catch (fault) {
      if (fault instanceof NotConnected) byPhotos = true;
      else if (!(fault instanceof Lost) || turn > 1 || !navigator.onLine) throw fault; // once more, if Wi-Fi became 5G
    }
  }
  return callStills(base, video, told, call);
}

/** @param {Progress} p */
function told(p) {
  if (p.share > share) {
    if (sound) play('tap');
    waitForStruggle();
  }
  draws(p);
  if (p.hint) hint(p.hint);
}

/** @param {{ share: number, step: number, steps: number }} p */
function draws(p) {
  share = p.share;
  stage.style.setProperty('--share', String(p.share));
  const words = p.steps ? data(root, 'steps').replace('{now}', String(p.step)).replace('{of}', String(p.steps)) : '';
  qs('[data-progress]', root).textContent = words;
  const dots = Array.from({ length: p.steps }, (_, i) => {
    const dot = document.createElement('i');
    dot.className = i + 1 < p.step ? 'past' : i + 1 === p.step ? 'now' : '';
    return dot;
  });
  qs('[data-dots]', root).replaceChildren(...dots);
}

/**
 * Shows, says and, where asked for, speaks a hint; none is replaced before it can be read, and only the newest waits.
 * @param {string} name
 */
function hint(name) {
  clearTimeout(nextHint);
  if (stage.dataset.hint === name) return;
  nextHint = setTimeout(() => {
    const sentence = root.getAttribute(`data-hint-${name}`) ?? '';
    stage.dataset.hint = name;
    hintLine.textContent = sentence;
    hintSince = performance.now();
    say(sentence);
    speak(sentence);
  }, Math.max(0, hintSince + hintAtLeast - performance.now()));
}

function waitForStruggle() {
  clearTimeout(struggling);
  struggling = setTimeout(() => {
    struggle.hidden = false;
    if (sound) play('again');
  }, struggleAfter);
}

/** @param {Progress} p the last message */
async function finish(p) {
  if (p.fault) return trouble('fault');
  if (p.ended) return trouble('ended', root.getAttribute(`data-reason-${p.ended}`) ?? undefined);
  const still = /** @type {HTMLCanvasElement} */ (qs('[data-still]', root));
  draw(video, 480, still);
  hangUp();
  panel('done');
  if (sound) play('go');
  say(root.getAttribute('data-hint-done') ?? '');
  const forget = () => { still.width = still.height = 0; };
  addEventListener('pagehide', forget, { once: true });
  setTimeout(() => { location.href = data(root, 'next'); }, goOnAfter);
}

/**
 * Stops the camera and shows what happened.
 * @param {string} name
 * @param {string} [text]
 */
function trouble(name, text) {
  hangUp();
  panel(name, text);
  if (sound) play('again');
}

/** @param {unknown} fault */
function explain(fault) {
  if (fault instanceof CameraProblem) return trouble(fault.trouble);
  if (fault instanceof Lost) return trouble('lost');
  if (!(fault instanceof RequestProblem)) return trouble('fault');
  const { status, code } = fault.problem;
  if (status === 401) return location.reload(); // signed out meanwhile: the server leads to the sign-in and back
  if (code === 'offline') return trouble('lost');
  if (code === 'capture_over') call.session = '';
  if (status === 409) return trouble('ended');
  return trouble(status === 429 || status === 503 ? 'full' : 'fault');
}

/** A photo of the phone's own camera app, where the browser gives us no camera. */
async function fromFile() {
  const photo = file.files?.[0];
  file.value = '';
  if (!photo) return;
  try {
    const bitmap = await createImageBitmap(photo);
    const jpeg = await grabJPEG(bitmap, 1280);
    if (abort.signal.aborted) abort = new AbortController();
    call = { session: call.session, signal: abort.signal };
    const p = jpeg && await sendStill(base, jpeg, call);
    if (p?.done) return finish(p);
    if (p?.ended || p?.fault) return finish(p);
    const sentence = root.getAttribute(`data-hint-${p?.hint ?? 'wait'}`) ?? '';
    const shown = panels.find((element) => !element.hidden);
    const line = shown?.querySelector('[data-text]');
    if (line) line.textContent = p?.steps ? `${sentence} (${data(root, 'steps').replace('{now}', String(p.step)).replace('{of}', String(p.steps))})` : sentence;
    say(sentence, { urgent: true });
  } catch (fault) {
    explain(fault);
  }
}

/** @param {string} name */
const toggle = (name) => qs(`[data-act="${name}"]`, root);

/** @param {string} name */
const pressed = (name) => toggle(name).getAttribute('aria-pressed') === 'true';

/**
 * @param {string} name
 * @returns {boolean} whether it is pressed now
 */
function press(name) {
  const now = !pressed(name);
  toggle(name).setAttribute('aria-pressed', String(now));
  return now;
}

/** What each button does. */
const acts = /** @type {Record<string, () => void>} */ ({
  start: () => void start(true),
  goOn: () => void start(false),
  help: () => help.showModal(),
  close: () => help.close(),
  photos: () => { byPhotos = true; void start(false); },
  file: () => file.click(),
  leave: () => { hangUp(); if (call.session) void fetch(`${base}/session/${call.session}`, { method: 'DELETE', keepalive: true }); panel('ready'); },
  sound: () => { sound = press('sound'); icon(toggle('sound'), sound ? 'volume-2' : 'volume-x'); void unlock().then(() => { if (sound) play('tap'); }); },
  speak: () => { speaking(press('speak')); speak(hintLine.textContent ?? ''); },
});

for (const button of all('[data-act]', root)) on(button, 'click', () => acts[data(button, 'act')]?.());
on(file, 'change', () => void fromFile());
toggle('speak').hidden = !speaks;
whenHidden((hidden) => { if (hidden && panelNow('camera')) trouble('paused'); });
addEventListener('offline', () => { if (panelNow('camera')) trouble('lost'); });
addEventListener('online', () => { if (panelNow('lost')) void start(false); });
addEventListener('pagehide', hangUp);
