package kaopass

import "testing"

func TestEntryKinds(t *testing.T) {
	moves := 0
	for _, k := range EntryKinds() {
		if k.Moves() {
			moves++
		}
	}
	if moves != 7 || PaymentEnded.Moves() || PaymentFaced.Moves() {
		t.Errorf("%d kinds of entry move money", moves)
	}
}
