package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// fate is what becomes of a call to a card company.
type fate int

const (
	pays       fate = iota
	declines        // it says no
	losesHeld       // it holds the money, and the answer gets lost
	losesNone       // it never hears the question
	crashHeld       // it holds the money, and we die before its answer
	crashNone       // we die before it hears the question
	fatesCount int  = iota
)

func (f fate) holds() bool { return f == pays || f == losesHeld || f == crashHeld }

func (f fate) answer() CardAnswer {
	switch f {
	case pays:
		return CardApproved
	case declines:
		return CardRefused
	}
	return CardUnknown
}

// fateKey carries a call's fate to the desk.
type fateKey struct{}

// chanceDesk is a card company whose answers get lost. A charge has one outcome by its id, whatever is asked how often.
type chanceDesk struct {
	mu      sync.Mutex
	charges map[string]*chanceCharge
	well    bool // all that is told reaches it, and its answers us
}

type chanceCharge struct {
	held, captured int64
	over           bool // captured, released, or never to be
	refunds        map[string]int64
}

func (c *chanceCharge) kept() int64 {
	sum := c.captured
	for _, back := range c.refunds {
		sum -= back
	}
	return sum
}

var errLost = errors.New("the answer was lost")

func (d *chanceDesk) of(id string) *chanceCharge {
	if d.charges[id] == nil {
		d.charges[id] = &chanceCharge{refunds: map[string]int64{}}
	}
	return d.charges[id]
}

func (d *chanceDesk) Authorise(ctx context.Context, id, _ string, amount kaopass.Money) (CardAnswer, error) {
	does, _ := ctx.Value(fateKey{}).(fate)
	time.Sleep(rand.N(6 * time.Millisecond)) //nolint:gosec // chance: meanwhile others do things
	d.mu.Lock()
	c := d.of(id)
	if does.holds() && !c.over {
		c.held = amount.Value
	}
	if does == declines {
		c.over = true
	}
	over := c.over
	d.mu.Unlock()
	switch {
	case does == crashHeld || does == crashNone:
		runtime.Goexit() // whoever called does nothing after this, as if the process had been killed
	case does == losesHeld || does == losesNone:
		return CardUnknown, errLost
	case over:
		return CardRefused, nil
	}
	return CardApproved, nil
}

// tell carries a step out unless the question gets lost, and answers unless the answer does.
func (d *chanceDesk) tell(id string, do func(*chanceCharge) bool) (CardAnswer, error) {
	lost := rand.IntN(6) //nolint:gosec // chance
	d.mu.Lock()
	defer d.mu.Unlock()
	if lost == 0 && !d.well {
		return CardUnknown, errLost
	}
	approved := do(d.of(id))
	switch {
	case lost == 1 && !d.well:
		return CardUnknown, errLost
	case approved:
		return CardApproved, nil
	}
	return CardRefused, nil
}

func (d *chanceDesk) Capture(_ context.Context, id string, amount kaopass.Money) (CardAnswer, error) {
	return d.tell(id, func(c *chanceCharge) bool {
		if !c.over && amount.Value <= c.held {
			c.captured, c.over = amount.Value, true
		}
		return c.captured == amount.Value
	})
}

func (d *chanceDesk) Release(_ context.Context, id string) (CardAnswer, error) {
	return d.tell(id, func(c *chanceCharge) bool { c.over = true; return c.captured == 0 })
}

func (d *chanceDesk) Refund(_ context.Context, id, refund string, amount kaopass.Money) (CardAnswer, error) {
	return d.tell(id, func(c *chanceCharge) bool {
		if _, again := c.refunds[refund]; !again && amount.Value <= c.kept() {
			c.refunds[refund] = amount.Value
		}
		return c.refunds[refund] == amount.Value
	})
}

func (d *chanceDesk) Ask(_ context.Context, id string) (CardAnswer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.of(id)
	if c.held == 0 {
		c.over = true // it will never come into being
	}
	if c.held > 0 && (!c.over || c.captured > 0) {
		return CardApproved, nil
	}
	return CardRefused, nil
}

// rests lets everything come to its end by time alone, and compares the book, the model and the card company.
func (m *crowd) rests() error {
	m.desk.well = true
	defer func() { m.desk.well = false }()
	for _, later := range []time.Duration{kaopass.PaymentWithin, kaopass.CaptureWithin, 2 * time.Hour} {
		m.clock.turn(later)
		if err := m.atOnce([]*call{{verb: "timer"}}); err != nil {
			return err
		}
	}
	audit, err := m.AuditLedger(m.ctx)
	if err != nil {
		return err
	}
	if !audit.OK {
		return fmt.Errorf("the book: %v", audit.Breaches)
	}
	if n := m.count(`SELECT (SELECT count(*) FROM card_task WHERE state <> 'done') + (SELECT count(*) FROM card_charge WHERE state = 'unknown')
		+ (SELECT count(*) FROM payment WHERE status LIKE 'awaiting%' OR status = 'authorised' OR retry)`); n != 0 {
		return fmt.Errorf("%d charges, tasks or payments never came to an end", n)
	}
	return m.deskAgrees()
}

// deskAgrees compares what the card company has taken with what the book says of it, charge by charge.
func (m *crowd) deskAgrees() error {
	var rows []struct {
		Charge string
		Sum    int64
	}
	m.ok(m.pool.SelectContext(m.ctx, &rows, `SELECT charge, sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END)::bigint AS sum
		FROM transfer WHERE charge <> '' AND state = 'posted' GROUP BY charge`))
	booked := map[string]int64{}
	for _, r := range rows {
		booked[r.Charge] = r.Sum
	}
	m.desk.mu.Lock()
	defer m.desk.mu.Unlock()
	for id, c := range m.desk.charges {
		if c.kept() != booked[id] || c.held > 0 && !c.over {
			return fmt.Errorf("charge %s: the company has %+v, the book %d", id, *c, booked[id])
		}
		delete(booked, id)
	}
	for id, sum := range booked {
		if sum != 0 {
			return fmt.Errorf("charge %s: the book says %d of a charge that the company never saw", id, sum)
		}
	}
	return nil
}
