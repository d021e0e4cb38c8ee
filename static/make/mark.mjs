// mark draws the sign and the wordmark as path data: a face whose mouth is a tick, "Kaopass", and 顔パス.
//
//   npm pack opentype.js@1.3.4 && tar xzf opentype.js-1.3.4.tgz && mv package /tmp/opentype
//   node static/make/mark.mjs /tmp/opentype /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc
//
// The letters are outlines of Noto Sans CJK JP Bold (SIL Open Font License 1.1). Writes make/mark.svg, which icons.mjs
// puts into the sprite; nothing of this runs in a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [library, collection] = process.argv.slice(2);
const opentype = createRequire(import.meta.url)(`${library}/dist/opentype.js`);

/** The first font of a collection, as a font file of its own: its table directory moved to the front. */
function firstFont(path) {
  const bytes = readFileSync(path);
  const at = bytes.readUInt32BE(12);
  bytes.copy(bytes, 0, at, at + 12 + 16 * bytes.readUInt16BE(at + 4));
  return opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const font = firstFont(collection);
const draw = (text, x, y, size, spacing) => font.getPath(text, x, y, size, { letterSpacing: spacing }).toPathData(1);


// One path: an oval, two eyes, and a tick for a mouth. What is inside the oval is cut out.
const sign = 'M16 .8c7.8 0 13.2 6.5 13.2 15.200S23.8 31.2 16 31.2 2.8 24.7 2.8 16 8.2.8 16 .8Z'
  + 'M11.3 8.600a1.7 1.7 0 0 0-1.7 1.700v2.400a1.7 1.7 0 0 0 3.4 0v-2.400a1.7 1.7 0 0 0-1.7-1.700Z'
  + 'm9.4 0a1.7 1.7 0 0 0-1.7 1.700v2.400a1.7 1.7 0 0 0 3.4 0v-2.400a1.7 1.7 0 0 0-1.7-1.700Z'
  + 'M10.8 18.100a1.6 1.6 0 0 0-2.3 2.200l4.9 5.100a1.7 1.7 0 0 0 2.4 0l8.2-7.600a1.6 1.6 0 0 0-2.2-2.300l-7 6.400Z';
const symbols = [
  `<symbol id="mark" viewBox="0 0 32 32"><path fill-rule="evenodd" d="${sign}"/></symbol>`,
  `<symbol id="word" viewBox="0 0 153 32"><path d="${draw('Kaopass', 0, 24.6, 25, -0.012)}"/><path d="${draw('顔パス', 107, 24.2, 15, 0)}"/></symbol>`,
];
writeFileSync(new URL('mark.svg', import.meta.url), symbols.join('\n') + '\n');
console.log('the word ends at', font.getAdvanceWidth('Kaopass', 25, { letterSpacing: -0.012 }), 107 + font.getAdvanceWidth('顔パス', 15));
