package index

import (
	"math/bits"
	"sync/atomic"

	"github.com/kaopass/kaopass"
)

// Set is some of an index's people: one bit a row, which goes with the person. It is safe for concurrent use, and lives
// as long as the index does.
type Set struct {
	index  *Index
	len    atomic.Int64
	chunks atomic.Pointer[[]*bitmap] // as the index's chunks; each guarded by its chunk's lock
}

// NewSet makes an empty set of the index's people. An index has few: each removal looks at all of them.
func (x *Index) NewSet() *Set {
	s := &Set{index: x}
	s.chunks.Store(&[]*bitmap{})
	x.lock.Lock()
	defer x.lock.Unlock()
	x.sets = append(x.sets, s)
	return s
}

// Add puts somebody who is in the index in the set. It reports false for somebody who is not.
func (s *Set) Add(id kaopass.EnrolmentID) bool { return s.mark(id, true) }

// Remove takes somebody out of the set, who stays in the index. It reports whether the person was in the set.
func (s *Set) Remove(id kaopass.EnrolmentID) bool { return s.mark(id, false) }

// Len is how many people are in the set.
func (s *Set) Len() int { return int(s.len.Load()) }

// Clear empties the set.
func (s *Set) Clear() {
	s.index.lock.Lock()
	defer s.index.lock.Unlock()
	for number, c := range *s.index.chunks.Load() {
		c.lock.Lock()
		if b := s.bitmap(number); b != nil {
			for _, word := range b {
				s.len.Add(-int64(bits.OnesCount64(word)))
			}
			clear(b[:])
		}
		c.lock.Unlock()
	}
}

// mark sets or clears somebody's bit. It answers whether the person is in the index, or was in the set.
func (s *Set) mark(id kaopass.EnrolmentID, in bool) bool {
	who, ok := shorten(id)
	if !ok {
		return false
	}
	s.index.lock.Lock()
	defer s.index.lock.Unlock()
	row, known := s.index.find(who)
	if !known {
		return false
	}
	number, at := int(row/chunkRows), row%chunkRows
	if in {
		s.reach(number)
	}
	c := s.index.chunk(row)
	c.lock.Lock()
	defer c.lock.Unlock()
	if !in {
		return s.drop(number, at)
	}
	if b := s.bitmap(number); b[at/runRows]>>(at%runRows)&1 == 0 {
		b[at/runRows] |= 1 << (at % runRows)
		s.len.Add(1)
	}
	return true
}

// reach makes room for a chunk's bits. The index's lock is held.
func (s *Set) reach(number int) {
	old := *s.chunks.Load()
	more := old[:len(old):len(old)]
	for len(more) <= number {
		more = append(more, &bitmap{})
	}
	s.chunks.Store(&more)
}

// bitmap is a chunk's bits, or nil while none of its people was ever in the set.
func (s *Set) bitmap(number int) *bitmap {
	if all := *s.chunks.Load(); number < len(all) {
		return all[number]
	}
	return nil
}

// drop clears a bit. The chunk's lock is held.
func (s *Set) drop(number int, at uint32) (was bool) {
	b := s.bitmap(number)
	if b == nil || b[at/runRows]>>(at%runRows)&1 == 0 {
		return false
	}
	b[at/runRows] &^= 1 << (at % runRows)
	s.len.Add(-1)
	return true
}

// Within answers as [Index.Exact] does, among the people of a set of this index: the cost is in proportion to the set.
func (x *Index) Within(set *Set, vector []float32, k int, floor float32) []Hit {
	s := x.take()
	defer x.give(s, 1)
	q := s.queries[0]
	if set == nil || set.index != x || !q.ask(x.space, vector, k, floor) {
		return nil
	}
	marked := *set.chunks.Load() // first: the index has a chunk before a set has bits for it
	all := *x.chunks.Load()
	for number, b := range marked {
		all[number].lock.RLock()
		x.some(s, all[number], number, b, q)
		all[number].lock.RUnlock()
	}
	return x.hits(q)
}

// some compares the query with a chunk's marked rows.
func (x *Index) some(s *scratch, c *chunk, number int, marks *bitmap, q *query) {
	n := marks.list(&s.list)
	x.kernels.dots(s.dots[:n], c.rows, s.list[:n], q.rounded)
	reach := q.reach()
	for i, at := range s.list[:n] {
		if float32(s.dots[i])*c.scales[at] >= reach {
			q.offer(c, number, at)
			reach = q.reach()
		}
	}
}

// list writes the numbers of the set bits and answers how many they are.
func (b *bitmap) list(out *[chunkRows]uint32) (n int) {
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			out[n] = uint32(i*runRows + bits.TrailingZeros64(word))
			n++
		}
	}
	return n
}
