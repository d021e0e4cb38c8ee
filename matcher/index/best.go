package index

import "slices"

// best are the k nearest found so far, the nearest first; of equals, the one found first.
type best struct {
	k     int
	floor float32
	found []candidate
}

// candidate is a row and the cosine that it had.
type candidate struct {
	row   uint32
	score float32
}

func (b *best) reset(k int, floor float32) {
	b.k, b.floor, b.found = min(k, HitsMax), floor, b.found[:0]
}

// bar is the cosine under which nobody is let in.
func (b *best) bar() float32 {
	if len(b.found) < b.k {
		return b.floor
	}
	return max(b.floor, b.found[b.k-1].score)
}

func (b *best) offer(row uint32, score float32) {
	if !(score >= b.floor) || len(b.found) == b.k && score <= b.found[b.k-1].score {
		return
	}
	at, _ := slices.BinarySearchFunc(b.found, score, func(c candidate, s float32) int {
		if c.score >= s {
			return -1
		}
		return 1
	})
	if len(b.found) == b.k {
		b.found = b.found[:b.k-1]
	}
	b.found = slices.Insert(b.found, at, candidate{row, score})
}
