# Asks FAISS's exact search, one thread, the questions of `kaopass bench search`. It runs in a folder with rows.f32,
# probes.f32 and about.json, and prints one JSON object.
import json, time
import numpy, faiss

about = json.load(open("about.json"))
faiss.omp_set_num_threads(1)
rows = numpy.memmap("rows.f32", dtype="<f4", mode="r", shape=(about["n"], about["dim"]))
probes = numpy.fromfile("probes.f32", dtype="<f4").reshape(about["probes"], about["dim"])
flat = faiss.IndexFlatIP(about["dim"])
for begin in range(0, about["n"], 100000):
    flat.add(numpy.ascontiguousarray(rows[begin:begin + 100000]))


def timed(queries):
    begun = time.perf_counter()
    _, found = flat.search(queries, 21)
    return (time.perf_counter() - begun) * 1000, found[:, 0].tolist()


one = [timed(probes[i:i + 1]) for i in range(9)]
batch = [timed(probes[i:i + 32]) for i in range(0, len(probes) - 31, 32)]
firsts = [f for _, found in batch for f in found]
print(json.dumps({
    "version": faiss.__version__,
    "flat_f32_ms": sorted(ms for ms, _ in one)[len(one) // 2],
    "batch32_per_s": 32000 / sorted(ms for ms, _ in batch)[len(batch) // 2],
    "same_first": sum(a == b for a, b in zip(firsts, about["truth"])) / len(firsts),
}))
