// What fetch.js promises, against a server that misbehaves in the ways of a real one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';

import { get, newKey, post, request, RequestProblem } from '../js/fetch.js';

/** @type {{ method: string, key: string | undefined, body: string }[]} */
let seen = [];
/** @type {((response: import('node:http').ServerResponse, turn: number) => void)} */
let answer;
/** @type {import('node:http').Server} */
let server;
let base = '';

before(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', key: request.headers['idempotency-key'], body });
      answer(response, seen.length);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${server.address().port}/`;
});
after(() => server.close());
beforeEach(() => { seen = []; });

const json = (response, status, value, headers = {}) => {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers });
  response.end(JSON.stringify(value));
};

test('an answer is the JSON', async () => {
  answer = (r) => json(r, 200, { id: 'pay_1' });
  assert.deepEqual(await get(base), { id: 'pay_1' });
  assert.equal(seen[0].key, undefined);
});

test('a POST that is tried again carries the same key and the same body', async () => {
  answer = (r, turn) => (turn < 3 ? json(r, 503, { code: 'unavailable', retryable: true }, { 'Retry-After': '0' }) : json(r, 201, { ok: true }));
  assert.deepEqual(await post(base, { amount: 1200 }), { ok: true });
  assert.equal(seen.length, 3);
  assert.equal(new Set(seen.map((s) => s.key)).size, 1);
  assert.deepEqual(new Set(seen.map((s) => s.body)), new Set(['{"amount":1200}']));
});

test('a key that was kept is sent', async () => {
  answer = (r) => json(r, 200, {});
  await post(base, {}, { key: 'kept' });
  assert.equal(seen[0].key, 'kept');
});

test('what is not retryable is said at once, with its code', async () => {
  answer = (r) => json(r, 422, { code: 'field', title: 'No', detail: 'Too long', param: 'name', retryable: false });
  await assert.rejects(post(base, {}), (fault) => {
    assert.ok(fault instanceof RequestProblem);
    assert.deepEqual([fault.problem.status, fault.problem.code, fault.problem.param, fault.message], [422, 'field', 'name', 'Too long']);
    return true;
  });
  assert.equal(seen.length, 1);
});

test('nobody waits a quarter of an hour without being told', async () => {
  answer = (r) => json(r, 429, { code: 'too_many', retryable: true }, { 'Retry-After': '900' });
  await assert.rejects(get(base), (fault) => fault.problem.code === 'too_many');
  assert.equal(seen.length, 1);
});

test('it gives up after four tries', async () => {
  answer = (r) => json(r, 503, { code: 'busy', retryable: true }, { 'Retry-After': '0' });
  await assert.rejects(get(base), (fault) => fault.problem.code === 'busy');
  assert.equal(seen.length, 4);
});

test('a lost connection is the problem "offline", and is tried again', async () => {
  answer = (r, turn) => (turn === 1 ? r.destroy() : json(r, 200, { ok: true }));
  assert.deepEqual(await post(base, {}), { ok: true });
  answer = (r) => r.destroy();
  await assert.rejects(request(base, { once: true }), (fault) => fault.problem.code === 'offline' && fault.problem.status === 0);
});

test('a caller who gives up is not asked for patience', async () => {
  answer = (r) => json(r, 503, { code: 'busy', retryable: true }, { 'Retry-After': '5' });
  const end = new AbortController();
  setTimeout(() => end.abort(), 50);
  const began = Date.now();
  await assert.rejects(get(base, { signal: end.signal }));
  assert.ok(Date.now() - began < 2000);
});

test('an answer that takes too long is asked for again', async () => {
  answer = (r, turn) => { if (turn > 1) json(r, 200, { ok: true }); };
  assert.deepEqual(await get(base, { within: 100 }), { ok: true });
  assert.equal(seen.length, 2);
});

test('keys are long and never the same', () => {
  const keys = new Set(Array.from({ length: 1000 }, newKey));
  assert.equal(keys.size, 1000);
  for (const key of keys) assert.ok(key.length >= 32);
});
