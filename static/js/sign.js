// sign: a signature drawn with a finger, kept as SVG path data: M and L with whole numbers, nothing else.

import { data, on, qs } from './dom.js';

const strokesMax = 3000; // points; the server takes 32 KiB
const form = qs('[data-sign]');
const pad = qs('[data-sign-pad]', form);
/** @type {HTMLCanvasElement} */
const canvas = qs('canvas', pad);
/** @type {HTMLInputElement} */
const drawn = qs('input[name="drawn"]', pad);
const ink = canvas.getContext('2d');

let path = '';
let points = 0;
let down = false;

/** @param {PointerEvent} event */
function at(event) {
  const box = canvas.getBoundingClientRect();
  const x = Math.round(((event.clientX - box.left) / box.width) * canvas.width);
  const y = Math.round(((event.clientY - box.top) / box.height) * canvas.height);
  return /** @type {const} */ ([Math.min(Math.max(x, 0), canvas.width), Math.min(Math.max(y, 0), canvas.height)]);
}

/** @param {PointerEvent} event @param {'M' | 'L'} how */
function add(event, how) {
  if (!ink || points >= strokesMax) return;
  const [x, y] = at(event);
  path += `${how}${x} ${y}`;
  points++;
  if (how === 'M') ink.beginPath();
  ink.lineTo(x, y);
  ink.stroke();
  drawn.value = path;
}

function clear() {
  ink?.clearRect(0, 0, canvas.width, canvas.height);
  path = drawn.value = '';
  points = 0;
}

if (ink) {
  ink.lineWidth = 5;
  ink.lineCap = ink.lineJoin = 'round';
  ink.strokeStyle = getComputedStyle(canvas).color;
  pad.hidden = false;
  on(canvas, 'pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    down = true;
    add(event, 'M');
  });
  on(canvas, 'pointermove', (event) => { if (down) add(event, 'L'); });
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) on(canvas, end, () => { down = false; });
  on(qs('[data-sign-clear]', pad), 'click', clear);
}

// A drawing that is too short to be a name is left out, and the typed name counts.
on(form, 'submit', () => { if (points < Number(data(pad, 'min'))) drawn.value = ''; });
