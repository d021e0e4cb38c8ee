package index

import (
	"hash/maphash"
	"math/bits"
)

// table finds the row of an identity in about six bytes a person: a slot holds a row's number and nothing else, and the
// identities themselves are compared where they lie, in the rows. Open addressing with linear probing.
type table struct {
	seed  maphash.Seed
	slots []uint32 // row + 1; zero is free
	len   int
}

// A table grows by half when it is four fifths full: 5 to 7.5 bytes a person.
const (
	slotsMin = 64
	fullNum  = 4
	fullDen  = 5
)

// slot is where the probing for somebody begins.
func (t *table) slot(who identity) int {
	high, _ := bits.Mul64(maphash.Bytes(t.seed, who[:]), uint64(len(t.slots)))
	return int(high)
}

func (t *table) next(i int) int {
	if i++; i == len(t.slots) {
		return 0
	}
	return i
}

// at is the slot that holds who, or −1.
func (t *table) at(who identity, idOf func(row uint32) identity) int {
	if t.len == 0 {
		return -1
	}
	for i := t.slot(who); t.slots[i] != 0; i = t.next(i) {
		if idOf(t.slots[i]-1) == who {
			return i
		}
	}
	return -1
}

func (t *table) find(who identity, idOf func(row uint32) identity) (row uint32, known bool) {
	i := t.at(who, idOf)
	if i < 0 {
		return 0, false
	}
	return t.slots[i] - 1, true
}

// add enters somebody who is not in the table. idOf must answer for the rows that are in it already.
func (t *table) add(who identity, row uint32, idOf func(row uint32) identity) {
	if (t.len+1)*fullDen > len(t.slots)*fullNum {
		t.grow(max(slotsMin, len(t.slots)*3/2), idOf)
	}
	t.insert(who, row)
}

func (t *table) insert(who identity, row uint32) {
	i := t.slot(who)
	for t.slots[i] != 0 {
		i = t.next(i)
	}
	t.slots[i] = row + 1
	t.len++
}

func (t *table) grow(slots int, idOf func(row uint32) identity) {
	old := t.slots
	if t.len == 0 {
		t.seed = maphash.MakeSeed()
	}
	t.slots, t.len = make([]uint32, slots), 0
	for _, s := range old {
		if s != 0 {
			t.insert(idOf(s-1), s-1)
		}
	}
}

// remove takes somebody out and closes the gap, so that probing never meets a tombstone.
func (t *table) remove(who identity, idOf func(row uint32) identity) {
	gap := t.at(who, idOf)
	if gap < 0 {
		return
	}
	for i := t.next(gap); t.slots[i] != 0; i = t.next(i) {
		home := t.slot(idOf(t.slots[i] - 1))
		if between(home, gap, i) {
			continue // it would not be found at the gap
		}
		t.slots[gap], gap = t.slots[i], i
	}
	t.slots[gap] = 0
	t.len--
}

// between reports whether home lies after gap and not after i, going round.
func between(home, gap, i int) bool {
	if gap < i {
		return gap < home && home <= i
	}
	return gap < home || home <= i
}
