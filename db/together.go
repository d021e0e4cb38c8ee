package db

import (
	"context"
	"sync"
	"time"

	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// Limits of confirming together. As long as few tills confirm at once, each payment is a transaction of its own, which is
// soonest done; when more come than that, those who wait are confirmed together, which costs the server less: on two cores
// eight tills are served 1.5 times, 64 tills 3.5 times as fast (kaopass bench pay).
const (
	aloneMax    = 2                // transactions of one payment at once
	groupMax    = 32               // payments in one transaction
	groupsMax   = 3                // transactions of many at once
	groupSecond = 4                // waiting payments that another one at once is worth
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
	answer verbAnswer
	err    error
	done   chan struct{}
}

// confirm carries one confirmation out and answers as [DB.send] does. A caller that leaves does not take a payment out of
// its group: its outcome is kept for the key.
func (g *together) confirm(ctx context.Context, d *DB, a ask, method kaopass.MethodID) (verbAnswer, error) {
	if err := checkKey(a.key); err != nil {
		return verbAnswer{}, err
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
		return verbAnswer{}, fault(ctx, ctx.Err())
	}
	if c.err == nil || isAway(c.err) {
		return c.answer, fault(ctx, c.err)
	}
	return d.confirmAlone(ctx, a, method) // somebody else's row was the trouble, most likely
}

func (d *DB) confirmAlone(ctx context.Context, a ask, method kaopass.MethodID) (verbAnswer, error) {
	return d.send(ctx, d.q.Payment.Confirm, a, method, payerLimits(), a.at.Add(kaopass.CaptureWithin))
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

// take takes the next group out of the queue: nil where nobody waits, and the worker is done.
func (g *together) take() []*confirmation {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), groupMax)
	if n == 0 {
		g.groups--
		return nil
	}
	group := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return group
}

// confirmGroup confirms many payments in one transaction. Where that fails nothing of it happened, and every member has
// the error.
func (d *DB) confirmGroup(ctx context.Context, group []*confirmation) {
	ctx, done := context.WithTimeout(ctx, groupWithin)
	defer done()
	at := d.clock()
	var answers []verbAnswer
	err := again(ctx, func() error {
		answers = nil
		return d.q.Payment.ConfirmAll.SelectContext(ctx, &answers, groupArgs(group, at)...)
	})
	for i, c := range group {
		if c.err = err; err == nil {
			c.answer = answers[i]
		}
	}
	if err == nil {
		d.feed.ring()
	}
}

// groupArgs lays the asks of a group out as columns.
func groupArgs(group []*confirmation, at time.Time) []any {
	n := len(group)
	text := func(of func(ask) string) pq.StringArray {
		column := make(pq.StringArray, n)
		for i, c := range group {
			column[i] = of(c.ask)
		}
		return column
	}
	bodies, locks, methods := make(pq.ByteaArray, n), make(pq.Int64Array, n), make(pq.StringArray, n)
	for i, c := range group {
		bodies[i], locks[i], methods[i] = c.ask.key.Body[:], lockNumber(c.ask.key), string(c.method)
	}
	return []any{text(func(a ask) string { return a.key.Owner }), text(func(a ask) string { return a.key.Name }), bodies, locks,
		text(func(a ask) string { return string(a.till) }), text(func(a ask) string { return string(a.payment) }),
		text(func(a ask) string { return a.event }), text(func(a ask) string { return a.transfer }),
		at.Add(-kaopass.KeyKept), at, text(func(a ask) string { return a.account }), methods, payerLimits(),
		at.Add(kaopass.CaptureWithin)}
}
