// gate: the lane screen. A ticket is read (by the camera or by a scanner that types), photos are taken, the server
// decides, the result fills the screen, and a moment later the lane is ready for the next person.
import { takePhotos } from './approach.js';
import { CameraProblem, open, whenGone } from './camera.js';
import { call, link, pause, photoForm, status, stayAwake, watch } from './device.js';
import { all, data, icon, on, qs, say } from './dom.js';
import { newKey } from './fetch.js';
import { scan } from './qr.js';
import { play, unlock } from './sound.js';
import { listen } from './wedge.js';

const approach = { during: 330, every: 55, keep: 3 }; // ms, ms, photos
const lookUp = 280; // ms for the eyes to go from the ticket to the camera
const resultFor = 1_500; // ms
const retryFor = 2_200; // ms: a sentence has to be read
const retriesMax = 2; // photos after the first, before the ticket has to be shown again
const passAfter = 4_000; // ms until an admitted visitor counts as gone through, unless staff says no
const statusEvery = 3_000; // ms

/**
 * @typedef {object} Admission
 * @property {string} id
 * @property {'admit' | 'refuse' | 'ask_staff'} decision
 * @property {string} reason
 * @property {string} message
 * @property {string} language
 * @property {boolean} retry
 * @property {'entry' | 'exit'} direction
 * @property {{kind: string, number: string}} [ticket]
 * @property {string} decided_at
 * @property {string} [passed_at]
 * @property {string} [undone_at]
 */
/** @typedef {{inside: number, entries_last_minute: number, recent: Admission[]}} Status */

const lane = qs('#lane');
const video = /** @type {HTMLVideoElement} */ (qs('#camera'));
const verdict = qs('#verdict');
const said = qs('#said');
const language = document.documentElement.lang;

let serving = ''; // the ticket of the person in front, or nothing
/** Admissions that count as passed when their time comes. @type {Map<string, ReturnType<typeof setTimeout>>} */
const passing = new Map();

/** @param {'ready' | 'looking' | 'go' | 'again' | 'staff' | 'trouble'} state */
function enter(state) {
  lane.dataset.state = state;
  qs('#wait').hidden = state !== 'looking';
  verdict.hidden = !['go', 'again', 'staff'].includes(state);
  qs('#idle').hidden = !verdict.hidden || state === 'trouble';
  qs('#trouble').hidden = state !== 'trouble';
}

/**
 * One person, from the ticket to the result.
 * @param {string} ticket
 */
async function serve(ticket) {
  if (serving) return;
  serving = ticket;
  play('tap');
  try {
    for (let turn = 0; turn <= retriesMax; turn++) {
      const again = await attempt(ticket);
      if (!again) break;
    }
  } finally {
    serving = '';
    enter(video.srcObject ? 'ready' : 'trouble');
    void refresh();
  }
}

/**
 * @param {string} ticket
 * @returns {Promise<boolean>} another photo of the same person may mend it
 */
async function attempt(ticket) {
  enter('looking');
  say(qs('#wait').textContent ?? '');
  await pause(lookUp);
  const form = photoForm(await takePhotos(video, approach), { ticket, direction: direction(), captured_at: new Date().toISOString() });
  try {
    /** @type {Admission} */
    const a = await call('POST', '/v1/admissions', { key: newKey(), body: form, headers: { 'Accept-Language': language } });
    await show(a);
    return a.retry && a.reason !== 'ticket_unreadable'; // that takes another look at the ticket, not at the face
  } catch (fault) {
    await showLost(status(fault));
    return false;
  }
}

/** @param {Admission} a */
async function show(a) {
  if (a.decision === 'admit') {
    fill('go', 'circle-check', word(a.language, a.direction === 'exit' ? 'bye' : 'go'), a.direction === 'exit' ? '' : a.message, a.language);
    later(a.id);
    await pause(resultFor);
  } else if (a.retry) {
    fill('again', 'rotate-ccw', word(a.language, 'again'), a.message, a.language);
    await pause(retryFor);
  } else {
    fill('staff', 'concierge-bell', word(a.language, 'staff'), a.message, a.language);
    await pause(retryFor);
  }
}

/**
 * Nobody answered, or not in time: the person is told what to do, never what broke.
 * @param {number} code
 */
async function showLost(code) {
  link(code !== 0);
  fill('staff', 'concierge-bell', word(language, 'staff'), said.dataset.lost ?? '', language);
  await pause(retryFor);
}

/**
 * @param {'go' | 'again' | 'staff'} state
 * @param {string} picture
 * @param {string} oneWord
 * @param {string} sentence
 * @param {string} lang
 */
function fill(state, picture, oneWord, sentence, lang) {
  verdict.className = `verdict ${state}`;
  verdict.lang = lang;
  icon(verdict, picture);
  qs('#word').textContent = oneWord;
  qs('#sentence').textContent = sentence === oneWord ? '' : sentence;
  enter(state);
  play(state);
  say(`${oneWord}. ${sentence}`, { urgent: true });
}

/**
 * The one word of a result, in a language.
 * @param {string} lang
 * @param {'go' | 'bye' | 'again' | 'staff'} which
 */
function word(lang, which) {
  return (said.querySelector(`p[lang="${lang}"]`) ?? qs('p[lang]', said)).getAttribute(`data-${which}`) ?? '';
}

/**
 * Counts an admitted visitor as gone through, unless staff takes it back first.
 * @param {string} id
 */
function later(id) {
  passing.set(id, setTimeout(() => void passed(id), passAfter));
}

/** @param {string} id */
async function passed(id) {
  passing.delete(id);
  await call('POST', `/v1/admissions/${id}/passed`, { key: newKey() }).catch(() => undefined); // too late, or taken back
  void refresh();
}

/** @param {string} id */
async function undo(id) {
  clearTimeout(passing.get(id));
  passing.delete(id);
  await call('POST', `/v1/admissions/${id}/undo`, { key: newKey(), json: { reason: said.dataset.why } }).catch(() => undefined);
  void refresh();
}

/** @param {Status | null} s */
function draw(s) {
  link(s !== null);
  if (!s) return;
  qs('#inside').textContent = s.inside.toLocaleString(language);
  qs('#minute').textContent = s.entries_last_minute.toLocaleString(language);
  if (s.recent.length > 0) qs('#recent').replaceChildren(...s.recent.slice(0, 5).map(row));
}

/** @param {Admission} a */
function row(a) {
  const template = /** @type {HTMLTemplateElement} */ (qs('#recent-row'));
  const line = /** @type {HTMLElement} */ (template.content.cloneNode(true));
  const at = new Date(a.decided_at);
  qs('time', line).textContent = at.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: data(lane, 'zone') });
  const tag = qs('.tag', line);
  tag.classList.add({ admit: 'good', refuse: 'again', ask_staff: 'staff' }[a.decision]);
  tag.textContent = said.dataset[a.decision] ?? '';
  qs('.ticket', line).textContent = a.ticket?.number ?? '';
  qs('.reason', line).textContent = outcome(a);
  const button = qs('button', line);
  button.hidden = a.decision !== 'admit' || Boolean(a.undone_at);
  on(button, 'click', () => void undo(a.id));
  return line;
}

/** @param {Admission} a */
function outcome(a) {
  if (a.undone_at) return said.dataset.undone ?? '';
  if (a.passed_at) return said.dataset.passed ?? '';
  return (a.decision === 'admit' ? said.dataset.waiting : a.message) ?? '';
}

const directionKey = 'kaopass-direction';

/** @returns {'entry' | 'exit'} */
function direction() {
  return localStorage.getItem(directionKey) === 'exit' ? 'exit' : 'entry';
}

function drawDirection() {
  const button = qs('#direction');
  const now = direction();
  icon(button, now === 'exit' ? 'log-out' : 'log-in');
  qs('.now', button).textContent = button.dataset[now] ?? '';
}

/** @param {Event} e */
async function wakeSound(e) {
  if (!e.isTrusted) return;
  await unlock().catch(() => undefined);
  const button = qs('#sound');
  icon(button, 'volume-2');
  qs('span', button).textContent = button.dataset.on ?? '';
}

async function start() {
  for (const trouble of all('[data-trouble]')) trouble.hidden = true;
  try {
    const stream = await open(video, { facing: 'user', width: 1280, height: 720 });
    whenGone(stream, () => void start());
    enter('ready');
  } catch (fault) {
    qs(`[data-trouble=${fault instanceof CameraProblem ? fault.trouble : 'busy'}]`).hidden = false;
    enter('trouble');
  }
}

on(qs('#retry'), 'click', () => void start());
on(qs('#direction'), 'click', () => {
  localStorage.setItem(directionKey, direction() === 'exit' ? 'entry' : 'exit');
  drawDirection();
});
on(document, 'pointerdown', wakeSound, { once: true });
drawDirection();
stayAwake();
const refresh = watch('/v1/gate', statusEvery, draw);
listen((ticket) => void serve(ticket));
await start();
const scanner = scan(video, (ticket) => {
  if (serving && serving !== ticket) scanner.forget(); // the next person is early: looked at again in a moment
  void serve(ticket);
});
