// Package index finds the nearest of many faces: an exact search over unit vectors, with people coming and going while
// others search.
//
// Start at [New]. Rows live in chunks, each behind a lock of its own: a search holds one chunk at a time, for about a
// millisecond, so an erasure waits no longer than that. What stays true: whoever was put is found by every search that
// begins afterwards; whoever was removed is in no later answer, and the numbers are overwritten before Remove returns;
// a search compares with everyone, so a stranger's nearest neighbour is the true one.
package index

import (
	"slices"
	"sync"

	"github.com/kaopass/kaopass"
)

// chunkRows is how many people share a lock: 4,096 × 512 numbers are 8 MB, about a millisecond of scanning.
const chunkRows = 4096

// HitsMax is how many hits a search may ask for: a newcomer's thousand nearest, and a few of its own.
const HitsMax = 1024

// Hit is one person found. Its score is for the policy alone: it leaves the matcher in no form.
type Hit struct {
	ID    kaopass.EnrolmentID
	Score float32 // cosine, −1 to 1
}

// Index is a set of people with one vector each. It is safe for concurrent use.
type Index struct {
	dim int

	lock   sync.RWMutex // guards what is below; never held while scanning
	chunks []*chunk
	places map[kaopass.EnrolmentID]place
	free   []place // of the removed, to be used again
}

// place is where somebody's row is.
type place struct{ chunk, row int }

// chunk is rows of dim numbers, and whose they are; an empty id is nobody's row, and its numbers are zero.
type chunk struct {
	lock sync.RWMutex
	rows []float32
	ids  []kaopass.EnrolmentID
}

// New makes an empty index of vectors of dim numbers.
func New(dim int) *Index {
	return &Index{dim: dim, places: map[kaopass.EnrolmentID]place{}}
}

// Len is how many people are in the index.
func (x *Index) Len() int {
	x.lock.RLock()
	defer x.lock.RUnlock()
	return len(x.places)
}

// Put adds a person or replaces the vector of one. It reports false, and does nothing, for a vector of another length.
func (x *Index) Put(id kaopass.EnrolmentID, vector []float32) bool {
	if len(vector) != x.dim || id == "" {
		return false
	}
	x.lock.Lock()
	defer x.lock.Unlock()
	at, known := x.places[id]
	if !known {
		at = x.room()
		x.places[id] = at
	}
	x.chunks[at.chunk].write(at.row, id, vector)
	return true
}

// room answers a free row. The lock is held.
func (x *Index) room() place {
	if n := len(x.free); n > 0 {
		at := x.free[n-1]
		x.free = x.free[:n-1]
		return at
	}
	last := len(x.chunks) - 1
	if last < 0 || len(x.chunks[last].ids) == chunkRows {
		x.chunks = append(x.chunks, &chunk{})
		last++
	}
	return place{last, x.chunks[last].grow(x.dim)}
}

// Remove takes a person out and overwrites the numbers. It reports whether the person was there.
func (x *Index) Remove(id kaopass.EnrolmentID) bool {
	x.lock.Lock()
	defer x.lock.Unlock()
	at, known := x.places[id]
	if !known {
		return false
	}
	x.chunks[at.chunk].write(at.row, "", make([]float32, x.dim))
	delete(x.places, id)
	x.free = append(x.free, at)
	return true
}

// Search answers the k people nearest to a unit vector whose cosine is at least floor, the nearest first.
func (x *Index) Search(query []float32, k int, floor float32) []Hit {
	if len(query) != x.dim || k <= 0 {
		return nil
	}
	best := make([]Hit, 0, min(k, HitsMax)+1)
	for _, c := range x.all() {
		best = c.search(best, query, min(k, HitsMax), floor)
	}
	return best
}

// all is the list of chunks as it is now; chunks are added to the end of it and never taken away.
func (x *Index) all() []*chunk {
	x.lock.RLock()
	defer x.lock.RUnlock()
	return slices.Clip(x.chunks)
}

// grow makes an empty row and answers its number. Memory grows by doubling up to a whole chunk; what the numbers leave
// behind when they move is overwritten.
func (c *chunk) grow(dim int) int {
	c.lock.Lock()
	defer c.lock.Unlock()
	row := len(c.ids)
	if need := (row + 1) * dim; cap(c.rows) < need {
		larger := make([]float32, row*dim, min(max(2*need, 16*dim), chunkRows*dim))
		copy(larger, c.rows)
		clear(c.rows)
		c.rows = larger
	}
	c.rows = c.rows[:(row+1)*dim]
	c.ids = append(c.ids, "")
	return row
}

func (c *chunk) write(row int, id kaopass.EnrolmentID, vector []float32) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.ids[row] = id
	copy(c.rows[row*len(vector):], vector)
}

// search puts the chunk's own best among the best so far.
func (c *chunk) search(best []Hit, query []float32, k int, floor float32) []Hit {
	c.lock.RLock()
	defer c.lock.RUnlock()
	for row, id := range c.ids {
		score := dot(c.rows[row*len(query):(row+1)*len(query)], query)
		if id == "" || score < floor || len(best) == k && score <= best[k-1].Score {
			continue
		}
		at, _ := slices.BinarySearchFunc(best, score, func(h Hit, s float32) int {
			if h.Score >= s { // of equals the first found stays first
				return -1
			}
			return 1
		})
		best = slices.Insert(best, at, Hit{id, score})
		best = best[:min(len(best), k)]
	}
	return best
}

// dot is the exact scan's one inner loop: four sums, so that each addition need not wait for the one before.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}
