// again: a page that is busy asks for itself again, a little later each time, and at once when the network is back. The answer
// to a form leads to the page before it instead: nothing is sent twice.

const waits = [5, 8, 13, 20, 30]; // seconds
const key = 'kaopass-again';
const turn = Number(sessionStorage.getItem(key) ?? 0);

sessionStorage.setItem(key, String(turn + 1));
addEventListener('online', go);
setTimeout(go, 1000 * (waits[Math.min(turn, waits.length - 1)] ?? 30));

function go() {
  const before = document.querySelector('a[data-again]');
  if (before instanceof HTMLAnchorElement) location.replace(before.href);
  else location.reload();
}
