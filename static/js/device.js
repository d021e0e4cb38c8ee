// device: what the lane and the till screen share: asking the server as a device, photos of one approach, a figure that
// is asked for again and again, and a screen that stays on.
import { icon, qs } from './dom.js';
import { RequestProblem, request } from './fetch.js';

const answerWithin = 12_000; // ms a try

/**
 * Asks the server; a device that was taken out of service is shown the page that says so.
 * @template [T=unknown]
 * @param {string} method
 * @param {string} url
 * @param {import('./fetch.js').Ask} [ask]
 * @returns {Promise<T>}
 */
export async function call(method, url, ask = {}) {
  try {
    return await request(url, { within: answerWithin, ...ask, method });
  } catch (fault) {
    if (status(fault) === 401) location.reload();
    throw fault;
  }
}

/**
 * The HTTP status of a failed request: 0 where nobody answered.
 * @param {unknown} fault
 */
export function status(fault) {
  return fault instanceof RequestProblem ? fault.problem.status : 0;
}

/**
 * Whether a request was refused for good: sent again it would be again. What is under way, too often or unanswered is not.
 * @param {unknown} fault
 */
export function settled(fault) {
  const at = status(fault);
  return at >= 400 && at < 500 && at !== 401 && at !== 408 && at !== 429 &&
    !(fault instanceof RequestProblem && fault.problem.code === 'request_in_flight');
}

/**
 * Several photos of one approach, as the parts of one form.
 * @param {Blob[]} photos
 * @param {Record<string, string>} [fields]
 */
export function photoForm(photos, fields = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  photos.forEach((photo, n) => form.append('image', photo, `${n + 1}.jpg`));
  return form;
}

/**
 * Calls each with the answer of a GET every so often, and with null while nobody answers.
 * @template T
 * @param {string} url
 * @param {number} everyMs
 * @param {(answer: T | null) => void} each
 * @returns {() => Promise<void>} asks at once
 */
export function watch(url, everyMs, each) {
  const ask = async () => {
    try {
      each(await call('GET', url, { once: true }));
    } catch {
      each(null);
    }
  };
  const again = async () => {
    if (!document.hidden) await ask();
    setTimeout(again, everyMs);
  };
  void again();
  return ask;
}

/**
 * Shows whether the venue answers: an icon and a word.
 * @param {boolean} up
 */
export function link(up) {
  const at = qs('#link');
  at.dataset.state = up ? 'on' : 'off';
  icon(at, up ? 'wifi' : 'wifi-off');
  qs('span', at).textContent = at.dataset[up ? 'on' : 'off'] ?? '';
}

/** Keeps the screen on while the page is looked at; where a browser cannot, the device's own settings have to. */
export function stayAwake() {
  const hold = () => {
    if (!document.hidden) navigator.wakeLock?.request('screen').catch(() => undefined);
  };
  document.addEventListener('visibilitychange', hold);
  hold();
}

/** @param {number} ms */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
