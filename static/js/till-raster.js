// till-raster: a receipt as a picture of dots, for printers whose own font lacks its script: Hangul and simplified Chinese
// are in no printer that is sold for Shift_JIS, but every browser can draw them.

/** @typedef {{left: string, right?: string, style?: 'centre' | 'title' | 'total' | 'rule' | 'heading'}} Line */
/** @typedef {{left: string, right: string, font: string, height: number, centre: boolean, rule: boolean}} Row */

/** Dots across, by the paper's width in mm: 8 a millimetre of what is printed on. @type {Record<string, number>} */
export const dotsAcross = { 58: 384, 80: 576 };

const textSize = 22; // dots: nearly the printer's own two-byte characters; a payment's number fits on a row of 58 mm
const totalSize = 44;
const leading = 1.35;
const bandRows = 128; // rows sent at once: cheap printers buffer little
const inkBelow = 160; // of 255
const initialise = [0x1b, 0x40]; // ESC @
const feedAndCut = [0x1b, 0x64, 3, 0x1d, 0x56, 0x42, 0]; // ESC d 3, GS V 66 0

/**
 * Draws lines as they are to be printed, black on white.
 * @param {Line[]} lines
 * @param {string} language of the text: the same code point looks different in Japanese and in Chinese
 * @param {number} width dots
 */
export function drawLines(lines, language, width) {
  const canvas = document.createElement('canvas');
  canvas.lang = language;
  const brush = canvas.getContext('2d', { willReadFrequently: true });
  if (!brush) throw new Error('nothing to draw with');
  const rows = lines.flatMap((line) => layOut(brush, line, width));
  canvas.width = width;
  canvas.height = Math.max(1, rows.reduce((sum, row) => sum + row.height, 0));
  brush.fillStyle = '#fff';
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.fillStyle = '#000';
  brush.textBaseline = 'middle';
  let top = 0;
  for (const row of rows) {
    drawRow(brush, row, top, width);
    top += row.height;
  }
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} brush
 * @param {Row} row
 * @param {number} top
 * @param {number} width
 */
function drawRow(brush, row, top, width) {
  const middle = top + row.height / 2;
  if (row.rule) {
    for (let x = 0; x < width; x += 12) brush.fillRect(x, Math.floor(middle), 8, 2);
    return;
  }
  brush.font = row.font;
  brush.textAlign = row.centre ? 'center' : 'left';
  brush.fillText(row.left, row.centre ? width / 2 : 0, middle);
  brush.textAlign = 'right';
  brush.fillText(row.right, width, middle);
}

/**
 * One line as rows: left and right on one where both fit, else one below the other.
 * @param {CanvasRenderingContext2D} brush
 * @param {Line} line
 * @param {number} width
 * @returns {Row[]}
 */
function layOut(brush, line, width) {
  const size = line.style === 'total' ? totalSize : textSize;
  const bold = line.style === 'total' || line.style === 'title' || line.style === 'heading';
  const font = `${bold ? 'bold ' : ''}${size}px sans-serif`;
  const centre = line.style === 'title' || line.style === 'centre';
  const plain = { left: '', right: '', font, height: Math.ceil(size * leading), centre, rule: line.style === 'rule' };
  brush.font = font;
  const right = line.right ?? '';
  if (brush.measureText(line.left).width + brush.measureText(right).width + textSize <= width) return [{ ...plain, left: line.left, right }];
  return [...wrap(brush, line.left, width).map((left) => ({ ...plain, left })), ...wrap(brush, right, width).map((part) => ({ ...plain, right: part }))];
}

/**
 * Cuts a text into rows that fit, anywhere: the scripts that are drawn here have few spaces.
 * @param {CanvasRenderingContext2D} brush
 * @param {string} text
 * @param {number} width
 */
function wrap(brush, text, width) {
  const rows = [];
  let row = '';
  for (const character of text) {
    if (row && brush.measureText(row + character).width > width) {
      rows.push(row);
      row = '';
    }
    row += character;
  }
  return row ? [...rows, row] : rows;
}

/**
 * A canvas as bytes for the printer.
 * @param {HTMLCanvasElement} canvas
 */
export function rasterOf(canvas) {
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
  if (!pixels) throw new Error('nothing was drawn');
  return rasterBytes(pixels, canvas.width, canvas.height);
}

/**
 * Pixels as ESC/POS: GS v 0 (a raster bit image, one bit a dot, the leftmost the highest), in bands, then feed and cut.
 * @param {Uint8ClampedArray | Uint8Array} pixels RGBA
 * @param {number} width
 * @param {number} height
 */
export function rasterBytes(pixels, width, height) {
  const across = Math.ceil(width / 8);
  const bytes = [...initialise];
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    bytes.push(0x1d, 0x76, 0x30, 0, across & 0xff, across >> 8, rows & 0xff, rows >> 8);
    for (let y = top; y < top + rows; y++) {
      for (let byte = 0; byte < across; byte++) bytes.push(eightDots(pixels, width, y, byte * 8));
    }
  }
  bytes.push(...feedAndCut);
  return new Uint8Array(bytes);
}

/**
 * @param {Uint8ClampedArray | Uint8Array} pixels
 * @param {number} width
 * @param {number} y
 * @param {number} left
 */
function eightDots(pixels, width, y, left) {
  let dots = 0;
  for (let n = 0; n < 8; n++) {
    const x = left + n;
    const at = (y * width + x) * 4;
    const light = x < width ? ((pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0)) / 3 : 255;
    dots = dots << 1 | (light < inkBelow ? 1 : 0);
  }
  return dots;
}
