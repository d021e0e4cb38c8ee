package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// stubborn is a card company that answers captures and refunds as it is told to.
type stubborn struct {
	*fakeDesk
	capture, refund CardAnswer
	captures        []time.Time
	now             func() time.Time
}

func (s *stubborn) Capture(context.Context, string, kaopass.Money) (CardAnswer, error) {
	s.captures = append(s.captures, s.now())
	return s.capture, nil
}

func (s *stubborn) Refund(context.Context, string, string, kaopass.Money) (CardAnswer, error) {
	return s.refund, nil
}

// sold is a sale by card whose company says so about its capture; and the company.
func (r *rig) sold(capture CardAnswer, manual bool) (kaopass.PaymentID, *stubborn) {
	r.Helper()
	desk := &stubborn{fakeDesk: r.desk, capture: capture, refund: CardRefused, now: r.clock.now}
	me, enr := r.visitor(1, "Yuki", 0)
	card := r.card(me)
	p := r.open(700, manual)
	r.showFace(p.ID, kaopass.Enough, enr)
	out, err := r.ConfirmPayment(r.ctx, desk, r.key(string(r.till.ID)), r.till.ID, p.ID, card.ID)
	r.ok(err)
	if manual {
		out, err = r.CapturePayment(r.ctx, desk, r.key(string(r.till.ID)), r.till.ID, p.ID, kaopass.Yen(600))
		r.ok(err)
	}
	if out.Status != kaopass.Captured {
		r.Fatal(out.Status, out.Reason)
	}
	return p.ID, desk
}

// Each final answer ends the telling, at once: the payment says that its money did not come, staff have a line with the
// reason, the day has a difference, the audit names it, all until it is settled by hand.
func TestACaptureThatCanNeverBeDone(t *testing.T) {
	for _, why := range []CardAnswer{CardRefused, CardHoldExpired, CardHoldCancelled, CardHoldShort, CardTakenOther} {
		for _, manual := range []bool{false, true} {
			t.Run(string(why), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				id, desk := r.sold(why, manual)
				p, err := r.Payment(r.ctx, r.till.ID, id)
				if r.ok(err); p.Status != kaopass.Captured || p.Reason != kaopass.CardUncollected {
					t.Errorf("%s %s", p.Status, p.Reason)
				}
				for range 3 {
					r.clock.turn(2 * taskPauseMax)
					_, err := r.Expire(r.ctx, desk)
					r.ok(err)
				}
				work, err := r.CardWork(r.ctx)
				if r.ok(err); len(desk.captures) != 1 || len(work.Open) != 1 || len(work.Slow) != 0 || work.Open[0].Why != why || work.Open[0].Payment != id {
					t.Errorf("%d captures, %+v", len(desk.captures), work)
				}
				if r.count(`SELECT count(*) FROM event WHERE kind = 'payment.uncollected' AND reason = 'card_uncollected' AND device <> ''`) != 1 {
					t.Error("not one event")
				}
				day, err := r.Reconcile(r.ctx, emptyBooks{}, kaopass.TradeDayOf(opening), "", "venue")
				if r.ok(err); day.DifferencesFound != 1 || day.Differences[0].Kind != kaopass.RefusedByProvider {
					t.Errorf("%+v", day.Differences)
				}
				r.settlesByHand(work.Open[0])
			})
		}
	}
}

// emptyBooks is a card company that took nothing.
type emptyBooks struct{}

func (emptyBooks) Entries(context.Context, time.Time, time.Time) ([]CardEntry, error) {
	return nil, nil
}

// settlesByHand has staff end a line, once, and with a sentence.
func (r *rig) settlesByHand(u Uncollected) {
	r.Helper()
	audit, err := r.AuditLedger(r.ctx)
	if r.ok(err); len(audit.Breaches) != 1 {
		r.Errorf("%+v", audit.Breaches)
	}
	staff := r.admin()
	var cannot *FieldError
	how := MakeGood{Staff: staff, Charge: u.Charge, Became: u.Choices()[0], Answer: "  "}
	if _, err := r.SettleUncollected(r.ctx, how); !errors.As(err, &cannot) || cannot.Field != "answer" {
		r.Error("without a sentence:", err)
	}
	how.Answer = "asked the bank"
	for _, no := range []kaopass.Became{"", "forgiven", map[bool]kaopass.Became{true: kaopass.GivenBack, false: kaopass.BorneByVenue}[u.Missing.Value > 0]} {
		how := how
		if how.Became = no; !errors.As(second(r.SettleUncollected(r.ctx, how)), &cannot) || cannot.Field != "became" {
			r.Errorf("%q: %v", no, cannot)
		}
	}
	r.settles(u.Charge, how.Became, u.Missing.Value)
	var over *StateError
	for _, became := range kaopass.Becames() {
		if how.Became = became; !errors.As(second(r.SettleUncollected(r.ctx, how)), &over) {
			r.Errorf("twice, as %s", became)
		}
	}
	how.Charge = "chg_none"
	if _, err := r.SettleUncollected(r.ctx, how); !errors.Is(err, ErrNotFound) {
		r.Error(err)
	}
	work, err := r.CardWork(r.ctx)
	if r.ok(err); len(work.Open) != 0 || len(work.Settled) != 1 || len(work.Settled[0].Ends) != 1 || work.Settled[0].Ends[0].Became != u.Choices()[0] {
		r.Errorf("%+v", work)
	}
	if e := r.lastEvent(); e.Kind != kaopass.PaymentMadeGood || e.Status != kaopass.PaymentStatus(u.Choices()[0]) || e.Reason != "" || e.Actor == "" {
		r.Errorf("%+v", e)
	}
	for _, by := range []string{`UPDATE uncollected_end SET answer = 'other'`, `DELETE FROM uncollected_end`, `UPDATE card_uncollected SET amount = 1`} {
		if _, err := r.pool.ExecContext(r.ctx, by); err == nil {
			r.Error("rewritten by hand:", by)
		}
	}
}

// What was never taken is not given back: a refund at the till squares the store and the venue, the company is not told,
// and nothing is owed to the payer.
func TestARefundOfWhatWasNeverTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, desk := r.sold(CardHoldExpired, false)
	desk.refund = CardApproved
	out, err := r.RefundPayment(r.ctx, desk, r.key(string(r.till.ID)), r.till.ID, id, kaopass.Yen(0), "did not pay")
	if err != nil || out.Status != kaopass.Refunded {
		t.Fatal(out.Status, err)
	}
	for _, none := range []string{`SELECT count(*) FROM refund_due`, `SELECT count(*) FROM card_task WHERE verb = 'refund' AND state <> 'refused'`,
		`SELECT balance_of(id)::int FROM account WHERE kind = 'card'`, `SELECT balance_of(id)::int FROM account WHERE kind = 'store'`} {
		if n := r.count(none); n != 0 {
			t.Error(none, n)
		}
	}
	work, err := r.CardWork(r.ctx)
	if r.ok(err); len(work.Open) != 1 || work.Open[0].Missing.Value != 0 {
		t.Errorf("%+v", work.Open)
	}
	r.settlesByHand(work.Open[0])
}

// What gets no answer is told again, twice as long each time up to an hour, shows on the console after the first, and ends
// after thirty days: nobody holds money for longer.
func TestACompanyThatNeverAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	id, desk := r.sold(CardUnknown, false)
	end := r.clock.now().Add(taskWithin + 2*taskPauseMax)
	for r.clock.now().Before(end) {
		if len(desk.captures) < 12 {
			r.clock.turn(taskPauseMin / 2)
		} else {
			r.clock.turn(24 * time.Hour)
		}
		_, err := r.Expire(r.ctx, desk)
		r.ok(err)
		if work, err := r.CardWork(r.ctx); err != nil || len(work.Open) == 0 && len(work.Slow) != 1 && r.clock.now().Sub(opening) > taskSlow {
			t.Fatalf("%+v %v", work, err)
		}
	}
	for i, at := range desk.captures[1:10] {
		pause, want := at.Sub(desk.captures[i]), min(taskPauseMin<<i, taskPauseMax)
		if pause < want || pause > want+taskPauseMin {
			t.Errorf("pause %d: %s, not %s", i, pause, want)
		}
	}
	p, err := r.Payment(r.ctx, r.till.ID, id)
	r.ok(err)
	work, err := r.CardWork(r.ctx)
	if r.ok(err); p.Reason != kaopass.CardUncollected || len(work.Open) != 1 || work.Open[0].Why != unanswered || len(work.Slow) != 0 {
		t.Errorf("%s %+v", p.Reason, work)
	}
}

// A refund whose outcome nobody ever learns is not owed by guessing; one that came back is.
func TestWhatIsOwedOfARefund(t *testing.T) {
	t.Parallel()
	for answer, owed := range map[CardAnswer]string{CardRefused: "refund_refused", CardBounced: "refund_failed", CardUnknown: ""} {
		t.Run(string(answer), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			id, desk := r.sold(CardApproved, false)
			desk.refund = answer
			_, err := r.RefundPayment(r.ctx, desk, r.key(string(r.till.ID)), r.till.ID, id, kaopass.Yen(300), "wrong dish")
			r.ok(err)
			r.clock.turn(taskWithin + time.Hour)
			_, err = r.Expire(r.ctx, desk)
			r.ok(err)
			var why []string
			r.ok(r.pool.SelectContext(r.ctx, &why, `SELECT why FROM refund_due`))
			if owed == "" && len(why) != 0 || owed != "" && (len(why) != 1 || why[0] != owed) {
				t.Error(why)
			}
		})
	}
}
