// qr: reads QR codes from a camera's picture, with the browser's own reader where it has one and with jsQR where not.

/** Between two looks, and the longer side of the picture that is looked at. */
const lookEvery = 120; // ms
const sideMax = 720; // pixels

/** @typedef {(canvas: HTMLCanvasElement) => Promise<string>} Reader answers the text, or '' */

/**
 * Looks at the video until stopped and calls onText with each text seen; the same text again only once it was gone for a
 * while, or forget was called.
 * @param {HTMLVideoElement} video
 * @param {(text: string) => void} onText
 * @param {{goneMs?: number}} [how]
 * @returns {{stop: () => void, forget: () => void}}
 */
export function scan(video, onText, { goneMs = 2_500 } = {}) {
  const canvas = document.createElement('canvas');
  let stopped = false;
  let last = '';
  let seen = 0;
  /** @type {Promise<Reader>} */
  const reader = makeReader();
  const look = async () => {
    if (stopped) return;
    const text = draw(video, canvas) ? await (await reader)(canvas).catch(() => '') : '';
    const now = performance.now();
    if (text && (text !== last || now - seen > goneMs) && !stopped) onText(text);
    if (text) {
      last = text;
      seen = now;
    }
    setTimeout(look, lookEvery);
  };
  void look();
  return {
    stop: () => { stopped = true; },
    forget: () => { last = ''; },
  };
}

/**
 * @param {HTMLVideoElement} video
 * @param {HTMLCanvasElement} canvas
 */
function draw(video, canvas) {
  const { videoWidth: w, videoHeight: h } = video;
  if (!w || !h || video.readyState < 2) return false;
  const scale = Math.min(1, sideMax / Math.max(w, h));
  canvas.width = Math.round(w * scale);
  canvas.height = Math.round(h * scale);
  canvas.getContext('2d', { willReadFrequently: true })?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return true;
}

/** @returns {Promise<Reader>} */
async function makeReader() {
  const own = await ownReader();
  if (own) return own;
  await import(new URL('../vendor/jsqr/jsQR.js', import.meta.url).href); // it leaves its function on the window
  /** @type {(data: Uint8ClampedArray, w: number, h: number, o: object) => {data: string} | null} */
  const jsQR = Reflect.get(window, 'jsQR');
  return async (canvas) => {
    const picture = canvas.getContext('2d', { willReadFrequently: true })?.getImageData(0, 0, canvas.width, canvas.height);
    return (picture && jsQR(picture.data, picture.width, picture.height, { inversionAttempts: 'dontInvert' })?.data) || '';
  };
}

/** The Barcode Detection API, where the browser has it and knows QR codes. @returns {Promise<Reader | null>} */
async function ownReader() {
  const Detector = Reflect.get(window, 'BarcodeDetector');
  if (!Detector) return null;
  const formats = await Detector.getSupportedFormats().catch(() => []);
  if (!formats.includes('qr_code')) return null;
  const detector = new Detector({ formats: ['qr_code'] });
  return async (canvas) => (await detector.detect(canvas))[0]?.rawValue ?? '';
}
