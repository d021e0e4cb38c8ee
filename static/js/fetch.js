// fetch: JSON there and back, problem details (RFC 9457) as one kind of failure, and a key for whatever changes
// something, so that asking twice does it once.

/**
 * What the server says went wrong.
 * @typedef {object} Problem
 * @property {number} status
 * @property {string} code stable, snake_case
 * @property {string} title
 * @property {string} detail
 * @property {boolean} retryable
 * @property {string} [request_id]
 * @property {string} [param]
 */

/** A failed request; `problem` says how, also where the network was to blame (status 0, code "offline"). */
export class RequestProblem extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail || problem.title);
    this.name = 'RequestProblem';
    this.problem = problem;
  }
}

const tries = 4;
const firstWait = 400; // ms; doubled each time, or as Retry-After says
const waitMax = 10_000; // ms; nobody waits longer for a retry that they do not see

/**
 * @typedef {object} Ask
 * @property {string | undefined} [method]
 * @property {unknown} [json] sent as JSON
 * @property {BodyInit | undefined} [body] sent as it is
 * @property {Record<string, string> | undefined} [headers]
 * @property {AbortSignal | undefined} [signal]
 * @property {string | undefined} [key] the Idempotency-Key; made for a POST where none is given
 * @property {boolean | undefined} [once] no second try
 * @property {number | undefined} [within] milliseconds for each try; an answer that takes longer is taken for lost and asked for again
 */

/**
 * Asks, and tries again with the same key while that may help.
 * @template [T=unknown]
 * @param {string} url
 * @param {Ask} [ask]
 * @returns {Promise<T>}
 */
export async function request(url, ask = {}) {
  const init = prepared(ask);
  for (let turn = 1; ; turn++) {
    const { answer, problem, wait } = await attempt(url, init, ask);
    if (!problem) return /** @type {T} */ (answer);
    const ms = wait ?? firstWait * 2 ** (turn - 1);
    const over = ask.once || !problem.retryable || turn === tries || ms > waitMax || ask.signal?.aborted;
    if (over) throw new RequestProblem(problem);
    await pause(ms, ask.signal);
  }
}

/**
 * GET.
 * @template [T=unknown]
 * @param {string} url
 * @param {Ask} [ask]
 * @returns {Promise<T>}
 */
export const get = (url, ask = {}) => request(url, { ...ask, method: 'GET' });

/**
 * POST of JSON.
 * @template [T=unknown]
 * @param {string} url
 * @param {unknown} [json]
 * @param {Ask} [ask]
 * @returns {Promise<T>}
 */
export const post = (url, json, ask = {}) => request(url, { ...ask, method: 'POST', json });

/**
 * A name for one request that changes something; keep it and send it again to ask what became of the request.
 * crypto.randomUUID exists in secure contexts only, and a tablet on the LAN may not be in one.
 * @returns {string}
 */
export function newKey() {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {Ask} ask
 * @returns {RequestInit}
 */
function prepared(ask) {
  const method = ask.method ?? 'GET';
  const headers = new Headers(ask.headers);
  headers.set('Accept', 'application/json');
  if (method !== 'GET') headers.set('Idempotency-Key', ask.key ?? newKey());
  let body = ask.body ?? null;
  if (ask.json !== undefined) {
    headers.set('Content-Type', 'application/json');
    body = JSON.stringify(ask.json);
  }
  return { method, headers, body, signal: ask.signal ?? null, credentials: 'same-origin' };
}

/**
 * @param {string} url
 * @param {RequestInit} init
 * @param {Ask} ask
 * @returns {Promise<{ answer?: unknown, problem?: Problem, wait?: number | undefined }>}
 */
async function attempt(url, init, ask) {
  let response;
  try {
    response = await fetch(url, ask.within ? { ...init, signal: limited(ask.within, ask.signal) } : init);
  } catch (fault) {
    if (init.signal?.aborted) throw fault;
    return { problem: { status: 0, code: 'offline', title: '', detail: '', retryable: true } };
  }
  const told = /json/.test(response.headers.get('Content-Type') ?? '') ? await response.json().catch(() => null) : null;
  if (response.ok) return { answer: told };
  const seconds = Number(response.headers.get('Retry-After') || NaN);
  const unknown = { code: 'unknown', title: '', detail: '', retryable: response.status >= 502 };
  return { problem: { ...unknown, ...told, status: response.status }, wait: seconds >= 0 ? seconds * 1000 : undefined };
}

/**
 * A signal that ends a try when its time is over, or when the caller's does.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 */
function limited(ms, signal) {
  const over = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, over]) : over;
}

/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
  });
}
