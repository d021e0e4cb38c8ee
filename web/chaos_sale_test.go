package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
)

// The ways in which a sale goes on without its till.
var (
	errLater = errors.New("to be captured later")
	errLeft  = errors.New("the customer walked away")
)

// laterMost is how many sales a till has waiting for their capture.
const laterMost = 2

// sell makes sales until there are so many, and comes up again after each crash of its own.
func (t *chaosTill) sell(ctx context.Context, name string, sales int, sold func()) error {
	for len(t.sales) < sales || len(t.later) > 0 {
		before := len(t.sales)
		err := t.next(ctx, fmt.Sprintf("%s-%d", name, before+1), before >= sales)
		for errors.Is(err, errCrashed) {
			t.counts.add("fault: till crashed")
			if err = errors.Join(t.file.Close(), t.open()); err == nil {
				err = t.finishAll(ctx, false)
			}
		}
		if err != nil {
			return err
		}
		if len(t.sales) > before {
			sold()
		}
	}
	return nil
}

// comeAfter is how long after one customer the next may come.
const comeAfter = 600 * time.Millisecond

// next is the next customer, or the capture of a sale that was authorised a while ago.
func (t *chaosTill) next(ctx context.Context, ref string, enough bool) error {
	if len(t.later) == 0 || !enough && len(t.later) < laterMost {
		time.Sleep(time.Duration(t.chance.Int64N(int64(comeAfter))))
		return t.sale(ctx, ref)
	}
	s := t.later[0]
	t.later = t.later[1:]
	a, err := t.take(ctx, s)
	if err == nil && a.Status == kaopass.Captured {
		err = t.afterwards(ctx, s)
	}
	return t.end(ctx, s, err)
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
	s, err := t.begin(ctx, ref, 2+t.chance.IntN(25))
	if err == nil {
		err = t.steps(late, ctx, s)
	}
	return t.end(ctx, s, err)
}

// end brings a sale to its end after whatever stopped its steps.
func (t *chaosTill) end(ctx context.Context, s *tillSale, stopped error) error {
	switch {
	case errors.Is(stopped, errLater):
		t.later = append(t.later, s)
		return nil
	case errors.Is(stopped, errLeft):
		t.counts.add("done: the customer walked away")
		_, err := t.write(tillEntry{Sale: s.ref, Over: true, Left: true})
		return err
	case stopped != nil && !errors.Is(stopped, errGaveUp):
		return stopped
	}
	if err := t.settle(ctx, s, stopped != nil); err != nil {
		return err
	}
	return t.lateCaller(ctx, s)
}

// begin opens a payment: without an id there is nothing to cancel, so this has all the patience there is.
func (t *chaosTill) begin(ctx context.Context, ref string, yen int) (*tillSale, error) {
	capture := "automatic"
	if t.chance.IntN(3) == 0 {
		capture = "manual"
	}
	body := fmt.Sprintf(`{"amount":{"currency":"JPY","value":%d},"order_ref":%q,"capture":%q}`, yen, ref, capture)
	s := t.remember(tillEntry{Sale: ref})
	s.open, s.calls = nil, nil
	_, err := t.do(ctx, s, "create", body, 0)
	return s, err
}

// steps goes from the face to what the customer wants last.
func (t *chaosTill) steps(late, ctx context.Context, s *tillSale) error {
	if err := t.mind(s); err != nil {
		return err
	}
	face := 1 + t.chance.IntN(len(t.faces))
	a, err := t.do(late, s, "face", "", face)
	if err == nil && a.Status == kaopass.AwaitingCode {
		a, err = t.codes(late, s, face)
	}
	if err == nil {
		err = t.mind(s)
	}
	if err != nil || a.Status != kaopass.AwaitingConfirmation {
		return err
	}
	if a, err = t.do(late, s, "confirm", fmt.Sprintf(`{"method":%q}`, t.method(a)), 0); err == nil {
		err = t.mind(s)
	}
	if err == nil && a.Status == kaopass.Authorised {
		if t.chance.IntN(2) == 0 {
			return errLater
		}
		a, err = t.take(ctx, s)
	}
	if err != nil || a.Status != kaopass.Captured {
		return err
	}
	return t.afterwards(ctx, s)
}

// mind is whether the customer changes theirs, or goes away: from any state.
func (t *chaosTill) mind(s *tillSale) error {
	switch n := t.chance.IntN(40); {
	case n == 0:
		t.counts.add("done: cancelled while " + string(s.last.Status))
		return errGaveUp
	case n == 1 && t.walks && s.last.Status.Open():
		return errLeft
	}
	return nil
}

// codes enters the four digits until they are right or it is over: most people know theirs.
func (t *chaosTill) codes(ctx context.Context, s *tillSale, face int) (a tillAnswer, err error) {
	for a.Status = kaopass.AwaitingCode; a.Status == kaopass.AwaitingCode; {
		if err := t.mind(s); err != nil {
			return a, err
		}
		if a, err = t.code(ctx, s, t.crowd.types(face-1, t.chance)); err != nil {
			return a, err
		}
	}
	if a.Reason == kaopass.TooManyTries {
		t.counts.add("done: an honest till was locked")
		return a, t.staff.lets(ctx, t.device)
	}
	return a, nil
}

func (t *chaosTill) code(ctx context.Context, s *tillSale, typed string) (tillAnswer, error) {
	a, err := t.do(ctx, s, "code", fmt.Sprintf(`{"code":%q}`, typed), 0)
	if err == nil {
		t.counts.add("done: a code was " + map[bool]string{true: "wrong", false: "right"}[a.Reason != ""])
	}
	return a, err
}

// method is what the customer pays with.
func (t *chaosTill) method(a tillAnswer) kaopass.MethodID {
	chosen := a.Methods[0]
	if t.chance.IntN(2) == 0 {
		chosen = a.Methods[t.chance.IntN(len(a.Methods))]
	}
	if strings.Contains(chosen.Label, "silent") {
		t.counts.add("fault: card company " + chosen.Label)
	}
	return chosen.ID
}

// afterwards gives back what the customer brings back: a part, again a part, more than there was, all.
func (t *chaosTill) afterwards(ctx context.Context, s *tillSale) (err error) {
	if t.chance.IntN(4) > 0 {
		return nil
	}
	for range 1 + t.chance.IntN(3) {
		yen := 1
		if t.chance.IntN(5) == 0 {
			yen = 1000 // than anything here costs
		}
		if _, err := t.do(ctx, s, "refunds", fmt.Sprintf(`{"amount":{"currency":"JPY","value":%d},"reason":"cold noodles"}`, yen), 0); err != nil {
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
	switch t.chance.IntN(5) {
	case 0:
		return t.do(ctx, s, "void", "{}", 0)
	case 1, 2:
		return t.do(ctx, s, "capture", `{"amount":{"currency":"JPY","value":1}}`, 0)
	}
	return t.do(ctx, s, "capture", "{}", 0)
}

// lateCaller sends an old call again, as a queue somewhere on the way might: it must be answered as it was.
func (t *chaosTill) lateCaller(ctx context.Context, s *tillSale) error {
	if t.chance.IntN(6) > 0 || len(s.calls) == 0 {
		return nil
	}
	call := s.calls[t.chance.IntN(len(s.calls))]
	if len(call.said) == 0 {
		return nil
	}
	t.counts.add("fault: old call sent again")
	a, code, err := t.once(ctx, s, call.tillEntry)
	for err != nil && ctx.Err() == nil {
		time.Sleep(retryMost / 4)
		a, code, err = t.once(ctx, s, call.tillEntry)
	}
	if code != "" {
		a.Reason = kaopass.Reason(code)
	}
	call.said = append(call.said, a)
	return err
}
