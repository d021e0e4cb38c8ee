package index

import (
	"cmp"
	"math/bits"
	"slices"
)

// BatchMax is how many queries one pass over the rows serves.
const BatchMax = 32

// scratch is what one pass needs, used again by the next.
type scratch struct {
	queries [BatchMax]*query
	many    *many
	marks   bitmap
	list    [chunkRows]uint32
	dots    [chunkRows]int32
}

// query is one question and what was found so far.
type query struct {
	*rounded
	signs   signTables
	best    best
	request *request
}

func newScratch(s *space) *scratch {
	out := &scratch{many: newMany(s)}
	for i := range out.queries {
		out.queries[i] = &query{rounded: newRounded(s), signs: newSignTables(s), best: best{found: make([]candidate, 0, HitsMax)}}
	}
	return out
}

// Search answers the k people nearest to a vector whose cosine is at least floor, the nearest first: what a till asks.
// Among many people it looks at their signs first and, where those do not tell for sure who is nearest, does what
// [Index.Exact] does. The first hit is Exact's but for one search in a million or so; of the others, who are strangers,
// one may be missing now and then.
func (x *Index) Search(vector []float32, k int, floor float32) []Hit {
	return x.searches.ask(&request{vector: vector, k: k, floor: floor})
}

// Exact answers the k people nearest to a vector whose cosine is at least floor, the nearest first; of equals, any.
func (x *Index) Exact(vector []float32, k int, floor float32) []Hit {
	return x.exacts.ask(&request{vector: vector, k: k, floor: floor})
}

// quickly serves searches of tills, at most BatchMax.
func (x *Index) quickly(requests []*request) {
	x.together(requests, func(s *scratch, n int) {
		x.searched.Add(int64(n))
		if unsure := x.quick(s, n); unsure > 0 {
			x.again.Add(int64(unsure))
			x.scan(s, unsure)
		}
	})
}

// exactly serves exact searches, at most BatchMax.
func (x *Index) exactly(requests []*request) { x.together(requests, x.scan) }

// together answers requests with one pass. The pass may serve them in another order.
func (x *Index) together(requests []*request, pass func(s *scratch, n int)) {
	s := x.take()
	defer x.give(s, len(requests))
	for i, r := range requests {
		q := s.queries[i]
		if q.request = r; !q.ask(x.space, r.vector, r.k, r.floor) {
			q.best.reset(0, 0) // nothing is asked, nobody is found
		}
	}
	pass(s, len(requests))
	for _, q := range s.queries[:len(requests)] {
		q.request.hits, q.request = x.hits(q), nil
	}
}

// ExactAll answers as many lists as there are vectors, each as [Index.Exact] does, in one pass for every BatchMax.
func (x *Index) ExactAll(vectors [][]float32, k int, floor float32) [][]Hit {
	out := make([][]Hit, 0, len(vectors))
	requests := make([]*request, 0, BatchMax)
	for len(vectors) > 0 {
		n := min(len(vectors), BatchMax)
		requests = requests[:0]
		for _, v := range vectors[:n] {
			requests = append(requests, &request{vector: v, k: k, floor: floor})
		}
		x.exactly(requests)
		for _, r := range requests {
			out = append(out, r.hits)
		}
		vectors = vectors[n:]
	}
	return out
}

func (x *Index) take() *scratch { return x.scratch.Get().(*scratch) }

// give puts the scratch back without the numbers of the queries that it served.
func (x *Index) give(s *scratch, queries int) {
	for _, q := range s.queries[:queries] {
		q.wipe()
		clear(q.signs.entries)
	}
	clear(s.many.bytes)
	clear(s.many.turned)
	x.scratch.Put(s)
}

// ask prepares the query; it reports false for one that nobody can be near to.
func (q *query) ask(s *space, vector []float32, k int, floor float32) bool {
	if len(vector) != s.dim || k <= 0 || !(floor <= 1) || !q.set(s, vector) {
		return false
	}
	q.best.reset(k, floor)
	return true
}

// stepRuns is how many runs are scanned before the bar is looked at again: 512 rows.
const stepRuns = 8

// manyMin is from how many queries on the kernel for several pays.
const manyMin = 3

// scan compares the first n queries with everyone.
func (x *Index) scan(s *scratch, n int) {
	together := x.kernels.many != nil && n >= manyMin
	if together {
		s.many.pack(s.queries[:n])
	}
	for number, c := range *x.chunks.Load() {
		c.lock.RLock()
		for run := 0; run < len(s.marks); run += stepRuns {
			if together {
				x.stepMany(s, c, number, run, n)
				continue
			}
			for _, q := range s.queries[:n] {
				x.step(s, c, number, run, q)
			}
		}
		c.lock.RUnlock()
	}
}

// stepMany is step for several queries.
func (x *Index) stepMany(s *scratch, c *chunk, number, run, n int) {
	from := run * runRows
	for j, q := range s.queries[:n] {
		if q.best.k > 0 {
			s.many.floors[j] = q.reach()
		}
	}
	x.kernels.many(s.many.marks[:], c.rows[from*c.stride:], c.scales[from:][:stepRuns*runRows], s.many)
	for block := range stepRuns * runRows / blockRows {
		for j, q := range s.queries[:n] {
			for word := s.many.word(block, j); word != 0; word &= word - 1 {
				q.offer(c, number, uint32(from+block*blockRows+bits.TrailingZeros32(word)))
			}
		}
	}
}

// step compares one query with the rows of stepRuns runs. Bytes tell who may reach the bar: the query's are off by
// q.off at most, so nobody who does is missed; then the query as given says who does.
func (x *Index) step(s *scratch, c *chunk, number, run int, q *query) {
	if q.best.k == 0 {
		return
	}
	marks := s.marks[:stepRuns]
	from := run * runRows
	x.kernels.sift(marks, c.rows[from*c.stride:], c.scales[from:], q.rounded, q.reach())
	for i, word := range marks {
		for ; word != 0; word &= word - 1 {
			q.offer(c, number, uint32(from+i*runRows+bits.TrailingZeros64(word)))
		}
	}
}

// slack is more than what rounding adds to a cosine of float32 numbers.
const slack = 1e-4

// reach is the bar in the kernels' numbers, lowered by as much as they can be off.
func (q *query) reach() float32 { return (q.best.bar() - q.off - slack) / q.scale }

func (q *query) offer(c *chunk, number int, at uint32) {
	if c.ids[at] != (identity{}) {
		q.best.offer(uint32(number)*chunkRows+at, q.cosine(c.bytes(at), c.scales[at]))
	}
}

// hits says who the found rows belong to now: of whoever was removed since, nothing is left to answer.
func (x *Index) hits(q *query) []Hit {
	if len(q.best.found) == 0 {
		return nil
	}
	out := make([]Hit, 0, len(q.best.found))
	for _, found := range q.best.found {
		if h, somebody := x.hit(q, found.row); somebody && h.Score >= q.best.floor {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) }) // if one was replaced since
	return out
}

// hit reads a row again.
func (x *Index) hit(q *query, row uint32) (h Hit, somebody bool) {
	c, at := x.chunk(row), row%chunkRows
	c.lock.RLock()
	defer c.lock.RUnlock()
	if c.ids[at] == (identity{}) {
		return Hit{}, false
	}
	return Hit{ID: c.ids[at].long(), Score: q.cosine(c.bytes(at), c.scales[at]), Mean: c.means[at]}, true
}
