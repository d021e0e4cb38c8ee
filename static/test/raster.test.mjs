// What till-raster.js promises a printer: bytes that say how many they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rasterBytes } from '../js/till-raster.js';

/** White, but for the dots that ink says. */
const picture = (width, height, ink) => {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const [x, y] of ink) pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
  return pixels;
};

test('one band: GS v 0, the width in bytes, the rows, the leftmost dot highest', () => {
  const bytes = rasterBytes(picture(16, 2, [[0, 0], [7, 0], [8, 1], [15, 1]]), 16, 2);
  assert.deepEqual([...bytes], [0x1b, 0x40, 0x1d, 0x76, 0x30, 0, 2, 0, 2, 0, 0x81, 0x00, 0x00, 0x81, 0x1b, 0x64, 3, 0x1d, 0x56, 0x42, 0]);
});

test('a width that is no whole number of bytes is filled with white', () => {
  const bytes = rasterBytes(picture(10, 1, [[9, 0]]), 10, 1);
  assert.deepEqual([...bytes.slice(2, 12)], [0x1d, 0x76, 0x30, 0, 2, 0, 1, 0, 0x00, 0x40]);
});

test('a long receipt goes in bands, each of which says its own rows', () => {
  const bytes = rasterBytes(picture(8, 300, [[0, 299]]), 8, 300);
  const heads = [];
  for (let at = 2; bytes[at] === 0x1d && bytes[at + 1] === 0x76;) {
    const rows = bytes[at + 6] + 256 * bytes[at + 7];
    heads.push(rows);
    at += 8 + rows;
    if (heads.length === 3) assert.equal(bytes[at - 1], 0x80, 'the last dot of the last band');
  }
  assert.deepEqual(heads, [128, 128, 44]);
});
