// Which moments of an approach are sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { choose, sharpnessOf } from '../js/approach.js';

/** @param {number} value @param {number} sharp */
const moment = (value, sharp) => ({ thumb: new Float32Array(16).fill(value), sharp });

test('the sharpest, and then what differs most', () => {
  const burst = [moment(10, 5), moment(11, 6), moment(12, 5), moment(60, 5), moment(11, 5), moment(90, 5)];
  assert.deepEqual(choose(burst, 3), [1, 3, 5]);
});

test('a blurred moment only where there is nothing else', () => {
  assert.deepEqual(choose([moment(10, 5), moment(200, 1), moment(12, 4)], 2), [0, 2]);
  assert.deepEqual(choose([moment(10, 5), moment(200, 1)], 3), [0, 1]);
});

test('fewer than asked for, or none', () => {
  assert.deepEqual(choose([moment(1, 1)], 3), [0]);
  assert.deepEqual(choose([], 3), []);
});

test('a blurred picture is less sharp', () => {
  const checks = Float32Array.from({ length: 64 }, (_, i) => ((i + (i >> 3)) % 2) * 255);
  const soft = checks.map((v) => 100 + v / 10);
  assert.ok(sharpnessOf(checks) > sharpnessOf(soft));
  assert.equal(sharpnessOf(new Float32Array(64)), 0);
});
