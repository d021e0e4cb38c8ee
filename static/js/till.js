// till: the till screen. The clerk types an amount, the customer looks, perhaps enters four digits, chooses how to pay.
// Each request's key is kept before it is sent, so that a lost answer, or a page that was reloaded in the middle, asks
// what became of the same request instead of making another.
import { takePhotos } from './approach.js';
import { CameraProblem, open, whenGone } from './camera.js';
import { call, link, pause, photoForm, settled, status, stayAwake, watch } from './device.js';
import { all, dialogs, icon, on, qs, say } from './dom.js';
import { newKey } from './fetch.js';
import { play, unlock } from './sound.js';
import { dayReport } from './till-day.js';
import { kept, known, seen } from './till-memory.js';
import { Offer, payable, waits } from './till-offer.js';
import { amountPad, codePad } from './till-pad.js';
import { again, awaits, drawRecent, drawToday, outcome, yen } from './till-paper.js';
import { watchPrinter } from './till-printer.js';
import { offerReceipt, reprint } from './till-receipt.js';
import { Refunds } from './till-refund.js';
import { restOn } from './till-rest.js';
import { chooseLanguage, forgetSpeech, language, paperLanguage, speakTo, word } from './till-speech.js';

const approach = { during: 900, every: 130, keep: 3 }; // ms, ms, photos
const lookAfter = 800; // ms between turning the screen to the customer and the first moment that may be a photo
const resultAtLeast = 2_000; // ms
const longAfter = 4_000; // ms of waiting, then it is said that it takes longer
const statusEvery = 10_000; // ms
const offerEvery = 2_000; // ms between two looks at a payment of which something cannot be chosen
const lostEvery = 3_000; // ms between two looks whether the venue answers again; doubled while it does not do what is asked
const lostEveryMost = 24_000; // ms
const unseenWithin = 60_000; // ms after which what happened while the screen was away is left to the list

/** @typedef {import('./till-paper.js').Payment} Payment @typedef {import('./till-paper.js').Money} Money */
/** @typedef {import('./till-receipt.js').Receipt} Receipt */
/** @typedef {{today: import('./till-paper.js').Today, recent: Payment[], receipts_unprinted: Receipt[], server_time: string}} Status */
/** @typedef {import('./till-memory.js').Pending} Pending */
/** @typedef {'amount' | 'face' | 'code' | 'confirm' | 'wait' | 'lost' | 'result' | 'sales' | 'back' | 'day'} Step */

const clerks = ['amount', 'sales', 'back', 'day']; // steps that no customer looks at

const till = qs('#till');
const video = /** @type {HTMLVideoElement} */ (qs('#camera'));
const said = qs('#said');
const headers = () => ({ 'Accept-Language': language() });

/** @type {Payment | null} */
let now = null;
/** @type {Money | null} the amount that is shown */
let shown = null;
let steps = 0; // changes with each step: what was meant for an earlier one knows that it is late
let ending = new AbortController(); // ends what is being asked when the clerk cancels
let turned = false; // to the payer's language: what the venue said just now was in another
let giving = false; // money is given back: there is no payment to cancel
let repeats = 0; // how often the same was asked again by the screen itself
let redraw = () => {}; // says this step again, in another language
let beside = () => ''; // what is said beside the offer since it changed

/** @param {Step} step */
function enter(step) {
  steps++;
  redraw = () => {};
  till.dataset.step = step;
  for (const part of all('[data-shows]')) part.hidden = part.dataset.shows !== step;
  qs('.till-stage').scrollTop = 0;
  qs('#languages').hidden = clerks.includes(step);
  qs('#cancel').hidden = clerks.includes(step) || step === 'result' || giving;
  const held = document.activeElement;
  if (held instanceof HTMLElement && held.closest('[hidden]')) held.blur(); // else the next Enter would touch what nobody sees
}

/** Tells, later, whether the screen has gone on from what it shows now. */
function lateAfter() {
  const mine = steps;
  return () => steps !== mine;
}

/** @param {Money} m */
function amounts(m) {
  shown = m;
  for (const place of all('[data-amount]')) place.textContent = yen(m, language());
}

/** @param {Payment} p */
function take(p) {
  now = p;
  kept.write({ payment: p.id, pending: undefined, tried: undefined });
  turned = speakTo(p.payer?.language);
  amounts(p.given ?? (p.refunded.value > 0 ? p.refunded : p.amount));
  return p;
}

/** Says all of it again in the language that the customer chose; the venue's own sentence has to be asked for. */
async function sayAgain() {
  if (shown) amounts(shown);
  redraw();
  const at = now;
  if (!at) return;
  await translate(at);
  if (now === at) redraw();
}

/** Asks for the venue's sentence in the language that is spoken now. @param {Payment} p */
async function translate(p) {
  const fresh = /** @type {Payment | null} */ (await call('GET', `/v1/payments/${p.id}`, { headers: headers(), once: true }).catch(() => null));
  p.message = fresh?.message ?? p.message;
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
    return take(await call('POST', pending.url, { key: pending.key, headers: headers(), signal, ...body }));
  } catch (fault) {
    if (!signal.aborted) await mend(fault, () => ask(what, pending, form).then(follow));
    return null;
  } finally {
    clearTimeout(long);
  }
}

/**
 * What to do when a request was not carried out: where it never will be, the payment is read as it is; else it can be
 * asked again.
 * @param {unknown} fault
 * @param {() => Promise<void>} again
 */
async function mend(fault, again) {
  const id = now?.id ?? kept.read().payment;
  if (!settled(fault)) return lost(fault, again);
  kept.write({ pending: undefined });
  if (!id) return next();
  try {
    await follow(await read(id));
  } catch (other) {
    if (status(other) === 404) return next();
    lost(other, resume);
  }
}

/**
 * Nobody answered, or nothing good: the screen says what it knows, and asks again by itself as soon as the venue answers.
 * @param {unknown} fault
 * @param {() => Promise<void>} again
 * @param {string} [knows] a key of the sentences
 */
function lost(fault, again, knows = known()) {
  if (status(fault) === 0 || status(fault) >= 500) link(false);
  enter('lost');
  redraw = () => {
    qs('#lost').textContent = word(status(fault) === 0 ? 'lost' : 'problem');
    qs('#lost-known').textContent = knows ? word(knows) : '';
  };
  redraw();
  if (repeats === 0) play('again');
  qs('#leave').hidden = !giving;
  qs('#ask-again').onclick = () => { repeats = 0; void again(); };
  void comesBack(again);
}

/** @param {() => Promise<void>} again */
async function comesBack(again) {
  const mine = steps, wait = Math.min(lostEvery * 2 ** repeats, lostEveryMost);
  let back = null;
  while (!back && steps === mine) {
    await pause(wait);
    if (steps === mine) back = /** @type {Status | null} */ (await call('GET', '/v1/till', { once: true }).catch(() => null));
  }
  if (steps !== mine) return;
  draw(back);
  repeats++;
  await again();
  if (till.dataset.step !== 'lost') repeats = 0;
}

/** @param {string} id */
async function read(id) {
  return take(await call('GET', `/v1/payments/${id}`, { headers: headers() }));
}

/** @param {string} what */
function wait(what) {
  qs('#wait-long').hidden = true;
  enter('wait');
  redraw = () => { qs('#wait').textContent = word(`waits.${what}`); };
  redraw();
  return setTimeout(() => { qs('#wait-long').hidden = false; }, longAfter);
}

/**
 * Shows the payment where it stands.
 * @param {Payment | null} p
 */
async function follow(p) {
  if (!p) return;
  if (turned && (p.status !== 'awaiting_confirmation' || !payable(p))) await translate(p);
  switch (p.status) {
    case 'awaiting_face': return lookSoon();
    case 'awaiting_code': return askCode(p);
    case 'awaiting_confirmation': return askConfirm(p);
    case 'refused': return p.retry ? lookAgain(p) : result(p);
    default: return result(p);
  }
}

/** @param {number} value */
async function sell(value) {
  ending = new AbortController();
  giving = false;
  const json = { amount: { currency: 'JPY', value }, capture: 'automatic' };
  amounts(json.amount);
  await follow(await ask('create', { key: newKey(), url: '/v1/payments', json }));
}

/** Turns to the customer: the first photo is taken by itself, a moment after. */
async function lookSoon() {
  showFace('ready', () => '');
  if (!video.srcObject) await camera();
  if (!video.srcObject) return;
  const mine = steps;
  await pause(lookAfter);
  if (steps === mine) await look();
}

/** @param {Payment} p */
function lookAgain(p) {
  play('again');
  showFace('again', () => p.message);
}

/**
 * @param {'ready' | 'again'} turn
 * @param {() => string} reason
 */
function showFace(turn, reason) {
  enter('face');
  redraw = () => {
    qs('#face-reason').textContent = reason();
    qs('#look').dataset.t = turn;
    qs('span', qs('#look')).textContent = word(turn);
  };
  redraw();
  say(`${qs('#face-title').textContent ?? ''}. ${reason()}`);
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
  const wrong = p.reason === 'code_wrong';
  if (wrong) play('again');
  enter('code');
  redraw = () => { qs('#code-reason').textContent = wrong ? p.message : ''; };
  redraw();
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
  qs('#confirm-reason').hidden = !waits(p); // its place is kept: nothing moves when something can be chosen
  qs('#confirm-reason').style.minBlockSize = '';
  beside = () => '';
  offer.draw(p);
  enter('confirm');
  redraw = drawOffer;
  redraw();
  if (!payable(p)) say(p.message);
  play('tap');
  qs('#pay').focus();
  if (waits(p)) void watchOffer();
}

/** The words of the offer; the large button pays, or where nothing can be chosen asks anew. */
function drawOffer() {
  if (!now) return;
  const pays = payable(now);
  const button = qs('#pay');
  offer.say();
  button.dataset.t = pays ? 'pay' : 'check';
  icon(button, pays ? 'check' : 'refresh-cw');
  qs('span', button).textContent = word(button.dataset.t);
  qs('#confirm-reason').textContent = pays ? beside() : now.message;
}

/** Asks how a payment stands while a part of its offer cannot be chosen: whoever pays may be about to mend that. */
async function watchOffer() {
  const mine = steps;
  while (steps === mine && now && waits(now)) {
    await pause(offerEvery);
    if (steps === mine && !document.hidden) await lookAtOffer();
  }
}

/** The payment as it stands; null where nobody answers, or the screen has gone on meanwhile. */
async function standing() {
  const mine = steps, spoken = language();
  const fresh = /** @type {Payment | null} */ (
    await call('GET', `/v1/payments/${now?.id}`, { headers: headers(), once: true }).catch(() => null));
  return steps === mine && language() === spoken ? fresh : null;
}

/** Asks once, and changes the screen only where no finger is on it: the next time tells. */
async function lookAtOffer() {
  const fresh = await standing();
  if (!fresh || offer.touched) return;
  if (fresh.status !== 'awaiting_confirmation') return follow(take(fresh));
  now = fresh;
  const reason = qs('#confirm-reason');
  reason.style.minBlockSize = `${reason.getBoundingClientRect().height}px`; // as high with fewer words
  const freed = offer.update(fresh);
  if (freed.length > 0) beside = () => `${freed.join(', ')}: ${word('free')}`;
  else if (payable(fresh) && !offer.chosen()) beside = () => word('say.awaiting_confirmation');
  drawOffer();
  if (beside()) say(beside());
}

async function pay() {
  if (!now || !offer.seen()) return;
  if (!payable(now)) {
    play('again');
    return lookAtOffer();
  }
  const method = offer.chosen();
  if (!method) return; // what was chosen can be no more, and the screen says so
  kept.write({ tried: true });
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

/** Shows what came of it, until the clerk turns to the next customer. @param {Payment} p */
async function result(p) {
  now = p;
  const { state, picture } = outcome(p);
  const verdict = qs('#verdict');
  verdict.className = `till-step verdict ${state}`;
  icon(verdict, picture);
  const print = /** @type {HTMLButtonElement} */ (qs('#print'));
  print.hidden = p.captured.value === 0;
  print.disabled = true; // until the receipt is there
  enter('result');
  const late = lateAfter();
  redraw = () => {
    const { word: large, sentence } = outcome(p);
    qs('#word').textContent = large;
    qs('#sentence').textContent = sentence === large ? '' : sentence;
    void offerReceipt(p, paperLanguage(), late, refresh);
  };
  redraw();
  play(state === 'go' ? 'go' : 'staff');
  void refresh();
  const another = /** @type {HTMLButtonElement} */ (qs('#another'));
  const same = /** @type {HTMLButtonElement} */ (qs('#same'));
  same.hidden = giving || !again(p);
  another.disabled = same.disabled = true;
  await pause(resultAtLeast);
  another.disabled = same.disabled = false;
  if (late()) return;
  another.focus();
  restOn(p, late, next);
}

/** Shows what was given back in the language of whoever gets it. @param {Payment} p */
async function givenBack(p) {
  const fresh = /** @type {Payment | null} */ (await call('GET', `/v1/payments/${p.id}`, { once: true }).catch(() => null));
  speakTo(fresh?.payer?.language);
  amounts(p.given ?? p.amount);
  await result(p);
}

/** Turns to the next customer. @param {number} [digit] that the amount begins with */
function next(digit = 0) {
  if (now) seen.note(now.id);
  now = null;
  giving = false;
  kept.forget();
  forgetSpeech();
  amount.set(digit);
  enter('amount');
}

/** @type {Receipt | undefined} the newest that was not printed */
let unprinted;

/** @param {Status | null} s */
function draw(s) {
  link(s !== null);
  if (!s) return;
  unprinted = s.receipts_unprinted[0];
  drawToday(s.today, s.receipts_unprinted.length);
  const same = s.recent.find((p) => p.id === now?.id);
  if (same && !awaits(same) && ['face', 'code', 'confirm'].includes(till.dataset.step ?? '')) void standing().then((p) => p && follow(take(p))); // its time is over
  drawRecent(s.recent, said, { refund: (p) => void give.offer(p.id), print: (p) => void reprint(p.id, undefined, refresh) });
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

/**
 * What a browser that lost its memory goes on with: a payment of this till that waits for somebody, or one that came to
 * an end a moment ago without anybody having seen it here.
 */
async function waiting() {
  const { recent, server_time: at } = /** @type {Status} */ (await call('GET', '/v1/till', { headers: headers() }));
  const last = recent[0];
  const unseen = last?.decided_at && !seen.is(last.id) && Date.parse(at) - Date.parse(last.decided_at) < unseenWithin;
  return recent.find(awaits) ?? (unseen ? last : undefined);
}

/** After a reload: the request without an answer is sent again under its key; a photo is taken anew. */
async function resume() {
  const { payment, pending } = kept.read();
  const long = wait('resume');
  try {
    if (pending?.json) return await follow(await ask('resume', pending));
    if (payment) return await follow(await read(payment));
    if (await give.resume()) return;
    const open = await waiting();
    return open ? await follow(take(open)) : next();
  } catch (fault) {
    await mend(fault, resume);
  } finally {
    clearTimeout(long);
  }
}

const amount = amountPad({ step: 'amount', pad: '#pad', typed: '#typed', over: '#limit', next: '#next', max: () => Number(till.dataset.max) },
  (value) => void sell(value));
const code = codePad((digits) => void sendCode(digits));
const give = new Refunds({
  enter: (step) => { giving = true; enter(step); },
  wait: (money) => { giving = true; amounts(money); return wait('refund'); },
  lost: (fault, again, knows = '') => { giving = true; lost(fault, again, knows); },
  result: givenBack,
});
const offer = new Offer();
const openDay = dayReport(enter);
chooseLanguage(() => void sayAgain());
on(qs('#look'), 'click', async () => {
  if (!video.srcObject) await camera();
  if (video.srcObject) await look();
});
on(qs('#pay'), 'click', () => void pay());
on(qs('#not-me'), 'click', () => void cancel());
on(qs('#cancel'), 'click', () => void cancel());
on(qs('#another'), 'click', () => next());
on(qs('#same'), 'click', () => {
  const value = now?.amount.value ?? 0;
  next();
  void sell(value);
});
on(qs('#leave'), 'click', () => next());
on(qs('#day-report'), 'click', () => void openDay());
for (const button of all('[data-to-till]')) on(button, 'click', () => next());
on(qs('#unprinted button'), 'click', () => { if (unprinted) void reprint(unprinted.payment_id, unprinted.refund_id, refresh); });
on(document, 'pointerdown', () => void unlock().catch(() => undefined));
dialogs();
stayAwake();
watchPrinter();
const refresh = watch('/v1/till', statusEvery, draw);
void camera();
await resume();
