// till-memory: what a reload must not lose, and what is known of the money while nobody answers.

/** @typedef {{key: string, url: string, json?: object}} Pending a request that was sent, or was about to be */
/** @typedef {{payment?: string, pending?: Pending, tried?: boolean}} Kept tried: somebody said pay, and what came of it is not known */

const seenKey = 'kaopass-till-seen'; // the last result that the clerk has closed

/** The payment, and the request whose answer is not known. */
export const kept = {
  /** @returns {Kept} */
  read() { return JSON.parse(sessionStorage.getItem('kaopass-till') ?? '{}'); },
  /** @param {{[key in keyof Kept]: Kept[key] | undefined}} change */
  write(change) { sessionStorage.setItem('kaopass-till', JSON.stringify({ ...this.read(), ...change })); },
  forget() { sessionStorage.removeItem('kaopass-till'); },
};

/** The last payment whose end was seen here. */
export const seen = {
  /** @param {string} id */
  is: (id) => localStorage.getItem(seenKey) === id,
  /** @param {string} id */
  note: (id) => localStorage.setItem(seenKey, id),
};

/** What is known of the money of a payment whose answer is not there, as a key of the sentences; empty: there is none. */
export function known() {
  const { payment, pending, tried } = kept.read();
  if (pending && !tried) return 'knownNothing';
  return pending || payment ? 'knownNot' : '';
}
