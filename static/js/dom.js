// dom: the few things that every script of ours does with a page.

/**
 * The one element that a selector finds; a page without it is a mistake of ours.
 * @template {Element} [T=HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function qs(selector, within = document) {
  const found = within.querySelector(selector);
  if (!found) throw new Error(`no ${selector} on this page`);
  return /** @type {T} */ (found);
}

/**
 * All elements that a selector finds.
 * @param {string} selector
 * @param {ParentNode} [within]
 * @returns {HTMLElement[]}
 */
export function all(selector, within = document) {
  return Array.from(within.querySelectorAll(selector));
}

/**
 * Listens, and answers how to stop listening.
 * @template {keyof HTMLElementEventMap} K
 * @param {EventTarget} target
 * @param {K} type
 * @param {(event: HTMLElementEventMap[K]) => void} listener
 * @param {AddEventListenerOptions} [options]
 * @returns {() => void}
 */
export function on(target, type, listener, options) {
  const heard = /** @type {EventListener} */ (listener);
  target.addEventListener(type, heard, options);
  return () => target.removeEventListener(type, heard, options);
}

/**
 * A data-* attribute that the page must carry: scripts get their addresses and sentences from there.
 * @param {HTMLElement} element
 * @param {string} name in camel case
 * @returns {string}
 */
export function data(element, name) {
  const value = element.dataset[name];
  if (value === undefined) throw new Error(`no data-${name} on <${element.localName}>`);
  return value;
}

/**
 * Says a sentence to a screen reader, once: the same sentence again is not repeated.
 * @param {string} sentence
 * @param {{ urgent?: boolean }} [how]
 */
export function say(sentence, how = {}) {
  const region = qs('#say');
  region.setAttribute('aria-live', how.urgent ? 'assertive' : 'polite');
  if (region.textContent !== sentence) region.textContent = sentence;
}

/**
 * Shows one of the elements and hides its siblings in the list.
 * @param {HTMLElement[]} elements
 * @param {HTMLElement} shown
 */
export function show(elements, shown) {
  for (const element of elements) element.hidden = element !== shown;
}

/**
 * Another icon in an icon's place.
 * @param {Element} within
 * @param {string} name
 */
export function icon(within, name) {
  const use = within.querySelector('.icon use');
  const href = use?.getAttribute('href');
  if (use && href) use.setAttribute('href', `${href.split('#')[0]}#${name}`);
}

/**
 * Lets data-opens="id" and data-closes work for the dialogs of this page.
 * @param {ParentNode} [within]
 */
export function dialogs(within = document) {
  for (const button of all('[data-opens]', within)) {
    on(button, 'click', () => /** @type {HTMLDialogElement} */ (qs(`#${data(button, 'opens')}`)).showModal());
  }
  for (const button of all('[data-closes]', within)) {
    on(button, 'click', () => button.closest('dialog')?.close());
  }
}
