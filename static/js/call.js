// call: one capture as the server sees it. Video goes out over WebRTC and hints come back over its data channel; where
// that does not connect, photos go out over HTTPS and each answer is a hint. Both lead into the same capture, by name.
import { grabJPEG } from './camera.js';
import { RequestProblem, request } from './fetch.js';

/**
 * How a capture stands; exactly one of done, ended and fault is set in the last message.
 * @typedef {object} Progress
 * @property {string} session
 * @property {string} hint
 * @property {number} step
 * @property {number} steps
 * @property {number} share 0 to 1
 * @property {boolean} done
 * @property {string} [ended] the reason
 * @property {boolean} [fault]
 */

const connectMax = 4000; // ms; a person looks at "one moment" no longer
const silenceMax = 3500; // ms without a connection, before it counts as lost
const stillEvery = 350; // ms between photos

/** Video did not connect: send photos. */
export class NotConnected extends Error {}

/** The connection was lost half-way. */
export class Lost extends Error {}

/**
 * Sends video until the capture is over, and answers how it ended.
 * @param {string} base where the capture's routes are
 * @param {MediaStream} stream
 * @param {(p: Progress) => void} told
 * @param {{ session: string, signal: AbortSignal }} call session: goes on with that capture where it is set
 * @returns {Promise<Progress>}
 */
export async function callVideo(base, stream, told, call) {
  if (!('RTCPeerConnection' in globalThis)) throw new NotConnected('no WebRTC here');
  const pc = new RTCPeerConnection();
  try {
    for (const track of stream.getVideoTracks()) pc.addTrack(track, stream);
    const over = listen(pc, told, call);
    over.catch(() => undefined); // it is awaited below, if the offer is answered
    await offer(pc, base, call);
    return await over;
  } finally {
    pc.close();
  }
}

/**
 * Resolves with the last message; rejects where the connection does not come, or goes.
 * @param {RTCPeerConnection} pc
 * @param {(p: Progress) => void} told
 * @param {{ session: string, signal: AbortSignal }} call
 * @returns {Promise<Progress>}
 */
function listen(pc, told, call) {
  return new Promise((done, reject) => {
    let timer = setTimeout(() => reject(new NotConnected('no connection in time')), connectMax);
    const hints = pc.createDataChannel('hints');
    hints.onmessage = (event) => {
      const p = /** @type {Progress} */ (JSON.parse(event.data));
      call.session = p.session;
      told(p);
      if (isOver(p)) done(p);
    };
    pc.onconnectionstatechange = () => {
      const state = pc.connectionState;
      if (state === 'connected') clearTimeout(timer);
      if (state === 'failed' || state === 'closed') reject(new Lost(state));
      if (state === 'disconnected') timer = setTimeout(() => reject(new Lost(state)), silenceMax);
    };
    hints.onclose = () => reject(new Lost('the channel closed'));
    call.signal.addEventListener('abort', () => { clearTimeout(timer); reject(new DOMException('', 'AbortError')); }, { once: true });
  });
}

/**
 * Offers and takes the answer, as WHIP does (RFC 9725): one request, all addresses in the answer.
 * @param {RTCPeerConnection} pc
 * @param {string} base
 * @param {{ session: string, signal: AbortSignal }} call
 */
async function offer(pc, base, call) {
  await pc.setLocalDescription();
  await gathered(pc);
  const response = await fetch(`${base}/offer${named(call.session)}`, {
    method: 'POST', headers: { 'Content-Type': 'application/sdp', Accept: 'application/sdp, application/problem+json' },
    body: pc.localDescription?.sdp ?? '', signal: call.signal, credentials: 'same-origin',
  }).catch((fault) => { throw call.signal.aborted ? fault : new Lost('offline'); });
  if (!response.ok) throw new RequestProblem({ code: 'unknown', title: '', detail: '', retryable: false, ...await response.json().catch(() => null), status: response.status });
  call.session = (response.headers.get('Location') ?? '').split('/').pop() ?? '';
  await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
}

/**
 * Our own addresses are known in a moment on a LAN; the server finds the others by itself.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<void>}
 */
function gathered(pc) {
  return new Promise((done) => {
    if (pc.iceGatheringState === 'complete') return done();
    setTimeout(done, 500);
    pc.addEventListener('icegatheringstatechange', () => { if (pc.iceGatheringState === 'complete') done(); });
  });
}

/**
 * Sends photos until the capture is over, and answers how it ended.
 * @param {string} base
 * @param {HTMLVideoElement} video
 * @param {(p: Progress) => void} told
 * @param {{ session: string, signal: AbortSignal }} call
 * @returns {Promise<Progress>}
 */
export async function callStills(base, video, told, call) {
  for (let lost = 0; ;) {
    call.signal.throwIfAborted();
    const photo = await grabJPEG(video);
    const p = photo && await sendStill(base, photo, call).catch((fault) => {
      if (!(fault instanceof Lost) || ++lost > 3) throw fault;
      return null;
    });
    if (p) {
      lost = 0;
      told(p);
      if (isOver(p)) return p;
    }
    await new Promise((next) => setTimeout(next, stillEvery));
  }
}

/**
 * Sends one photo. Null: the server is busy, or the photo was no use; send the next.
 * @param {string} base
 * @param {Blob} photo
 * @param {{ session: string, signal: AbortSignal }} call
 * @returns {Promise<Progress | null>}
 */
export async function sendStill(base, photo, call) {
  try {
    const p = /** @type {Progress} */ (await request(`${base}/still${named(call.session)}`,
      { method: 'POST', body: photo, headers: { 'Content-Type': 'image/jpeg' }, once: true, signal: call.signal }));
    call.session = p.session;
    return p;
  } catch (fault) {
    if (!(fault instanceof RequestProblem)) throw fault;
    const { code, status } = fault.problem;
    if (code === 'offline') throw new Lost('offline');
    if (status === 429 || status === 422 || (status === 503 && call.session)) return null;
    throw fault;
  }
}

/** @param {string} session */
const named = (session) => session ? `?session=${encodeURIComponent(session)}` : '';

/** @param {Progress} p */
const isOver = (p) => p.done || Boolean(p.ended) || Boolean(p.fault);
