// again: a page that is busy asks for itself again, a little later each time, and at once when the network is back.

const waits = [5, 8, 13, 20, 30]; // seconds
const key = 'kaopass-again';
const turn = Number(sessionStorage.getItem(key) ?? 0);

sessionStorage.setItem(key, String(turn + 1));
addEventListener('online', () => location.reload());
setTimeout(() => location.reload(), 1000 * (waits[Math.min(turn, waits.length - 1)] ?? 30));
