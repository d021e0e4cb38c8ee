// Asks usearch's exact search, one thread, the questions of `kaopass bench search`. It runs in a folder with rows.f32,
// probes.f32 and about.json, is told where the npm packages are, and prints one JSON object.
import { openSync, readFileSync, readSync } from "node:fs";
import { createRequire } from "node:module";

const { MetricKind, exactSearch } = createRequire(process.argv.at(-1) + "/")("usearch");
const about = JSON.parse(readFileSync("about.json", "utf8"));
const rows = new Float32Array(about.n * about.dim);
const bytes = new Uint8Array(rows.buffer), file = openSync("rows.f32", "r");
for (let at = 0; at < bytes.length; ) at += readSync(file, bytes, at, Math.min(bytes.length - at, 1 << 30), at);
const raw = readFileSync("probes.f32");
const probes = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));

function median(dataset, make, rounds) {
  const times = [];
  let same = 0;
  for (let i = 0; i < rounds; i++) {
    const probe = make(probes.slice(i * about.dim, (i + 1) * about.dim));
    const begun = performance.now();
    const found = exactSearch(dataset, probe, about.dim, 21, MetricKind.IP, 1);
    times.push(performance.now() - begun);
    same += Number(found.keys[0] ?? found.keys.at(0)) === about.truth[i] ? 1 : 0;
  }
  return { ms: times.sort((a, b) => a - b)[rounds >> 1], same_first: same / rounds };
}

const signed = (v) => {
  const out = new Int8Array(v.length);
  for (let i = 0; i < v.length; i++) out[i] = Math.max(-127, Math.min(127, Math.round(v[i] * 400)));
  return out;
};
console.log(JSON.stringify({ exact_f32: median(rows, (p) => p, 7), exact_i8: median(signed(rows), signed, 7) }));
