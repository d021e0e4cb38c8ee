// passkey: adds a passkey, and signs in with one (WebAuthn, level 2). Without passkeys the page goes on as it is.

import { all, data, on, qs } from './dom.js';
import { post } from './fetch.js';

/** @typedef {{ ceremony: string, publicKey: any }} Ceremony */

/** @param {string} text base64url @returns {ArrayBuffer} */
function bytes(text) {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0)).buffer;
}

/** @param {ArrayBuffer | null | undefined} buffer @returns {string | undefined} base64url */
function text(buffer) {
  if (!buffer) return undefined;
  const plain = Array.from(new Uint8Array(buffer), (b) => String.fromCharCode(b)).join('');
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** @param {{ id: string }[] | undefined} list */
const descriptors = (list) => list?.map((d) => ({ ...d, id: bytes(d.id) }));

/** @param {any} options */
async function create(options) {
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  };
  const made = /** @type {PublicKeyCredential} */ (await navigator.credentials.create({ publicKey }));
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return {
    id: made.id, rawId: text(made.rawId), type: made.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** @param {any} options */
async function ask(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) };
  const given = /** @type {PublicKeyCredential} */ (await navigator.credentials.get({ publicKey }));
  const response = /** @type {AuthenticatorAssertionResponse} */ (given.response);
  return {
    id: given.id, rawId: text(given.rawId), type: given.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

/** Whether there can be a passkey here: the browser knows them, and the page has a domain name and not an address. */
function possible() {
  const address = /^[\d.]+$|^\[/.test(location.hostname);
  return Boolean(globalThis.isSecureContext && globalThis.PublicKeyCredential && navigator.credentials) && !address;
}

/**
 * @param {HTMLElement} box
 * @param {(options: any) => Promise<unknown>} meet what the authenticator is asked for
 */
function offer(box, meet) {
  const stopped = qs('[data-passkey-stopped]', box);
  const button = /** @type {HTMLButtonElement} */ (qs('[data-passkey-go]', box));
  box.hidden = false;
  on(button, 'click', async () => {
    button.disabled = stopped.hidden = true;
    try {
      const begun = /** @type {Ceremony} */ (await post(data(box, 'begin')));
      const credential = await meet(begun.publicKey);
      const { next } = /** @type {{ next: string }} */ (await post(data(box, 'finish'), { ceremony: begun.ceremony, credential }, { once: true }));
      location.assign(next);
    } catch {
      stopped.hidden = false; // the person said no, or the device has none: both are fine
    } finally {
      button.disabled = false;
    }
  });
}

if (possible()) {
  for (const box of all('[data-passkey-signin]')) offer(box, ask);
  for (const box of all('[data-passkey-add]')) offer(box, create);
  for (const none of all('[data-passkey-none]')) none.hidden = true;
}
