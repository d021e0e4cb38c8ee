// Package card is a card company for trying things out: it knows its test numbers and no others, moves no money, and
// fails in every way that a real one does.
//
// Start at [Open]. [Sandbox.Tokenise] stands where a real company's own form would: it takes a number and gives back a
// name for it. The rest is [db.CardDesk]. What stays true:
//
//   - A number that is not one of [Samples] is refused, and neither stored nor repeated anywhere.
//   - A charge has one outcome by its id, whatever is asked how often, also after a restart: each step is in a journal
//     before it is answered.
package card

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// Lag is how long the sandbox keeps a caller waiting whose answer gets lost.
const Lag = 2 * time.Second

// ErrLost is the answer that never came.
var ErrLost = errors.New("card: the answer was lost on its way")

// Sandbox is the card company. It is safe for concurrent use.
type Sandbox struct {
	mu      sync.Mutex
	charges map[string]*charge
	books   []db.CardEntry // what moved money, oldest first
	journal *journal
	now     func() time.Time
	lag     time.Duration
}

var _ db.CardDesk = (*Sandbox)(nil)

// charge is what is known of one id.
type charge struct {
	held     int64 // authorised; 0 where it was declined or released, or never came into being
	captured int64
	settled  bool // captured, or never to be
	refunds  map[string]int64
}

func (c *charge) refunded() (sum int64) {
	for _, n := range c.refunds {
		sum += n
	}
	return sum
}

// Open reads the journal at a path, or makes one; an empty path keeps nothing beyond the process.
func Open(path string) (*Sandbox, error) {
	s := &Sandbox{charges: map[string]*charge{}, now: time.Now, lag: Lag}
	var err error
	s.journal, err = openJournal(path, func(e entry) { s.apply(e) })
	return s, err
}

// Close closes the journal.
func (s *Sandbox) Close() error { return s.journal.close() }

// Authorise holds an amount on a card; the card's token says how it goes.
func (s *Sandbox) Authorise(ctx context.Context, id, token string, amount kaopass.Money) (db.CardAnswer, error) {
	does := behaviour(token)
	answer, err := s.step(id, func(c *charge) (entry, bool) {
		switch {
		case c != nil: // asked before
			return entry{}, c.held > 0
		case does == declines || does == vanishes || does == asks || amount.Value <= 0:
			return entry{Op: opDecline, ID: id}, false
		}
		return entry{Op: opHold, ID: id, Amount: amount.Value}, true
	})
	switch {
	case err == nil && (does == loses || does == vanishes):
		return db.CardUnknown, s.lose(ctx)
	case err == nil && does == asks && answer == db.CardRefused:
		return db.CardNeedsOwner, nil
	}
	return answer, err
}

// lose waits as long as a caller waits for an answer that does not come.
func (s *Sandbox) lose(ctx context.Context) error {
	late := time.NewTimer(s.lag)
	defer late.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-late.C:
		return ErrLost
	}
}

// Capture takes what was held, or a part of it; the rest is free again.
func (s *Sandbox) Capture(_ context.Context, id string, amount kaopass.Money) (db.CardAnswer, error) {
	why := db.CardRefused
	answer, err := s.step(id, func(c *charge) (entry, bool) {
		switch {
		case c == nil || amount.Value <= 0:
			return entry{}, false
		case c.settled && c.captured > 0:
			why = db.CardTakenOther
			return entry{}, c.captured == amount.Value
		case c.settled && c.held > 0:
			why = db.CardHoldCancelled
			return entry{}, false
		case c.settled:
			return entry{}, false
		case amount.Value > c.held:
			why = db.CardHoldShort
			return entry{}, false
		}
		return entry{Op: opCapture, ID: id, Amount: amount.Value}, true
	})
	if answer == db.CardRefused {
		answer = why
	}
	return answer, err
}

// Release frees what was held. A charge that was never heard of will never come into being.
func (s *Sandbox) Release(_ context.Context, id string) (db.CardAnswer, error) {
	return s.step(id, func(c *charge) (entry, bool) {
		switch {
		case c == nil:
			return entry{Op: opDecline, ID: id}, false
		case c.settled:
			return entry{}, c.held > 0 && c.captured == 0
		}
		return entry{Op: opRelease, ID: id}, true
	})
}

// Refund gives back a part or all of what was captured, once for a refund's id.
func (s *Sandbox) Refund(_ context.Context, id, refund string, amount kaopass.Money) (db.CardAnswer, error) {
	return s.step(id, func(c *charge) (entry, bool) {
		if c == nil || amount.Value <= 0 {
			return entry{}, false
		}
		if before, again := c.refunds[refund]; again {
			return entry{}, before == amount.Value
		}
		if amount.Value > c.captured-c.refunded() {
			return entry{}, false
		}
		return entry{Op: opRefund, ID: id, Refund: refund, Amount: amount.Value}, true
	})
}

// Ask answers what came of a charge: approved while it is held or captured. One that was never heard of will never come
// into being.
func (s *Sandbox) Ask(_ context.Context, id string) (db.CardAnswer, error) {
	return s.step(id, func(c *charge) (entry, bool) {
		if c == nil {
			return entry{Op: opDecline, ID: id}, false
		}
		return entry{}, c.held > 0 && (!c.settled || c.captured > 0)
	})
}

// step decides under the lock what a call does to a charge (nil: never heard of), and answers only when it is written.
func (s *Sandbox) step(id string, decide func(*charge) (does entry, approved bool)) (db.CardAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	does, approved := decide(s.charges[id])
	if does.Op != "" {
		does.At = s.now().UTC()
		if err := s.journal.write(does); err != nil {
			return db.CardUnknown, err
		}
		s.apply(does)
	}
	if approved {
		return db.CardApproved, nil
	}
	return db.CardRefused, nil
}

// apply makes an entry of the journal true.
func (s *Sandbox) apply(e entry) {
	s.note(e)
	c := s.charges[e.ID]
	if c == nil {
		c = &charge{refunds: map[string]int64{}}
		s.charges[e.ID] = c
	}
	switch e.Op {
	case opHold:
		c.held = e.Amount
	case opDecline, opRelease:
		c.settled = true
	case opCapture:
		c.captured, c.settled = e.Amount, true
	case opRefund:
		c.refunds[e.Refund] = e.Amount
	}
}
