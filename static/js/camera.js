// camera: opens the camera of this device, with every way in which that can end named; takes a still; lets go.

/**
 * Why there is no picture: the person or the browser refused; there is no camera; another app holds it; the page is not
 * in a secure context, where browsers offer none.
 * @typedef {'refused' | 'none' | 'busy' | 'insecure'} CameraTrouble
 */

/** A camera that did not open; `trouble` says why. */
export class CameraProblem extends Error {
  /** @param {CameraTrouble} trouble */
  constructor(trouble) {
    super(trouble);
    this.name = 'CameraProblem';
    this.trouble = trouble;
  }
}

/** What getUserMedia calls its refusals (Media Capture and Streams, 10.2) and older browsers called them. */
const troubles = /** @type {Record<string, CameraTrouble>} */ ({
  NotAllowedError: 'refused',
  PermissionDeniedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'none',
  DevicesNotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  TrackStartError: 'busy',
  AbortError: 'busy',
});

/**
 * Opens the camera into a video element and waits for the first picture.
 * @param {HTMLVideoElement} video
 * @param {{ facing?: 'user' | 'environment', width?: number, height?: number }} [wish]
 * @returns {Promise<MediaStream>}
 * @throws {CameraProblem}
 */
export async function open(video, wish = {}) {
  if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia) throw new CameraProblem('insecure');
  const { facing = 'user', width = 640, height = 480 } = wish;
  const wanted = { facingMode: facing, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 24, max: 30 } };
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  } catch (fault) {
    throw new CameraProblem(troubles[fault instanceof Error ? fault.name : ''] ?? 'busy');
  }
  video.srcObject = stream;
  video.muted = true; // iOS plays by itself only what is muted and inline
  video.playsInline = true;
  await video.play().catch(() => undefined); // a page that was left meanwhile
  return stream;
}

/**
 * Lets go of the camera: its light goes off.
 * @param {HTMLVideoElement} video
 */
export function stop(video) {
  const stream = /** @type {MediaStream | null} */ (video.srcObject);
  for (const track of stream?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

/**
 * Calls back when the camera is taken away: unplugged, switched off, or used by another app.
 * @param {MediaStream} stream
 * @param {() => void} gone
 */
export function whenGone(stream, gone) {
  for (const track of stream.getVideoTracks()) track.addEventListener('ended', gone, { once: true });
}

/**
 * Draws what the camera sees now, no larger than maxSide, onto a canvas.
 * @param {HTMLVideoElement | ImageBitmap} source
 * @param {number} maxSide pixels
 * @param {HTMLCanvasElement} [canvas]
 * @returns {HTMLCanvasElement}
 */
export function draw(source, maxSide, canvas = document.createElement('canvas')) {
  const [width, height] = source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
  const scale = Math.min(1, maxSide / Math.max(width, height, 1));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/**
 * A still as JPEG; null where there is no picture yet.
 * @param {HTMLVideoElement | ImageBitmap} source
 * @param {number} [maxSide] pixels
 * @param {number} [quality] 0 to 1
 * @returns {Promise<Blob | null>}
 */
export async function grabJPEG(source, maxSide = 960, quality = 0.85) {
  if (source instanceof HTMLVideoElement && source.videoWidth === 0) return null;
  const canvas = draw(source, maxSide);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
}

/**
 * Calls back when the page is hidden and when it is seen again.
 * @param {(hidden: boolean) => void} changed
 * @returns {() => void} stops it
 */
export function whenHidden(changed) {
  const told = () => changed(document.hidden);
  document.addEventListener('visibilitychange', told);
  return () => document.removeEventListener('visibilitychange', told);
}
