// Package index finds the nearest of many faces: among 1.2 million people, exactly, in a memory pass of 192 bytes each,
// while people come and go.
//
// Start at [New]. A vector is kept as one signed byte a dimension ([Index.Vector] answers it as kept); a score is the
// cosine between the query as given and the vector as kept. [Index.Exact] answers what a loop over all of them would,
// not nearly so: bytes only choose whom to compare, by a bound that always holds. [Index.Search] looks at one bit a
// dimension first, and does the same where that does not tell. [Index.Within] asks a [Set] of the people, at a cost in proportion to it.
//
// What stays true: whoever was put is found by every search that begins afterwards; whoever was removed is in no later
// answer, and the numbers are overwritten before Remove returns; no search waits for longer than the write of one
// person; the scan allocates nothing.
package index

import (
	"sync"
	"sync/atomic"

	"github.com/kaopass/kaopass"
)

// HitsMax is how many hits a search may ask for: a newcomer's thousand nearest, and a few of its own.
const HitsMax = 1024

// PeopleMax is how many people an index holds: rows are numbered by 24 bits, and 16 million are 4 GB.
const PeopleMax = 1<<rowBits - chunkRows

// Hit is one person found. Its numbers are for the policy alone: they leave the matcher in no form.
type Hit struct {
	ID    kaopass.EnrolmentID
	Score float32 // cosine, −1 to 1
	Mean  float32 // as [Index.SetMean] was told last; NaN while unknown
}

// Index is a set of people with one vector each. It is safe for concurrent use.
type Index struct {
	space   *space
	kernels kernels
	scratch sync.Pool // of *scratch
	vectors sync.Pool // of *rounded

	searches, exacts line
	searched, again  atomic.Int64

	chunks atomic.Pointer[[]*chunk] // grows at its end only; read without a lock, so that no search waits for a Put

	lock  sync.RWMutex // guards what is below; never held while scanning. Taken before any chunk's
	table table
	used  uint32   // rows ever used; those beyond are empty
	free  []uint32 // rows of the removed, to be used again
	sets  []*Set

	slab   slab
	mapped int // bytes cut from slabs
}

// New makes an empty index of vectors of dim numbers.
func New(dim int) *Index {
	x := &Index{space: newSpace(dim), kernels: fastest()}
	x.scratch.New = func() any { return newScratch(x.space) }
	x.vectors.New = func() any { return newRounded(x.space) }
	x.searches.serve, x.exacts.serve = x.quickly, x.exactly
	x.chunks.Store(&[]*chunk{})
	return x
}

// Dim is how many numbers a vector of this index has.
func (x *Index) Dim() int { return x.space.dim }

// Kernels names the inner loops that this processor was given.
func (x *Index) Kernels() string { return x.kernels.name }

// Searched is how many questions [Index.Search] was asked, and how many of them were asked of everyone in the end.
func (x *Index) Searched() (searches, again int64) { return x.searched.Load(), x.again.Load() }

// Len is how many people are in the index.
func (x *Index) Len() int {
	x.lock.RLock()
	defer x.lock.RUnlock()
	return x.table.len
}

// Put adds a person or replaces the vector of one, whose mean is unknown then. Only the vector's direction is kept. It
// reports false, and does nothing, for a vector of another length or of no direction, for an id of more than 21 bytes
// (those of [kaopass.NewID] fit always), and when PeopleMax are there.
func (x *Index) Put(id kaopass.EnrolmentID, vector []float32) bool {
	who, ok := shorten(id)
	if !ok || len(vector) != x.space.dim {
		return false
	}
	v := x.vectors.Get().(*rounded)
	defer x.vectors.Put(v)
	defer v.wipe()
	if !v.set(x.space, vector) {
		return false
	}
	x.lock.Lock()
	defer x.lock.Unlock()
	row, known := x.find(who)
	if !known {
		if row, ok = x.room(); !ok {
			return false
		}
		x.table.add(who, row, x.idOf)
	}
	x.chunk(row).write(row%chunkRows, who, v)
	return true
}

// room answers a free row. The lock is held.
func (x *Index) room() (row uint32, ok bool) {
	if n := len(x.free); n > 0 {
		row = x.free[n-1]
		x.free = x.free[:n-1]
		return row, true
	}
	if x.used == PeopleMax {
		return 0, false
	}
	if x.used%chunkRows == 0 {
		old := *x.chunks.Load()
		more := append(old[:len(old):len(old)], x.newChunk(len(old)))
		x.chunks.Store(&more)
	}
	x.used++
	return x.used - 1, true
}

// Remove takes a person out and overwrites the numbers. It reports whether the person was there.
func (x *Index) Remove(id kaopass.EnrolmentID) bool {
	who, ok := shorten(id)
	if !ok {
		return false
	}
	x.lock.Lock()
	defer x.lock.Unlock()
	row, known := x.find(who)
	if !known {
		return false
	}
	x.table.remove(who, x.idOf)
	x.chunk(row).erase(row%chunkRows, x.sets, int(row/chunkRows))
	x.free = append(x.free, row)
	return true
}

// Vector answers a person's unit vector as it is kept: each number is off by half a step of its byte at most.
func (x *Index) Vector(id kaopass.EnrolmentID) ([]float32, bool) {
	who, ok := shorten(id)
	if !ok {
		return nil, false
	}
	x.lock.RLock()
	defer x.lock.RUnlock()
	row, known := x.find(who)
	if !known {
		return nil, false
	}
	out := make([]float32, x.space.dim)
	x.chunk(row).read(row%chunkRows, x.space, out)
	return out, true
}

// SetMean keeps with a person the mean similarity to the nearest other people. It reports whether the person is there.
func (x *Index) SetMean(id kaopass.EnrolmentID, mean float32) bool {
	who, ok := shorten(id)
	if !ok {
		return false
	}
	x.lock.RLock()
	defer x.lock.RUnlock()
	row, known := x.find(who)
	if !known {
		return false
	}
	c := x.chunk(row)
	c.lock.Lock()
	defer c.lock.Unlock()
	c.means[row%chunkRows] = mean
	return true
}

// Each calls f with everyone: who is put or removed meanwhile may or may not be among them. The vector is as [Index.Vector]
// answers it and is valid during the call only; f may use the index. It stops when f answers false.
func (x *Index) Each(f func(id kaopass.EnrolmentID, vector []float32, mean float32) bool) {
	var some people
	vector := make([]float32, x.space.dim)
	for _, c := range *x.chunks.Load() {
		for from := uint32(0); from < chunkRows; from += eachRows {
			c.copy(&some, from, from+eachRows)
			for i, who := range some.ids {
				x.space.vector(vector, some.bytes[i*c.stride:][:c.stride], some.scales[i])
				if !f(who.long(), vector, some.means[i]) {
					return
				}
			}
		}
	}
}

// eachRows is how many rows are copied under one lock by Each.
const eachRows = 64

// find answers the row of somebody. The lock is held.
func (x *Index) find(who identity) (row uint32, known bool) { return x.table.find(who, x.idOf) }

// idOf is whose row that is. The lock is held, so nobody writes.
func (x *Index) idOf(row uint32) identity { return x.chunk(row).ids[row%chunkRows] }

func (x *Index) chunk(row uint32) *chunk { return (*x.chunks.Load())[row/chunkRows] }
