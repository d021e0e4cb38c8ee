// sw: the service worker of the pass (/home, nothing else). With a network the page comes from the server, and a copy is
// kept; without one the copy is shown, QR code and all. Signing out clears it (Clear-Site-Data), and so does a session
// that has ended.

const shelf = 'kaopass-pass-1';
const most = 40; // files kept; a new version of the site brings new addresses

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && url.pathname === '/home') event.respondWith(pass(request));
  else if (url.pathname.startsWith('/static/')) event.respondWith(file(request));
});

async function pass(request) {
  const cache = await caches.open(shelf);
  let answer;
  try {
    answer = await fetch(request);
  } catch (fault) {
    const kept = await cache.match('/home');
    if (!kept) throw fault;
    const page = (await kept.text()).replace('data-offline hidden', 'data-offline'); // it says that it is a copy
    return new Response(page, { headers: kept.headers });
  }
  if (answer.ok && answer.type === 'basic' && !answer.redirected) await cache.put('/home', answer.clone());
  if (answer.type === 'opaqueredirect' || answer.redirected) await caches.delete(shelf);
  return answer;
}

async function file(request) {
  const cache = await caches.open(shelf);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    await cache.put(request, answer.clone());
    const keys = await cache.keys();
    for (const old of keys.slice(0, Math.max(0, keys.length - most))) {
      if (new URL(old.url).pathname !== '/home') await cache.delete(old);
    }
  }
  return answer;
}
