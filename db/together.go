package db

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// Limits of confirming together. As long as few tills confirm at once, each payment is a transaction of its own, which is
// soonest done; when more come than that, those who wait are confirmed together, which costs the server less: a group of
// four takes twice as long as one payment alone (kaopass bench pay).
const (
	aloneMax    = 2                // transactions of one payment at once
	groupMax    = 32               // payments in one transaction
	groupsMax   = 3                // transactions of many at once
	groupSecond = 4                // payments that a transaction beside another one is worth
	groupWithin = 20 * time.Second // then its payments are tried one by one, or their tills ask again
)

// together confirms payments: alone, or many in one transaction where the queue is long. Its zero value is ready.
type together struct {
	never   bool // a benchmark's
	mu      sync.Mutex
	alone   int
	groups  int
	waiting []*confirmation
}

// confirmation is a payment that waits to be confirmed.
type confirmation struct {
	ask    ask
	method kaopass.MethodID
	out    *Outcome // nil: something is special about it, and it goes alone
	err    error
	done   chan struct{}
}

// confirm carries one confirmation out, or says that a card company has to be asked. A caller that leaves does not take a
// payment out of its group: its outcome is kept for the key.
func (g *together) confirm(ctx context.Context, d *DB, a ask, method kaopass.MethodID) (out Outcome, card bool, err error) {
	if err := checkKey(a.key); err != nil {
		return out, false, err
	}
	if !utf8.ValidString(string(method)) || strings.ContainsRune(string(method), 0) { // its whole group would fail
		return out, false, ErrText
	}
	if g.enter() {
		defer g.leave()
		return d.confirmAlone(ctx, a, method)
	}
	c := &confirmation{ask: a, method: method, done: make(chan struct{})}
	g.wait(ctx, d, c)
	select {
	case <-c.done:
	case <-ctx.Done():
		return out, false, fault(ctx, ctx.Err())
	}
	switch {
	case c.out != nil:
		return *c.out, false, nil
	case isAway(c.err):
		return out, false, fault(ctx, c.err)
	}
	return d.confirmAlone(ctx, a, method) // after an error too: somebody else's row was the trouble, most likely
}

func (d *DB) confirmAlone(ctx context.Context, a ask, method kaopass.MethodID) (out Outcome, card bool, err error) {
	answer, err := d.send(ctx, d.q.Payment.Confirm, a, method, payerLimits(), a.at.Add(kaopass.CaptureWithin))
	if err == nil {
		out, _, err = d.outcome(answer)
	}
	return out, answer.problem() == problemCard, err
}

// enter reports whether a confirmation may go alone.
func (g *together) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.never && (g.groups > 0 || g.alone >= aloneMax) {
		return false
	}
	g.alone++
	return true
}

func (g *together) leave() {
	g.mu.Lock()
	g.alone--
	g.mu.Unlock()
}

// wait puts a confirmation into the queue, and starts a group where none is at work or the queue is long.
func (g *together) wait(ctx context.Context, d *DB, c *confirmation) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, c)
	if g.groups == 0 || g.groups < groupsMax && len(g.waiting) >= groupSecond {
		g.groups++
		go g.work(context.WithoutCancel(ctx), d)
	}
}

// work confirms group after group, as long as anybody waits.
func (g *together) work(ctx context.Context, d *DB) {
	for group := g.take(); group != nil; group = g.take() {
		d.confirmGroup(ctx, group)
		for _, c := range group {
			close(c.done)
		}
	}
}

// take takes the next group out of the queue: nil where it is worth none, and the worker is done. No key stands twice in it.
func (g *together) take() []*confirmation {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, keys := 0, make(map[keyName]bool, groupMax)
	for ; n < min(len(g.waiting), groupMax); n++ {
		key := keyName{g.waiting[n].ask.key.Owner, g.waiting[n].ask.key.Name}
		if keys[key] && key.name != "" {
			break
		}
		keys[key] = true
	}
	if n == 0 || n < groupSecond && g.groups > 1 { // those few are soon more, and another worker is there for them
		g.groups--
		return nil
	}
	group := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return group
}

type keyName struct{ owner, name string }

// confirmGroup confirms in one transaction what is plain in a group. Where that fails nothing of it happened, and every
// member has the error.
func (d *DB) confirmGroup(ctx context.Context, group []*confirmation) {
	ctx, done := context.WithTimeout(ctx, groupWithin)
	defer done()
	var paid []paidMember
	var at time.Time
	err := again(ctx, func() error {
		paid, at = nil, d.clock()
		return d.q.Payment.ConfirmAll.SelectContext(ctx, &paid, groupArgs(group, at)...)
	})
	if err != nil {
		for _, c := range group {
			c.err = err
		}
		return
	}
	for _, p := range paid {
		c := group[p.Place-1]
		c.out, c.err = d.paid(*c, p, at)
	}
	if len(paid) > 0 {
		d.feed.ring()
	}
}

// paidMember is a member that was captured: its place, from 1, its payer's sealed name, and of its row what the group's caller
// does not know yet.
type paidMember struct {
	Place int
	Name  []byte
	paymentRow
}

// paid is the outcome of a member that was captured: what key_outcome answers to whoever sends its key again.
func (d *DB) paid(c confirmation, p paidMember, at time.Time) (*Outcome, error) {
	name, err := d.initials(p.Payer, p.Name)
	if err != nil {
		return nil, err
	}
	p.ID, p.Till, p.Method, p.MethodKind = c.ask.payment, c.ask.till, c.method, kaopass.EMoney
	p.Authorised, p.Captured = p.Amount, p.Amount
	p.end(kaopass.Captured, "", at)
	out := &Outcome{Payment: p.payment()}
	out.PayerName = name
	return out, nil
}

// groupArgs lays the asks of a group out as columns.
func groupArgs(group []*confirmation, at time.Time) []any {
	n := len(group)
	text := func(of func(*confirmation) string) pq.StringArray {
		column := make(pq.StringArray, n)
		for i, c := range group {
			column[i] = of(c)
		}
		return column
	}
	bodies, locks := make(pq.ByteaArray, n), make(pq.Int64Array, n)
	for i, c := range group {
		bodies[i], locks[i] = c.ask.key.Body[:], lockNumber(c.ask.key)
	}
	return []any{text(func(c *confirmation) string { return c.ask.key.Owner }), text(func(c *confirmation) string { return c.ask.key.Name }),
		bodies, locks, text(func(c *confirmation) string { return string(c.ask.till) }),
		text(func(c *confirmation) string { return string(c.ask.payment) }), text(func(c *confirmation) string { return c.ask.event }),
		text(func(c *confirmation) string { return c.ask.transfer }), text(func(c *confirmation) string { return string(c.method) }),
		at, payerLimits()}
}
