package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// counts is what happened how often.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounts() *counts { return &counts{n: map[string]int{}} }

func (c *counts) add(what string) { c.mu.Lock(); c.n[what]++; c.mu.Unlock() }

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(c.n)) {
		lines = append(lines, fmt.Sprintf("%6d %s", c.n[what], what))
	}
	return strings.Join(lines, "\n")
}

// sell makes sales until there are so many, and comes up again after each crash of its own.
func (t *chaosTill) sell(ctx context.Context, name string, sales int) error {
	for n := len(t.sales); n < sales; n = len(t.sales) {
		err := t.sale(ctx, fmt.Sprintf("%s-%d", name, n+1))
		for errors.Is(err, errCrashed) {
			t.counts.add("fault: till crashed")
			if err = errors.Join(t.file.Close(), t.open()); err == nil {
				err = t.finishAll(ctx, false)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finishAll settles whatever is open in the journal.
func (t *chaosTill) finishAll(ctx context.Context, gaveUp bool) error {
	for _, s := range t.sales {
		if !s.over {
			if err := t.settle(ctx, s, gaveUp); err != nil {
				return err
			}
		}
	}
	return nil
}

// sale is one customer. The till has patience for a sale, and then cancels it.
func (t *chaosTill) sale(ctx context.Context, ref string) error {
	patience := salePatience
	if t.chance.IntN(25) == 0 {
		patience = time.Duration(t.chance.IntN(400)) * time.Millisecond
		t.counts.add("fault: till without patience")
	}
	late, stop := context.WithTimeout(ctx, patience)
	defer stop()
	s, err := t.begin(ctx, ref)
	if err == nil {
		err = t.steps(late, ctx, s)
	}
	if err != nil && !errors.Is(err, errGaveUp) {
		return err
	}
	if err := t.settle(ctx, s, err != nil); err != nil {
		return err
	}
	return t.lateCaller(ctx, s)
}

// begin opens a payment: without an id there is nothing to cancel, so this has all the patience there is.
func (t *chaosTill) begin(ctx context.Context, ref string) (*tillSale, error) {
	capture := "automatic"
	if t.chance.IntN(4) == 0 {
		capture = "manual"
	}
	body := fmt.Sprintf(`{"amount":{"currency":"JPY","value":%d},"order_ref":%q,"capture":%q}`, 2+t.chance.IntN(25), ref, capture)
	s := t.remember(tillEntry{Sale: ref})
	s.open = nil
	s.sent = nil
	_, err := t.do(ctx, s, "create", body, 0)
	return s, err
}

// steps goes from the face to what the customer wants last.
func (t *chaosTill) steps(late, ctx context.Context, s *tillSale) error {
	a, err := t.do(late, s, "face", "", 1+t.chance.IntN(len(t.faces)))
	if err != nil || a.Status != kaopass.AwaitingConfirmation {
		return err
	}
	method := a.Methods[0].ID
	if t.chance.IntN(3) == 0 {
		method = a.Methods[t.chance.IntN(len(a.Methods))].ID
	}
	for _, m := range a.Methods {
		if m.ID == method && strings.Contains(m.Label, "silent") {
			t.counts.add("fault: card company " + m.Label)
		}
	}
	if a, err = t.do(late, s, "confirm", fmt.Sprintf(`{"method":%q}`, method), 0); err != nil {
		return err
	}
	if a.Status == kaopass.Authorised {
		if a, err = t.take(ctx, s); err != nil {
			return err
		}
	}
	if a.Status != kaopass.Captured || t.chance.IntN(4) > 0 {
		return nil
	}
	for range 1 + t.chance.IntN(2) {
		if _, err := t.do(ctx, s, "refunds", `{"amount":{"currency":"JPY","value":1},"reason":"cold noodles"}`, 0); err != nil {
			return err
		}
	}
	if t.chance.IntN(3) == 0 {
		_, err = t.do(ctx, s, "cancel", "{}", 0)
	}
	return err
}

// take captures what is held, or a part, or lets it go.
func (t *chaosTill) take(ctx context.Context, s *tillSale) (tillAnswer, error) {
	switch t.chance.IntN(4) {
	case 0:
		return t.do(ctx, s, "void", "{}", 0)
	case 1:
		return t.do(ctx, s, "capture", `{"amount":{"currency":"JPY","value":1}}`, 0)
	}
	return t.do(ctx, s, "capture", "{}", 0)
}

// lateCaller sends an old call again, as a queue somewhere on the way might: it must be answered as it was.
func (t *chaosTill) lateCaller(ctx context.Context, s *tillSale) error {
	if t.chance.IntN(6) > 0 || len(s.sent) == 0 {
		return nil
	}
	e := s.sent[t.chance.IntN(len(s.sent))]
	if len(s.seen[e.Key]) == 0 {
		return nil
	}
	t.counts.add("fault: old call sent again")
	a, code, err := t.once(ctx, s, e)
	for err != nil && ctx.Err() == nil {
		time.Sleep(retryMost / 4)
		a, code, err = t.once(ctx, s, e)
	}
	if code != "" {
		a.Reason = kaopass.Reason(code)
	}
	s.seen[e.Key] = append(s.seen[e.Key], a)
	return err
}
