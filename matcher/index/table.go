package index

import (
	"hash/maphash"
	"math/bits"
)

// table finds the row of an identity in about five bytes a person: a slot holds a row's number and eight bits of the
// identity's hash, and the identities themselves are compared where they lie, in the rows. Open addressing with linear
// probing.
type table struct {
	seed  maphash.Seed
	slots []uint32 // row + 1, and above it the tag; zero is free
	len   int
}

// A table grows by a quarter when it is five sixths full: 4.8 to 6 bytes a person.
const (
	slotsMin = 64
	fullNum  = 5
	fullDen  = 6
	rowBits  = 24
	rowMask  = 1<<rowBits - 1
)

// slot is where the probing for somebody begins, and the tag that the slot would have.
func (t *table) slot(who identity) (i int, tag uint32) {
	hash := maphash.Bytes(t.seed, who[:])
	high, _ := bits.Mul64(hash, uint64(len(t.slots)))
	return int(high), uint32(hash) &^ rowMask // bits that hardly say where it is
}

func rowIn(slot uint32) uint32 { return slot&rowMask - 1 }

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
	i, tag := t.slot(who)
	for ; t.slots[i] != 0; i = t.next(i) {
		if t.slots[i]&^rowMask == tag && idOf(rowIn(t.slots[i])) == who {
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
	return rowIn(t.slots[i]), true
}

// add enters somebody who is not in the table. idOf must answer for the rows that are in it already.
func (t *table) add(who identity, row uint32, idOf func(row uint32) identity) {
	if (t.len+1)*fullDen > len(t.slots)*fullNum {
		t.grow(max(slotsMin, len(t.slots)*5/4), idOf)
	}
	t.insert(who, row)
}

func (t *table) insert(who identity, row uint32) {
	i, tag := t.slot(who)
	for t.slots[i] != 0 {
		i = t.next(i)
	}
	t.slots[i] = tag | (row + 1)
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
			t.insert(idOf(rowIn(s)), rowIn(s))
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
		home, _ := t.slot(idOf(rowIn(t.slots[i])))
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
