package db

import (
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// randomTill is a venue in the hands of a random clerk: it knows what each verb may do, and little else.
type randomTill struct {
	*rig
	people   []kaopass.VisitorID
	faces    []kaopass.EnrolmentID
	payments []kaopass.PaymentID
}

func (m *randomTill) payment(t *rapid.T) kaopass.Payment {
	if len(m.payments) == 0 {
		t.Skip("no payment yet")
	}
	recent := m.payments[max(0, len(m.payments)-3):]
	return must(m.Payment(m.ctx, m.till.ID, rapid.SampledFrom(recent).Draw(t, "payment")))
}

func (m *randomTill) person(t *rapid.T) int {
	return rapid.IntRange(0, len(m.people)-1).Draw(t, "person")
}

// wait turns the clock. A card company may be away, but not for taskWithin: what comes of that is for staff, and has tests of
// its own.
func (m *randomTill) wait(by time.Duration) {
	if m.count("SELECT count(*) FROM card_task WHERE state = 'open' AND coalesce(given_at, due_at) <= $1", m.clock.now().Add(by-taskWithin)) > 0 {
		m.desk.mu.Lock()
		m.desk.fail = false
		m.desk.mu.Unlock()
		m.clock.turn(taskPauseMax) // whatever was put off is due
		m.ok(second(m.Expire(m.ctx, m.desk)))
	}
	m.clock.turn(by)
}

// mind checks a verb's answer against the rule: where the verb makes no sense a StateError and no change, else none.
func (m *randomTill) mind(t *rapid.T, verb kaopass.PaymentVerb, before kaopass.Payment, out Outcome, err error) {
	over := before.Open() && !m.clock.now().Before(before.Expires)
	switch {
	case errors.Is(err, ErrAmount) || errors.Is(err, ErrInFlight):
		return
	case over && err == nil && (out.Status == kaopass.Expired || out.Status == kaopass.Refused):
		return
	case before.May(verb) != (err == nil) || err != nil && stateOf(err) != string(before.Status):
		t.Fatalf("%s when %s (retry %v): %v", verb, before.Status, before.Retry, err)
	}
	if err != nil {
		if after := must(m.Payment(m.ctx, m.till.ID, before.ID)); after.Status != before.Status || after.Reason != before.Reason {
			t.Fatalf("a refused %s changed %s to %s", verb, before.Status, after.Status)
		}
	}
}

func (m *randomTill) actions() map[string]func(*rapid.T) {
	verb := func(v kaopass.PaymentVerb, do func(*rapid.T, kaopass.PaymentID) (Outcome, error)) func(*rapid.T) {
		return func(t *rapid.T) {
			before := m.payment(t)
			out, err := do(t, before.ID)
			m.mind(t, v, before, out, err)
		}
	}
	yen := func(t *rapid.T, most int64) kaopass.Money {
		return kaopass.Yen(rapid.Int64Range(0, most).Draw(t, "yen"))
	}
	all := map[string]func(*rapid.T){
		"": func(t *rapid.T) {},
		"open": func(t *rapid.T) {
			out, err := m.CreatePayment(m.ctx, NewPayment{Till: m.till.ID, Manual: rapid.Bool().Draw(t, "manual"),
				Amount: kaopass.Yen(rapid.SampledFrom([]int64{1, 300, 999, 9_999, 10_000, 50_000, 50_001}).Draw(t, "yen"))})
			if err != nil {
				t.Fatal(err)
			}
			m.payments = append(m.payments, out.ID)
		},
		"face": verb(kaopass.ShowFace, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			how := rapid.SampledFrom([]kaopass.Identity{kaopass.Enough, kaopass.Enough, kaopass.AskCode, kaopass.Nobody}).Draw(t, "how")
			return m.PaymentFace(m.ctx, PaymentFace{Till: m.till.ID, Payment: id,
				Identification: kaopass.Identification{Identity: how, ShortList: m.faces[m.person(t):]}})
		}),
		"code": verb(kaopass.EnterCode, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			return m.PaymentCode(m.ctx, kaopass.Key{}, m.till.ID, id, rapid.SampledFrom([]string{"1110", "1111", "9999", "x"}).Draw(t, "code"))
		}),
		"confirm": verb(kaopass.Confirm, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			m.desk.mu.Lock()
			m.desk.next = []CardAnswer{rapid.SampledFrom([]CardAnswer{CardApproved, CardApproved, CardRefused, CardUnknown}).Draw(t, "card")}
			m.desk.mu.Unlock()
			method := kaopass.MethodID("pm_none")
			if p := must(m.Payment(m.ctx, m.till.ID, id)); len(p.Methods) > 0 {
				method = rapid.SampledFrom(p.Methods).Draw(t, "method").ID
			}
			return m.ConfirmPayment(m.ctx, m.desk, kaopass.Key{}, m.till.ID, id, method)
		}),
		"capture": verb(kaopass.Capture, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			return m.CapturePayment(m.ctx, m.desk, kaopass.Key{}, m.till.ID, id, yen(t, 1000))
		}),
		"void": verb(kaopass.Void, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			return m.VoidPayment(m.ctx, m.desk, kaopass.Key{}, m.till.ID, id)
		}),
		"cancel": verb(kaopass.Cancel, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			return m.CancelPayment(m.ctx, m.desk, kaopass.Key{}, m.till.ID, id)
		}),
		"refund": verb(kaopass.Refund, func(t *rapid.T, id kaopass.PaymentID) (Outcome, error) {
			return m.RefundPayment(m.ctx, m.desk, kaopass.Key{}, m.till.ID, id, yen(t, 600), "")
		}),
		"top up": func(t *rapid.T) {
			who := m.people[m.person(t)]
			methods := must(m.Wallet(m.ctx, who)).Methods
			if _, err := m.TopUp(m.ctx, m.desk, TopUp{Visitor: who, Method: rapid.SampledFrom(methods).Draw(t, "method").ID, Amount: kaopass.Yen(5000)}); err != nil {
				t.Fatal(err)
			}
		},
		"freeze": func(t *rapid.T) {
			if err := m.Freeze(m.ctx, m.people[m.person(t)], rapid.Bool().Draw(t, "frozen"), "stf_1"); err != nil {
				t.Fatal(err)
			}
		},
		"wait": func(t *rapid.T) {
			m.wait(rapid.SampledFrom([]time.Duration{time.Second, time.Second, time.Minute, kaopass.PaymentWithin, 25 * time.Hour, kaopass.CaptureWithin}).Draw(t, "time"))
		},
		"timer": func(t *rapid.T) {
			m.desk.mu.Lock()
			m.desk.fail = rapid.Bool().Draw(t, "away")
			m.desk.mu.Unlock()
			if _, err := m.Expire(m.ctx, m.desk); err != nil {
				t.Fatal(err)
			}
		},
	}
	goOn := func(t *rapid.T) { // what a clerk mostly does: the next step of the newest payment
		if len(m.payments) == 0 {
			t.Skip("no payment yet")
		}
		next := map[kaopass.PaymentStatus]string{kaopass.AwaitingFace: "face", kaopass.AwaitingCode: "code",
			kaopass.AwaitingConfirmation: "confirm", kaopass.Authorised: "capture", kaopass.Captured: "refund",
			kaopass.PartiallyRefunded: "refund"}
		step, ok := next[must(m.Payment(m.ctx, m.till.ID, m.payments[len(m.payments)-1])).Status]
		if !ok {
			step = "open"
		}
		all[step](t)
	}
	all["go on"], all["go on, then"], all["and on"], all["and on, again"] = goOn, goOn, goOn, goOn
	return all
}

// Whatever a clerk does, in whatever order, the book balances and every payment is where its transfers put it.
func TestAnyOrderOfVerbsKeepsTheBook(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	m := &randomTill{rig: r}
	for n := range 3 {
		who, enr := r.visitor(n, "Taro", 20_000)
		r.card(who)
		code := []string{"1110", "1111", "1111"}[n] // two have the same
		r.ok(r.tx(r.ctx, func(t *tx) error { _, err := t.setCode(who, code, nil, "venue"); return err }))
		m.people, m.faces = append(m.people, who), append(m.faces, enr)
	}
	rapid.Check(t, func(t *rapid.T) {
		m.payments = nil
		t.Repeat(m.actions())
		audit, err := r.AuditLedger(r.ctx)
		if err != nil || !audit.OK {
			t.Fatal(err, audit.Breaches)
		}
	})
	if n := r.count("SELECT count(DISTINCT status) FROM payment"); n < 5 { // by chance it is 8 to 12
		t.Error("only", n, "of the 12 states were reached: the clerk is not random enough")
	}
}

// Many clerks at once, on the same payments and the same wallets.
func TestVerbsAtOnceKeepTheBook(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 3000)
	wallet, card := must(r.Wallet(r.ctx, me)).Methods[0].ID, r.card(me).ID
	allowed := func(err error) {
		if err != nil && stateOf(err) == "" && !errors.Is(err, ErrAmount) && !errors.Is(err, ErrInFlight) {
			t.Error(err)
		}
	}
	for round := range 6 {
		var ids []kaopass.PaymentID
		for i := range 4 {
			p := r.open(700, i%2 == 0)
			r.showFace(p.ID, kaopass.Enough, enr)
			ids = append(ids, p.ID)
		}
		var all sync.WaitGroup
		for _, id := range ids {
			method := wallet
			if round%2 == 1 {
				method = card
			}
			for _, do := range []func() (Outcome, error){
				func() (Outcome, error) {
					return r.ConfirmPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, id, method)
				},
				func() (Outcome, error) {
					return r.CapturePayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, id, kaopass.Yen(300))
				},
				func() (Outcome, error) { return r.VoidPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, id) },
				func() (Outcome, error) {
					return r.RefundPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, id, kaopass.Yen(100), "")
				},
				func() (Outcome, error) { return r.CancelPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, id) },
			} {
				all.Go(func() { allowed(second(do())) })
			}
		}
		all.Go(func() {
			allowed(second(r.TopUp(r.ctx, r.desk, TopUp{Visitor: me, Method: card, Amount: kaopass.Yen(10)})))
		})
		all.Go(func() { allowed(second(r.Expire(r.ctx, r.desk))) })
		all.Wait()
		r.sound()
	}
	r.clock.turn(kaopass.CaptureWithin)
	r.ok(second(r.Expire(r.ctx, r.desk)))
	r.sound()
	if w := must(r.Wallet(r.ctx, me)); w.Held.Value != 0 {
		t.Error("held for ever:", w.Held)
	}
}
