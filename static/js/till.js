// till: the till screen. The clerk types an amount, the customer looks, perhaps enters four digits, chooses how to pay.
// Each request's key is kept before it is sent, so that a lost answer, or a page that was reloaded in the middle, asks
// what became of the same request instead of making another.
import { takePhotos } from './approach.js';
import { CameraProblem, open, whenGone } from './camera.js';
import { call, link, pause, photoForm, status, stayAwake, watch } from './device.js';
import { all, dialogs, icon, on, qs, say } from './dom.js';
import { newKey } from './fetch.js';
import { play, unlock } from './sound.js';
import { amountPad, codePad } from './till-pad.js';
import { drawRecent, drawToday, outcome, yen } from './till-paper.js';
import { drawReceipt, printReceipt } from './till-receipt.js';

const approach = { during: 900, every: 130, keep: 3 }; // ms, ms, photos
const lookAfter = 800; // ms between turning the screen to the customer and the first moment that may be a photo
const resultAtLeast = 2_000; // ms
const longAfter = 4_000; // ms of waiting, then it is said that it takes longer
const statusEvery = 10_000; // ms

/** @typedef {import('./till-paper.js').Payment} Payment */
/** @typedef {import('./till-receipt.js').Receipt} Receipt */
/** @typedef {{today: import('./till-paper.js').Today, recent: Payment[], receipts_unprinted: Receipt[]}} Status */
/** @typedef {{key: string, url: string, json?: object}} Pending a request that was sent, or was about to be */

const till = qs('#till');
const video = /** @type {HTMLVideoElement} */ (qs('#camera'));
const said = qs('#said');
const language = document.documentElement.lang;
const headers = { 'Accept-Language': language };

/** @type {Payment | null} */
let now = null;
let steps = 0; // changes with each step, so that what was meant for an earlier one knows that it is late
let ending = new AbortController(); // ends what is being asked when the clerk cancels

/** What a reload must not lose: the payment, and the request whose answer is not known. */
const kept = {
  /** @returns {{payment?: string, pending?: Pending}} */
  read() { return JSON.parse(sessionStorage.getItem('kaopass-till') ?? '{}'); },
  /** @param {{payment?: string | undefined, pending?: Pending | undefined}} change */
  write(change) { sessionStorage.setItem('kaopass-till', JSON.stringify({ ...this.read(), ...change })); },
  forget() { sessionStorage.removeItem('kaopass-till'); },
};

/** @param {'amount' | 'face' | 'code' | 'confirm' | 'wait' | 'lost' | 'result'} step */
function enter(step) {
  steps++;
  till.dataset.step = step;
  for (const part of all('[data-shows]')) part.hidden = part.dataset.shows !== step;
  qs('#cancel').hidden = step === 'amount' || step === 'result';
}

/** @param {Payment} p */
function take(p) {
  now = p;
  kept.write({ payment: p.id, pending: undefined });
  for (const place of all('[data-amount]')) place.textContent = yen(p.amount);
  return p;
}

/**
 * Asks the server for one thing and says what is being waited for. Answers null where the clerk cancelled, or where
 * nobody answered: then the screen offers to ask again, with the same key.
 * @param {string} what a key of the sentences to wait with
 * @param {Pending} pending
 * @param {FormData} [form]
 * @returns {Promise<Payment | null>}
 */
async function ask(what, pending, form) {
  kept.write({ pending });
  const long = wait(what);
  const { signal } = ending;
  try {
    const body = form ? { body: form } : { json: pending.json };
    return take(await call('POST', pending.url, { key: pending.key, headers, signal, ...body }));
  } catch (fault) {
    if (!signal.aborted) await mend(fault, () => ask(what, pending, form).then(follow));
    return null;
  } finally {
    clearTimeout(long);
  }
}

/**
 * What to do when a request was not carried out: past its time, the payment is read as it is; else it can be asked again.
 * @param {unknown} fault
 * @param {() => Promise<void>} again
 */
async function mend(fault, again) {
  if (status(fault) === 409 && now) return void follow(await read(now.id));
  if (status(fault) === 0 || status(fault) >= 500) link(false);
  qs('#lost').textContent = qs('#lost').dataset[status(fault) === 0 ? 'lost' : 'problem'] ?? '';
  enter('lost');
  play('again');
  qs('#ask-again').onclick = () => void again();
}

/** @param {string} id */
async function read(id) {
  return take(await call('GET', `/v1/payments/${id}`, { headers }));
}

/** @param {string} what */
function wait(what) {
  const sentence = qs(`[data-wait="${what}"]`, said).textContent ?? '';
  qs('#wait').textContent = sentence;
  qs('#wait-long').hidden = true;
  enter('wait');
  return setTimeout(() => { qs('#wait-long').hidden = false; }, longAfter);
}

/**
 * Shows the payment where it stands.
 * @param {Payment | null} p
 */
async function follow(p) {
  if (!p) return;
  switch (p.status) {
    case 'awaiting_face': return lookSoon('');
    case 'awaiting_code': return askCode(p);
    case 'awaiting_confirmation': return askConfirm(p);
    case 'refused': return p.retry ? lookAgain(p.message) : result(p);
    default: return result(p);
  }
}

/** @param {number} value */
async function sell(value) {
  ending = new AbortController();
  const json = { amount: { currency: 'JPY', value }, capture: 'automatic' };
  for (const place of all('[data-amount]')) place.textContent = yen({ currency: 'JPY', value });
  await follow(await ask('create', { key: newKey(), url: '/v1/payments', json }));
}

/** Turns to the customer: the first photo is taken by itself, a moment after. @param {string} reason */
async function lookSoon(reason) {
  showFace(reason, 'first');
  if (!video.srcObject) await camera();
  if (!video.srcObject) return;
  const mine = steps;
  await pause(lookAfter);
  if (steps === mine) await look();
}

/** @param {string} reason */
function lookAgain(reason) {
  play('again');
  showFace(reason, 'again');
}

/**
 * @param {string} reason
 * @param {'first' | 'again'} turn
 */
function showFace(reason, turn) {
  enter('face');
  qs('#face-reason').textContent = reason;
  qs('span', qs('#look')).textContent = qs('#look').dataset[turn] ?? '';
  say(`${qs('#face-title').textContent ?? ''}. ${reason}`);
}

async function look() {
  if (!now) return;
  const mine = steps;
  const photos = await takePhotos(video, approach);
  if (steps !== mine) return; // cancelled, or touched twice
  await follow(await ask('face', { key: newKey(), url: `/v1/payments/${now.id}/face` }, photoForm(photos)));
}

/** @param {Payment} p */
function askCode(p) {
  qs('#code-reason').textContent = p.reason === 'code_wrong' ? p.message : '';
  if (p.reason === 'code_wrong') play('again');
  enter('code');
  code.start();
}

/** @param {string} digits */
async function sendCode(digits) {
  if (!now) return;
  await follow(await ask('code', { key: newKey(), url: `/v1/payments/${now.id}/code`, json: { code: digits } }));
}

/** @param {Payment} p */
function askConfirm(p) {
  qs('#payer').textContent = p.payer?.display_name ?? '';
  const methods = p.methods ?? [];
  const chosen = methods.find((m) => m.default && m.covers) ?? methods.find((m) => m.covers) ?? methods[0];
  qs('#methods').replaceChildren(...methods.map((m) => chip(m, m === chosen)));
  enter('confirm');
  play('tap');
  qs('#pay').focus();
}

/**
 * @param {NonNullable<Payment['methods']>[number]} m
 * @param {boolean} chosen
 */
function chip(m, chosen) {
  const row = /** @type {HTMLTemplateElement} */ (qs('#method-row')).content.cloneNode(true);
  const line = /** @type {HTMLElement} */ (row);
  const input = /** @type {HTMLInputElement} */ (qs('input', line));
  input.value = m.id;
  input.checked = chosen;
  input.disabled = !m.covers;
  icon(line, m.kind === 'card' ? 'credit-card' : 'wallet');
  qs('span', line).textContent = m.label;
  qs('small', line).hidden = m.covers;
  return line;
}

async function pay() {
  const method = /** @type {HTMLInputElement | null} */ (document.querySelector('#methods input:checked'))?.value;
  if (!now || !method) return;
  await follow(await ask('confirm', { key: newKey(), url: `/v1/payments/${now.id}/confirm`, json: { method } }));
}

async function cancel() {
  ending.abort();
  ending = new AbortController();
  const { payment, pending } = kept.read();
  if (!now && !payment && pending) { // opened or not? the same key answers it
    if (!await ask('create', pending)) return;
  }
  const id = now?.id ?? payment;
  if (!id) return next();
  await follow(await ask('cancel', { key: newKey(), url: `/v1/payments/${id}/cancel` }));
}

/** @param {Payment} p */
async function result(p) {
  const { state, picture, word, sentence } = outcome(p, said);
  const verdict = qs('#verdict');
  verdict.className = `till-step verdict ${state}`;
  icon(verdict, picture);
  qs('#word').textContent = word;
  qs('#sentence').textContent = sentence === word ? '' : sentence;
  const print = /** @type {HTMLButtonElement} */ (qs('#print'));
  print.hidden = p.captured.value === 0;
  print.disabled = true; // until the receipt is there
  enter('result');
  void offerReceipt(p);
  play(state === 'go' ? 'go' : 'staff');
  kept.forget();
  void refresh();
  const another = /** @type {HTMLButtonElement} */ (qs('#another'));
  another.disabled = true;
  await pause(resultAtLeast);
  another.disabled = false;
  another.focus();
}

/**
 * A result of which money was taken, or given back, has a receipt.
 * @param {Payment} p
 */
async function offerReceipt(p) {
  if (p.captured.value === 0) return;
  const mine = steps;
  const there = await drawReceipt(p.id, p.refund_id);
  if (steps !== mine || !there) return;
  const print = /** @type {HTMLButtonElement} */ (qs('#print'));
  print.disabled = false;
  print.onclick = () => void printReceipt(p.id, p.refund_id).then(refresh);
}

/**
 * Prints a receipt out of the list.
 * @param {string} payment
 * @param {string} [refund]
 */
async function reprint(payment, refund) {
  if (!await drawReceipt(payment, refund)) return void play('staff');
  await printReceipt(payment, refund);
  await refresh();
}

function next() {
  now = null;
  kept.forget();
  amount.clear();
  enter('amount');
}

/** @param {Payment} p */
function offerRefund(p) {
  const dialog = /** @type {HTMLDialogElement} */ (qs('#refund'));
  const left = { currency: 'JPY', value: p.captured.value - p.refunded.value };
  qs('#refund-amount').textContent = yen(left);
  const key = newKey();
  qs('#refund-yes').onclick = async () => {
    dialog.close();
    await giveBack(p, key, left);
  };
  dialog.showModal();
}

/**
 * Gives money back and shows what came of it; a lost answer can be asked for again with the same key.
 * @param {Payment} p
 * @param {string} key
 * @param {import('./till-paper.js').Money} left
 */
async function giveBack(p, key, left) {
  for (const place of all('[data-amount]')) place.textContent = yen(left);
  const long = wait('refund');
  try {
    const done = /** @type {{id: string, payment: Payment}} */ (
      await call('POST', `/v1/payments/${p.id}/refunds`, { key, headers, json: { amount: left } }));
    await result({ ...done.payment, did: 'refunded', refund_id: done.id });
  } catch (fault) {
    if (status(fault) === 409) return next(); // somebody else did: the list says how it stands
    await mend(fault, () => giveBack(p, key, left));
  } finally {
    clearTimeout(long);
    void refresh();
  }
}

/** @type {Receipt | undefined} the newest that was not printed */
let unprinted;

/** @param {Status | null} s */
function draw(s) {
  link(s !== null);
  if (!s) return;
  unprinted = s.receipts_unprinted[0];
  drawToday(s.today, s.receipts_unprinted.length);
  drawRecent(s.recent, said, { refund: offerRefund, print: (p) => void reprint(p.id) });
}

async function camera() {
  for (const trouble of all('[data-trouble]')) trouble.hidden = true;
  qs('#trouble').hidden = true;
  try {
    whenGone(await open(video, { facing: 'user', width: 1280, height: 720 }), () => void camera());
  } catch (fault) {
    qs(`[data-trouble=${fault instanceof CameraProblem ? fault.trouble : 'busy'}]`).hidden = false;
    qs('#trouble').hidden = false;
  }
}

/** A payment of this till that still waits for somebody: what a browser that lost its memory goes on with. */
async function waiting() {
  const { recent } = /** @type {Status} */ (await call('GET', '/v1/till', { headers }));
  return recent.find((p) => p.retry || p.status.startsWith('awaiting_'));
}

/** After a reload: the request without an answer is sent again under its key; a photo is taken anew. */
async function resume() {
  const { payment, pending } = kept.read();
  if (!payment && !pending) {
    const open = await waiting().catch(() => undefined);
    return open ? follow(take(open)) : enter('amount');
  }
  const long = wait('resume');
  try {
    if (pending?.json) return await follow(await ask('resume', pending));
    if (payment) return await follow(await read(payment));
    next();
  } catch (fault) {
    await mend(fault, resume);
  } finally {
    clearTimeout(long);
  }
}

const amount = amountPad(Number(till.dataset.max), (value) => void sell(value));
const code = codePad(said, (digits) => void sendCode(digits));
on(qs('#look'), 'click', async () => {
  if (!video.srcObject) await camera();
  if (video.srcObject) await look();
});
on(qs('#pay'), 'click', () => void pay());
on(qs('#not-me'), 'click', () => void cancel());
on(qs('#cancel'), 'click', () => void cancel());
on(qs('#another'), 'click', next);
on(qs('#unprinted button'), 'click', () => { if (unprinted) void reprint(unprinted.payment_id, unprinted.refund_id); });
on(document, 'pointerdown', () => void unlock().catch(() => undefined));
dialogs();
stayAwake();
const refresh = watch('/v1/till', statusEvery, draw);
void camera();
await resume();
