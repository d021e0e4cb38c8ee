// sound: three short sounds that nobody confuses, made by the browser: "go" rises, "again" repeats one note, "staff" is
// two low notes. Browsers allow sound only after a touch: call unlock() from the first one.

/** @typedef {'go' | 'again' | 'staff' | 'tap'} Sound */

/** @type {Record<Sound, { notes: [hz: number, at: number, lasts: number][], wave: OscillatorType, loud: number }>} */
const sounds = {
  go: { notes: [[660, 0, 0.12], [880, 0.1, 0.14], [1320, 0.2, 0.26]], wave: 'sine', loud: 0.5 },
  again: { notes: [[520, 0, 0.12], [520, 0.2, 0.12]], wave: 'triangle', loud: 0.5 },
  staff: { notes: [[330, 0, 0.28], [262, 0.3, 0.4]], wave: 'triangle', loud: 0.55 },
  tap: { notes: [[740, 0, 0.04]], wave: 'sine', loud: 0.15 },
};

/** @type {AudioContext | undefined} */
let context;

/** Wakes the sound from a touch or a key. */
export async function unlock() {
  if (!navigator.userActivation.hasBeenActive) return; // a script's event, no person's
  context ??= new AudioContext();
  if (context.state === 'suspended') await context.resume();
}

/**
 * Plays a sound; silent, and no fault, where the browser does not allow it yet.
 * @param {Sound} name
 */
export function play(name) {
  if (!context || context.state !== 'running') return;
  const { notes, wave, loud } = sounds[name];
  for (const [hz, at, lasts] of notes) note(context, hz, context.currentTime + at, lasts, wave, loud);
}

/**
 * @param {AudioContext} c
 * @param {number} hz
 * @param {number} at
 * @param {number} lasts seconds
 * @param {OscillatorType} wave
 * @param {number} loud 0 to 1
 */
function note(c, hz, at, lasts, wave, loud) {
  const tone = c.createOscillator();
  const gain = c.createGain();
  tone.type = wave;
  tone.frequency.value = hz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loud, at + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.001, at + lasts);
  tone.connect(gain).connect(c.destination);
  tone.start(at);
  tone.stop(at + lasts + 0.02);
}
