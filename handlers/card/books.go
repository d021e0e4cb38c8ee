package card

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

var _ db.CardBooks = (*Sandbox)(nil)

// Entries lists what the sandbox took and gave back in [from, until), in the order in which it did.
func (s *Sandbox) Entries(_ context.Context, from, until time.Time) (out []db.CardEntry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.books {
		if !e.At.Before(from) && e.At.Before(until) {
			out = append(out, e)
		}
	}
	return out, nil
}

// note books what moved money. What a journal from before it kept times says has none, and belongs to no day.
func (s *Sandbox) note(e entry) {
	if e.Op == opCapture || e.Op == opRefund {
		s.books = append(s.books, db.CardEntry{Charge: kaopass.ChargeID(e.ID), Refund: kaopass.RefundID(e.Refund),
			Amount: kaopass.Yen(e.Amount), At: e.At})
	}
}
