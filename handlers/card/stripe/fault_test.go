package stripe

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/card/stripe/stripetest"
)

// A single fault, at whatever request of a charge, is mended by repeating the same request, or is unknown and resolved by
// asking; and the bank was asked to hold the money at most once.
func TestEachFaultAtEachRequest(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	good := v.save(stripetest.Pays)
	for fault := stripetest.None + 1; fault < stripetest.Faults; fault++ {
		for at := range 4 { // create, confirm, capture, refund's list
			id, n := v.charge(), -1
			v.fails(func() stripetest.Fault {
				if n++; n == at {
					return fault
				}
				return stripetest.None
			})
			if got, err := v.desk.Authorise(ctx, id, good, yen(1000)); got != db.CardApproved {
				if fault != stripetest.BrokenLate || at != 0 {
					t.Errorf("fault %d at %d: %s %v", fault, at, got, err)
				}
				v.is("asked", db.CardRefused)(v.desk.Ask(ctx, id)) // no name, no money
				continue
			}
			v.is("capture", db.CardApproved)(v.desk.Capture(ctx, id, yen(700)))
			v.is("refund", db.CardApproved)(v.desk.Refund(ctx, id, "ref_"+id, yen(300)))
			v.way.Settle()
			if in := v.intentOf(id); in.Held != 1 || in.Received != 700 || in.Status != "succeeded" {
				t.Errorf("fault %d at %d: %+v", fault, at, in)
			}
		}
	}
	v.fails(nil)
	given := map[string]int64{}
	for _, r := range v.fake.Refunds {
		given[r.Intent] += r.Amount
	}
	for _, sum := range given {
		if sum != 300 {
			t.Error("given back", sum)
		}
	}
}

// The answer is lost for good: it is unknown, and asking tells.
func TestALostAnswerIsAskedFor(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	good := v.save(stripetest.Pays)
	for name, c := range map[string]struct {
		fault stripetest.Fault
		after db.CardAnswer
	}{
		"carried out, never answered":   {stripetest.CutAfter, db.CardApproved},
		"never arrived":                 {stripetest.CutBefore, db.CardRefused},
		"arrives when it was asked for": {stripetest.Later, db.CardRefused},
	} {
		id, calls := v.charge(), 0
		v.desk = v.newDesk() // the last case may have left its way broken
		v.fails(func() stripetest.Fault {
			if calls++; calls == 1 {
				return stripetest.None // the intent is made
			}
			return c.fault
		})
		if got, err := v.desk.Authorise(ctx, id, good, yen(1000)); got != db.CardUnknown || err == nil {
			t.Errorf("%s: %s", name, got)
		}
		v.fails(nil)
		v.desk = v.newDesk()
		v.is(name, c.after)(v.desk.Ask(ctx, id))
		v.way.Settle()
		if in := v.intentOf(id); (in.Status == "requires_capture") != (c.after == db.CardApproved) || in.Held > 1 {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestStripeIsLeftAloneAfterAWhile(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	good := v.save(stripetest.Pays)
	now := time.Now()
	v.desk.line.now = func() time.Time { return now }
	v.fails(func() stripetest.Fault { return stripetest.CutBefore })
	for range 2 {
		v.is("away", db.CardUnknown)(v.desk.Authorise(ctx, v.charge(), good, yen(1000)))
	}
	before, id := v.way.Total(), v.charge()
	began := time.Now()
	if got, err := v.desk.Authorise(ctx, id, good, yen(1000)); got != db.CardUnknown || !errors.Is(err, errBroken) || time.Since(began) > 50*time.Millisecond {
		t.Error(got, err, time.Since(began))
	}
	v.is("released without asking", db.CardRefused)(v.desk.Release(ctx, id))
	if v.way.Total() != before {
		t.Error("Stripe was asked all the same")
	}
	v.fails(nil)
	now = now.Add(breakFor)
	v.is("back", db.CardApproved)(v.desk.Authorise(ctx, v.charge(), good, yen(1000)))
}

func TestSoManyAtOnce(t *testing.T) {
	t.Parallel()
	l := newLine()
	for range callsMax {
		if err := l.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.enter(t.Context()); !errors.Is(err, errFull) {
		t.Error(err)
	}
	l.leave()
	if err := l.enter(t.Context()); err != nil {
		t.Error(err)
	}
}

// What an error says can be logged: neither the key nor what Stripe says about the card is in it.
func TestErrorsKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	v, ctx := open(t), t.Context()
	good := v.save(stripetest.Pays)
	for fault := stripetest.None + 1; fault < stripetest.Faults; fault++ {
		v.desk = v.newDesk()
		v.fails(func() stripetest.Fault { return fault })
		_, err := v.desk.Authorise(ctx, v.charge(), good, yen(1000))
		if err != nil && (strings.Contains(err.Error(), "fake0123") || strings.Contains(err.Error(), "4242") || strings.Contains(err.Error(), "html")) {
			t.Error(err)
		}
	}
	v.fails(nil)
	for _, r := range v.fake.Requests {
		if strings.Contains(r, stripetest.Key) {
			t.Error("the key is in an address")
		}
	}
}
