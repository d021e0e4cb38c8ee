// approach: photos of one approach, chosen among the moments that pass anyway while somebody looks up: the sharpest, then
// whatever differs most from those chosen and is not blurred. Two photos of one moment tell hardly more than one.
import { draw } from './camera.js';

const photoSide = 960; // pixels of the longer side
const photoQuality = 0.85;
const momentsMax = 10; // held in memory at once
const thumbSide = 48; // pixels: what moments are compared by
const blurred = 0.5; // of the sharpest moment's sharpness: below it a moment is left out while there are others

/** @typedef {{ sharp: number, thumb: ArrayLike<number> }} Moment */

/**
 * Looks for so long, then answers the photos, at most `keep`, as JPEG; none while the camera shows nothing.
 * @param {HTMLVideoElement} video
 * @param {{ during: number, every: number, keep: number }} how milliseconds, milliseconds, photos
 * @returns {Promise<Blob[]>}
 */
export async function takePhotos(video, { during, every, keep }) {
  /** @type {(Moment & { canvas: HTMLCanvasElement })[]} */
  const moments = [];
  const end = performance.now() + during;
  for (;;) {
    if (video.videoWidth > 0 && moments.length < momentsMax) moments.push(momentOf(draw(video, photoSide)));
    const left = end - performance.now();
    if (left <= 0) break;
    await new Promise((done) => setTimeout(done, Math.min(every, left)));
  }
  const chosen = choose(moments, keep).map((n) => moments[n]?.canvas);
  const photos = await Promise.all(chosen.map((canvas) => toJPEG(canvas)));
  return photos.filter((photo) => photo !== null);
}

/** @param {HTMLCanvasElement | undefined} canvas @returns {Promise<Blob | null>} */
function toJPEG(canvas) {
  return new Promise((done) => (canvas ? canvas.toBlob(done, 'image/jpeg', photoQuality) : done(null)));
}

/** @param {HTMLCanvasElement} canvas */
function momentOf(canvas) {
  const thumb = greyOf(canvas);
  return { canvas, thumb, sharp: sharpnessOf(thumb) };
}

const small = globalThis.document?.createElement('canvas');

/**
 * The middle of a picture, where the face is, small and grey.
 * @param {HTMLCanvasElement} canvas
 */
function greyOf(canvas) {
  small.width = thumbSide;
  small.height = thumbSide;
  const side = Math.min(canvas.width, canvas.height);
  const context = small.getContext('2d', { willReadFrequently: true });
  context?.drawImage(canvas, (canvas.width - side) / 2, (canvas.height - side) / 2, side, side, 0, 0, thumbSide, thumbSide);
  const rgba = context?.getImageData(0, 0, thumbSide, thumbSide).data ?? [];
  const grey = new Float32Array(thumbSide * thumbSide);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.299 * (rgba[4 * i] ?? 0) + 0.587 * (rgba[4 * i + 1] ?? 0) + 0.114 * (rgba[4 * i + 2] ?? 0);
  }
  return grey;
}

/**
 * How much neighbours differ: a blurred moment has less of it than a sharp one of the same scene.
 * @param {ArrayLike<number>} thumb
 */
export function sharpnessOf(thumb) {
  const side = Math.sqrt(thumb.length);
  let sum = 0;
  for (let i = 0; i < thumb.length - side; i++) {
    if ((i + 1) % side === 0) continue;
    sum += Math.abs((thumb[i] ?? 0) - (thumb[i + 1] ?? 0)) + Math.abs((thumb[i] ?? 0) - (thumb[i + side] ?? 0));
  }
  return sum / thumb.length;
}

/**
 * Which moments to send, in the order in which they were taken.
 * @param {Moment[]} moments
 * @param {number} most
 * @returns {number[]}
 */
export function choose(moments, most) {
  const sharpest = Math.max(...moments.map((m) => m.sharp));
  const rest = new Set(moments.keys());
  /** @type {number[]} */
  const chosen = [];
  while (chosen.length < most && rest.size > 0) {
    const next = [...rest].reduce((best, n) => (gain(n) > gain(best) ? n : best));
    rest.delete(next);
    chosen.push(next);
  }
  return chosen.sort((a, b) => a - b);

  /** @param {number} n how much a moment adds; a blurred one less than any other @returns {number} */
  function gain(n) {
    const m = moments[n];
    if (!m) return -Infinity;
    if (chosen.length === 0) return m.sharp;
    const far = Math.min(...chosen.map((c) => difference(m.thumb, moments[c]?.thumb ?? [])));
    return m.sharp < blurred * sharpest ? far - 256 : far;
  }
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function difference(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}
