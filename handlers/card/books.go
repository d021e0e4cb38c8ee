package card

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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

// OpenBooks reads the books out of a journal that the running server may be writing to, and leaves it as it is: a last
// line that is not whole yet is left out. No journal is a card company that did nothing.
func OpenBooks(path string) (db.CardBooks, error) {
	s := &Sandbox{charges: map[string]*charge{}}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	_, err = replay(file, s.apply)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("card: %s: %w", path, err)
	}
	return s, nil
}
