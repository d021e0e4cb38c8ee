package index

import "math"

// The first stage looks at one bit a dimension: the sign of each turned number, 24 bytes a person. What the signs say of
// a cosine is off like a bell curve of known width, √((π/2 − 1)/dim), which is 0.054 for 192 dimensions, so it can be
// said who need not be compared: those far below the nearest found.

// quickChunks is from how many chunks on the first stage pays: below 32,768 people an exact search takes half a
// millisecond.
const quickChunks = 8

// quickSigmas is how far above the gallery's mean, in its own standard deviations, the signs must speak for somebody to
// be compared: about one in a hundred people.
const quickSigmas = 2.3

// sureSigmas is how far, in the width of what signs say, the nearest found must be above whoever was left out; else the
// search is done again, exactly. Of those enrolled whose cosine is right at that height, one in 4,000 would be missed,
// of those above hardly any.
const sureSigmas = 3.5

// signTables say what the signs of four numbers are worth to a query.
type signTables struct {
	entries []uint8 // of each column; see tableBytes
	factor  float32 // entries of a cosine
	total   float32 // what all signs against the query would be worth, less than nothing
	floor   int     // sum of entries from which somebody is compared
}

func newSignTables(s *space) signTables {
	return signTables{entries: make([]uint8, s.stride/8*tableBytes)}
}

// draw makes the tables of a turned query.
func (t *signTables) draw(turned []float32) {
	var largest float32
	t.total = 0
	for i := 0; i < len(turned); i += 4 {
		size := abs4(turned[i:])
		largest, t.total = max(largest, size), t.total+size
	}
	t.factor = entryMax / (2 * largest)
	for i := 0; i < len(turned); i += 4 {
		base := abs4(turned[i:])
		for signs := range 16 {
			sum := base
			for bit, q := range turned[i : i+4] {
				if signs>>bit&1 == 0 {
					q = -q
				}
				sum += q
			}
			t.entries[4*i+signs] = uint8(math.RoundToEven(float64(sum * t.factor)))
		}
	}
}

func abs4(v []float32) float32 {
	return max(v[0], -v[0]) + max(v[1], -v[1]) + max(v[2], -v[2]) + max(v[3], -v[3])
}

// cosine is the one that a sum of entries speaks for: the signs of a unit vector of dim numbers are √(2·dim/π) of it.
func (t *signTables) cosine(sum float32, dim int) float32 {
	return (sum/t.factor - t.total) / float32(math.Sqrt(2*float64(dim)/math.Pi))
}

// sampleRuns is of how many runs, taken evenly from the whole index, the floor is made.
const sampleRuns = 16

// sample sets the floor by what the signs say of some of the people.
func (t *signTables) sample(all []*chunk) {
	var n, sum, square float64
	runs := len(all) * len(bitmap{})
	for i := range sampleRuns {
		at := i * runs / sampleRuns
		c, run := all[at/len(bitmap{})], at%len(bitmap{})
		c.lock.RLock()
		for j, who := range c.ids[run*runRows:][:runRows] {
			if who != (identity{}) {
				worth := float64(t.sum(c.plane[run*runRows*c.stride/8+j:]))
				n, sum, square = n+1, sum+worth, square+worth*worth
			}
		}
		c.lock.RUnlock()
	}
	t.floor = 1 // everyone: there is nobody to judge by
	if n > 0 {
		mean := sum / n
		t.floor = max(1, int(mean+quickSigmas*math.Sqrt(max(0, square/n-mean*mean))))
	}
}

// sum is what the signs of the plane's first row are worth.
func (t *signTables) sum(plane []uint8) (sum int) {
	for c := range len(t.entries) / tableBytes {
		signs, table := plane[c*runRows], t.entries[c*tableBytes:][:tableBytes]
		sum += int(table[signs&15]) + int(table[16+signs>>4])
	}
	return sum
}

// quick compares the first n queries with those for whom signs speak. It answers for how many of them that is not sure
// to have found the nearest; those are now the first.
func (x *Index) quick(s *scratch, n int) (unsure int) {
	all := *x.chunks.Load()
	if len(all) < quickChunks {
		return n
	}
	for _, q := range s.queries[:n] {
		if q.best.k > 0 {
			q.signs.draw(q.turned)
			q.signs.sample(all)
		}
	}
	for number, c := range all {
		c.lock.RLock()
		for _, q := range s.queries[:n] {
			if q.best.k > 0 {
				x.kernels.signs(s.marks[:], c.plane, q.signs.entries, q.signs.floor)
				x.some(s, c, number, &s.marks, q)
			}
		}
		c.lock.RUnlock()
	}
	for i, q := range s.queries[:n] {
		if q.best.k > 0 && !q.sure(x.space.dim) {
			s.queries[i], s.queries[unsure] = s.queries[unsure], q
			q.best.reset(q.best.k, q.best.floor)
			unsure++
		}
	}
	return unsure
}

// sure reports whether whoever is nearest has been compared: the nearest found, or the floor if nobody was found above
// it, is so far above what the signs of those left out say that none of them can be expected to be nearer.
func (q *query) sure(dim int) bool {
	height := q.best.floor
	if len(q.best.found) > 0 {
		height = q.best.found[0].score
	}
	width := float32(math.Sqrt((math.Pi/2 - 1) / float64(dim)))
	return height >= q.signs.cosine(float32(q.signs.floor), dim)+sureSigmas*width
}
