// icons draws img/icons.svg: one <symbol> for each Lucide icon that icons.txt names (name, or ours=lucide).
//
//   npm pack lucide-static@1.62.0 && tar xzf lucide-static-1.62.0.tgz && node static/make/icons.mjs package/icons
//
// The result is committed; nothing of this runs in a build.
import { readFileSync, writeFileSync } from 'node:fs';

const from = process.argv[2];
const here = new URL('.', import.meta.url);
const symbols = readFileSync(new URL('icons.txt', here), 'utf8').split(/\s+/).filter(Boolean).sort().map((listed) => {
  const [name, lucide = name] = listed.split('=');
  const svg = readFileSync(`${from}/${lucide}.svg`, 'utf8');
  const body = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.indexOf('</svg>')).replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');
  return `<symbol id="${name}" viewBox="0 0 24 24">${body}</symbol>`;
});
const mark = readFileSync(new URL('mark.svg', here), 'utf8').trim();
const head = '<!-- Lucide 1.62.0 (lucide.dev), ISC licence: see vendor/LICENCES.txt -->\n';
writeFileSync(new URL('../img/icons.svg', here), `${head}<svg xmlns="http://www.w3.org/2000/svg">\n${mark}\n${symbols.join('\n')}\n</svg>\n`);
