// portal: the small comforts of a visitor's forms. Each form works without them.

import { all, data, on, qs } from './dom.js';

// Digits: what is pasted loses its spaces, full-width figures count, and the form goes off when all are there.
for (const field of /** @type {HTMLInputElement[]} */ (all('input[data-digits]'))) {
  const wanted = Number(data(field, 'digits'));
  let sent = false;
  const look = () => {
    const digits = field.value.normalize('NFKC').replace(/\D/g, '').slice(0, wanted);
    if (digits !== field.value) field.value = digits;
    if (digits.length === wanted && !sent && field.form) {
      sent = true;
      field.form.requestSubmit();
    }
  };
  on(field, 'input', look);
  if (field.value) look(); // filled in before this script was here
}

// Waiting: a button that makes sense only after a while counts down to it.
for (const button of /** @type {HTMLButtonElement[]} */ (all('button[data-wait]'))) {
  const label = qs('span', button);
  const words = label.textContent;
  const until = Date.now() + Number(data(button, 'wait')) * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    label.textContent = left > 0 ? data(button, 'waitText').replace('{n}', String(left)) : words;
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

// Quick amounts: one tap writes the sum into the field.
for (const row of all('[data-quick]')) {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector(`input[name="${data(row, 'quick')}"]`));
  if (!field) continue;
  row.hidden = false;
  for (const button of all('button[data-value]', row)) on(button, 'click', () => { field.value = data(button, 'value'); });
}

// Forms go once: a second tap while the first is on its way does nothing.
for (const form of /** @type {HTMLFormElement[]} */ (all('form[method="post"]'))) {
  on(form, 'submit', (event) => {
    if (form.dataset.gone) event.preventDefault();
    form.dataset.gone = '1';
  });
}
addEventListener('pageshow', () => { for (const form of all('form[data-gone]')) delete form.dataset.gone; });
