package db

import (
	"cmp"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// draws makes the calls of a crowd by chance.
type draws struct {
	*rapid.T
	*crowd
}

// even draws a number below n, each as often: the generators of ranges prefer the ends.
func even(t *rapid.T, what string, n int) int {
	return rapid.Custom(func(t *rapid.T) (number int) {
		for range 8 {
			number *= 2
			if rapid.Bool().Draw(t, "bit") {
				number++
			}
		}
		return number % n
	}).Draw(t, what)
}

func pick[T any](t *rapid.T, what string, of ...T) T { return of[even(t, what, len(of))] }

// state is one world that may be true: what chance looks at to make calls that make sense.
func (d draws) state(slot int) oPayment {
	if w := d.could[0]; slot < len(w.payments) {
		return w.payments[slot]
	}
	return oPayment{payer: noOne}
}

// goOn is the verb that a clerk most likely sends next.
func goOn(p oPayment) string {
	next := map[kaopass.PaymentStatus][]kaopass.PaymentVerb{
		kaopass.AwaitingFace: {kaopass.ShowFace}, kaopass.AwaitingCode: {kaopass.EnterCode}, kaopass.AwaitingConfirmation: {kaopass.Confirm},
		kaopass.Authorised: {kaopass.Capture}, kaopass.Captured: {kaopass.Refund}, kaopass.PartiallyRefunded: {kaopass.Refund},
		kaopass.Refused: {kaopass.ShowFace}}[p.Status]
	if len(next) == 0 {
		return string(kaopass.Cancel)
	}
	return string(next[0])
}

// call draws one request.
func (d draws) call() *call {
	c := &call{payer: noOne, slot: noOne}
	kind := even(d.T, "kind", 20)
	switch {
	case len(d.past) > 0 && kind == 0:
		c = d.again()
	case kind <= 1 || len(d.ids) == 0:
		d.create(c)
	case kind <= 15:
		d.tillCall(c, kind)
	case kind == 16:
		c.verb = "timer"
	default:
		d.visitorCall(c)
	}
	if even(d.T, "leaves", 12) == 11 && c.verb != "timer" {
		c.patience = time.Duration(rapid.IntRange(1, 4000).Draw(d.T, "patience")) * time.Microsecond
	}
	return c
}

// again is a request that was sent before, with its key: late, or because its answer was lost.
func (d draws) again() *call {
	before := rapid.SampledFrom(d.past).Draw(d.T, "again")
	before.got, before.gotID, before.diedAtADesk, before.patience = result{}, "", false, 0
	return &before
}

func (d draws) key(c *call) {
	if even(d.T, "with a key", 3) > 0 {
		d.keys++
		c.key = d.keys
	}
}

func (d draws) create(c *call) {
	c.verb, c.slot = "create", len(d.ids)
	c.till = even(d.T, "till", tillsEach)
	c.yen = pick(d.T, "yen", int64(1), 700, 3000, 3000, 9_999, 10_000, 50_001)
	c.manual = rapid.Bool().Draw(d.T, "manual")
	d.ids, d.crowd.till = append(d.ids, ""), append(d.crowd.till, c.till)
	d.key(c)
}

func (d draws) tillCall(c *call, kind int) {
	c.slot = len(d.ids) - 1 - even(d.T, "payment", min(2, len(d.ids)))
	c.till = d.crowd.till[c.slot]
	p := d.state(c.slot)
	if c.verb = goOn(p); kind > 13 {
		c.verb = string(pick(d.T, "verb", kaopass.ShowFace, kaopass.EnterCode, kaopass.Confirm, kaopass.Capture, kaopass.Void,
			kaopass.Cancel, kaopass.Cancel, kaopass.Refund))
	}
	c.yen = pick(d.T, "part", int64(0), 0, 1, 400, 3000)
	c.how = pick(d.T, "face", kaopass.Enough, kaopass.Enough, kaopass.Enough, kaopass.Enough, kaopass.Enough, kaopass.AskCode, kaopass.AskCode, kaopass.Nobody)
	c.who = rapid.Permutation([]int{0, 1, 2}).Draw(d.T, "short list")
	if p.payer == noOne && c.verb == string(kaopass.EnterCode) && len(p.list) > 0 {
		p.payer = pick(d.T, "code", p.list[0], p.list[0], noOne)
	}
	if c.payer = p.payer; c.verb == string(kaopass.Confirm) {
		c.payer = max(c.payer, 0)
		c.method = even(d.T, "method", cardsEach+1)
		c.fate = fate(pick(d.T, "fate", 0, 0, 0, 1, 2, 3, 4, 5))
	}
	d.key(c)
}

func (d draws) visitorCall(c *call) {
	c.payer = even(d.T, "visitor", crowdSize)
	c.verb = pick(d.T, "does", "top up", "top up", "top up", "desk", "top up", "desk", "desk", "freeze", "thaw", "thaw", "thaw", "withdraw", "erase", "remove")
	c.yen = pick(d.T, "yen", int64(1), 5000, 50_000, 50_001)
	c.method = 1 + even(d.T, "card", cardsEach)
	c.fate = fate(even(d.T, "fate", fatesCount))
	if c.verb == "top up" {
		d.key(c)
	}
}

// burst draws calls that are made at once. Two with one key are twins: what they send is the same.
func (d draws) burst() (calls []*call) {
	known := len(d.ids)
	for range 1 + even(d.T, "at once", atOnceMax) {
		c := d.call()
		if c.verb == "create" || c.slot < known {
			calls = append(calls, c)
		}
		if c.verb == string(kaopass.Confirm) && c.slot < known && even(d.T, "rival", 3) == 0 {
			calls = append(calls, &call{verb: string(kaopass.Cancel), till: c.till, slot: c.slot, payer: noOne})
		}
		if c.key != 0 && even(d.T, "twin", 6) == 0 && len(calls) < atOnceMax {
			twin := *c
			twin.patience = 0
			calls = append(calls, &twin)
		}
	}
	timers := 0
	return slices.DeleteFunc(calls, func(c *call) bool {
		if c.verb == "timer" {
			timers++
		}
		return c.verb == "timer" && timers > 1
	})
}

// interleaveFor is how long chance may go on here: 15 s, or as KAOPASS_INTERLEAVE says (such as 30m, together with a
// large -rapid.checks).
func interleaveFor(t *testing.T) time.Duration {
	t.Helper()
	long, err := time.ParseDuration(cmp.Or(os.Getenv("KAOPASS_INTERLEAVE"), "15s"))
	if err != nil {
		t.Fatal(err)
	}
	return long
}

// Whatever many callers do at once, in whatever order it happens: there is an order, one after the other, in which a
// plain model answers each of them the same and ends with the same sums; and the book and the card company agree.
func TestAnyInterleavingOfVerbsIsSomeOrderOfThem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	desk := &chanceDesk{charges: map[string]*chanceCharge{}}
	tills := []kaopass.Device{r.till, r.device(kaopass.Till, "Cafe 1", "food-hall")}
	calls, until := 0, time.Now().Add(interleaveFor(t))
	rapid.Check(t, func(t *rapid.T) {
		if time.Now().After(until) {
			return
		}
		r.clock.turn(time.Hour)
		purse := pick(t, "purse", int64(0), 9_000, 60_000, 60_000, 60_000, 290_000)
		d := draws{t, newCrowd(r, desk, tills, purse)}
		for range rapid.IntRange(4, 30).Draw(t, "bursts") {
			r.clock.turn(pick(t, "later", 0, time.Second, time.Second, time.Second, time.Second, 2*time.Second, 20*time.Second, 20*time.Second, kaopass.PaymentWithin))
			burst := d.burst()
			if calls += len(burst); len(burst) == 0 {
				continue
			}
			if err := d.atOnce(burst); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.rests(); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d calls; payments by status: %s", calls, must1(r, `SELECT string_agg(status || ' ' || n, ', ' ORDER BY status)
		FROM (SELECT status, count(*) AS n FROM payment GROUP BY status) AS by_status`))
}
