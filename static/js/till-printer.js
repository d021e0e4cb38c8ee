// till-printer: paper. Where the browser can speak to a receipt printer (WebUSB: Android terminals, Chromium) the bytes go
// there; everywhere else the browser's own dialog prints what is drawn.
import { all, on, qs } from './dom.js';
import { dotsAcross, drawLines, rasterOf } from './till-raster.js';

/** @typedef {import('./till-raster.js').Line} Line */
/** @typedef {{lines?: Line[], language?: string, escpos_complete?: boolean}} Paper */
/** @typedef {{interfaceClass: number, endpoints: {direction: string, type: string, endpointNumber: number}[]}} Alternate */
/**
 * What we use of a USBDevice (WebUSB).
 * @typedef {object} Device
 * @property {boolean} opened
 * @property {{interfaces: {interfaceNumber: number, alternates: Alternate[]}[]} | null} configuration
 * @property {() => Promise<void>} open
 * @property {(n: number) => Promise<void>} selectConfiguration
 * @property {(n: number) => Promise<void>} claimInterface
 * @property {(endpoint: number, bytes: Uint8Array) => Promise<{status: string}>} transferOut
 */
/** @typedef {EventTarget & {getDevices: () => Promise<Device[]>, requestDevice: (o: object) => Promise<Device>}} USB */

const printerClass = 7; // of the USB's defined class codes
const chunk = 4096; // bytes a transfer
const widthKey = 'kaopass-till-paper';

const usb = /** @type {{usb?: USB}} */ (/** @type {unknown} */ (navigator)).usb;

/** @type {{device: Device, endpoint: number} | null} */
let printer = null;

/** Shows the printer's part of the screen, and finds one that was connected before. */
export function watchPrinter() {
  const width = /** @type {HTMLSelectElement} */ (qs('#printer-width'));
  width.value = localStorage.getItem(widthKey) ?? '58';
  on(width, 'change', () => localStorage.setItem(widthKey, width.value));
  if (!usb) return;
  qs('#printer').hidden = false;
  on(qs('#printer-connect'), 'click', () => void connect());
  usb.addEventListener('disconnect', () => { printer = null; tell(); });
  void usb.getDevices().then(async (known) => { if (known[0]) await take(known[0]); }).catch(() => undefined);
}

async function connect() {
  try {
    await take(await /** @type {USB} */ (usb).requestDevice({ filters: [{ classCode: printerClass }] }));
  } catch (fault) {
    if (/** @type {DOMException} */ (fault).name !== 'NotFoundError') trouble(); // NotFoundError: staff closed the choice
  }
}

/** @param {Device} device */
async function take(device) {
  if (!device.opened) await device.open();
  if (!device.configuration) await device.selectConfiguration(1);
  for (const face of device.configuration?.interfaces ?? []) {
    const way = face.alternates.find((a) => a.interfaceClass === printerClass);
    const out = way?.endpoints.find((e) => e.direction === 'out' && e.type === 'bulk');
    if (!out) continue;
    await device.claimInterface(face.interfaceNumber);
    printer = { device, endpoint: out.endpointNumber };
    return tell();
  }
  trouble();
}

function tell() {
  const said = qs('#said').dataset;
  qs('#printer-state').textContent = (printer ? said.printerOn : said.printerOff) ?? '';
}

function trouble() {
  const sentence = qs('#said').dataset.printerTrouble ?? '';
  qs('#printer-state').textContent = sentence;
  for (const place of all('[data-printer-says]')) place.textContent = sentence;
}

/**
 * Prints: bytes of the server's where the printer's font has every character, a picture where it has not, and the browser's
 * own dialog where no printer is connected. False: the printer did not take it.
 * @param {Paper} paper
 * @param {string} url of the same paper; with format=escpos it answers bytes
 */
export async function printPaper(paper, url) {
  for (const place of all('[data-printer-says]')) place.textContent = '';
  if (!printer) {
    window.print();
    return true;
  }
  try {
    await send(await bytesOf(paper, url));
    return true;
  } catch {
    trouble();
    return false;
  }
}

/**
 * @param {Paper} paper
 * @param {string} url
 */
async function bytesOf(paper, url) {
  const width = localStorage.getItem(widthKey) ?? '58';
  if (!paper.escpos_complete) return rasterOf(drawLines(paper.lines ?? [], paper.language ?? '', dotsAcross[width] ?? 384));
  const answer = await fetch(`${url}&format=escpos&width=${width}`, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(String(answer.status));
  return new Uint8Array(await answer.arrayBuffer());
}

/** @param {Uint8Array} bytes */
async function send(bytes) {
  if (!printer) return;
  for (let at = 0; at < bytes.length; at += chunk) {
    const { status } = await printer.device.transferOut(printer.endpoint, bytes.slice(at, at + chunk));
    if (status !== 'ok') throw new Error(status);
  }
}
