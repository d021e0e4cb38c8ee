// pass: keeps the pass for when there is no network, and shows that it is not a picture of one: its clock runs.

import { all, data } from './dom.js';

for (const clock of all('[data-clock]')) {
  const words = data(clock, 'clock');
  const zone = { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
  const format = new Intl.DateTimeFormat('en-GB', /** @type {Intl.DateTimeFormatOptions} */ (zone));
  clock.hidden = false;
  const tick = () => {
    clock.textContent = words.replace('{t}', format.format(new Date()));
    setTimeout(tick, 1000 - (Date.now() % 1000));
  };
  tick();
}

// A page that the worker kept says so already; one that was fetched says so when the network goes.
const away = (/** @type {boolean} */ yes) => { for (const note of all('[data-offline]')) note.hidden = !yes; };
addEventListener('online', () => location.reload());
addEventListener('offline', () => away(true));
if (!navigator.onLine) away(true);

// The worker looks after this page alone; gates, tills and the console never meet it.
navigator.serviceWorker?.register('/sw.js', { scope: '/home' }).catch(() => undefined);
