package db

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/kaopass/kaopass"
)

// takeBacks are the verbs after whose answer nothing may be paid any more.
func takeBacks() map[string]func(*rig, kaopass.VisitorID) error {
	return map[string]func(*rig, kaopass.VisitorID) error{
		"withdraw": func(r *rig, id kaopass.VisitorID) error {
			_, err := r.Withdraw(context.Background(), id, kaopass.ForPayment)
			return err
		},
		"erase": func(r *rig, id kaopass.VisitorID) error {
			_, err := r.EraseFace(context.Background(), id)
			return err
		},
		"freeze": func(r *rig, id kaopass.VisitorID) error {
			return r.Freeze(context.Background(), id, true, string(id))
		},
	}
}

// Confirmations race a withdrawal, an erasure and a freeze on the real database: when the answer to those comes, every
// payment that will ever succeed has, and what was confirmed later is declined.
func TestNothingIsPaidAfterTheAnswer(t *testing.T) {
	t.Parallel()
	for name, takeBack := range takeBacks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for round := range 6 {
				me, enr := r.visitor(round+1, "Taro", 20_000)
				wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
				var waiting []kaopass.PaymentID
				for range 8 {
					p := r.open(100, false)
					r.showFace(p.ID, kaopass.Enough, enr)
					waiting = append(waiting, p.ID)
				}
				paidAtAnswer := r.race(waiting, wallet, func() error { return takeBack(r, me) })
				paid := r.count("SELECT count(*) FROM payment WHERE payer = $1 AND status = 'captured'", me)
				declined := r.count("SELECT count(*) FROM payment WHERE id = ANY ($1) AND status = 'declined' AND reason IN ('consent_withdrawn', 'payer_frozen', 'method_gone')", texts2(waiting))
				if paid != paidAtAnswer || paid+declined != len(waiting) {
					t.Errorf("round %d: %d paid when the answer came, %d in the end, %d declined", round, paidAtAnswer, paid, declined)
				}
			}
			r.sound()
		})
	}
}

func texts2(ids []kaopass.PaymentID) any {
	out := make([]kaopass.EnrolmentID, len(ids))
	for i, id := range ids {
		out[i] = kaopass.EnrolmentID(id)
	}
	return texts(out)
}

// race confirms all payments beside the verb, and answers how many were captured at the moment of the verb's answer.
func (r *rig) race(waiting []kaopass.PaymentID, method kaopass.MethodID, verb func() error) (paid int) {
	r.Helper()
	var wg sync.WaitGroup
	for _, id := range waiting {
		wg.Go(func() {
			if _, err := r.ConfirmPayment(context.Background(), r.desk, kaopass.Key{}, r.till.ID, id, method); err != nil {
				r.Error(err)
			}
		})
	}
	wg.Go(func() {
		if err := verb(); err != nil {
			r.Error(err)
			return
		}
		paid = r.count("SELECT count(*) FROM payment WHERE id = ANY ($1) AND status = 'captured'", texts2(waiting))
	})
	wg.Wait()
	return paid
}

// While a card company is asked nothing is locked, so somebody may take back meanwhile: what was approved is released,
// and the till is told that nothing was paid.
func TestACardThatIsApprovedAfterTheAnswerIsReleased(t *testing.T) {
	t.Parallel()
	for name, takeBack := range takeBacks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.desk.inCall, r.desk.pause = make(chan struct{}), make(chan struct{})
			me, enr := r.visitor(1, "Taro", 0)
			visa := r.card(me).ID
			p := r.open(900, false)
			r.showFace(p.ID, kaopass.Enough, enr)
			var out Outcome
			var wg sync.WaitGroup
			wg.Go(func() {
				var err error
				if out, err = r.ConfirmPayment(context.Background(), r.desk, kaopass.Key{}, r.till.ID, p.ID, visa); err != nil {
					t.Error(err)
				}
			})
			<-r.desk.inCall
			r.ok(takeBack(r, me))
			close(r.desk.pause)
			wg.Wait()
			if out.Status != kaopass.Declined || out.Reason != kaopass.ConsentWithdrawn && out.Reason != kaopass.PayerFrozen {
				t.Errorf("%+v", out.Payment)
			}
			r.ok(r.runTasks(r.ctx, r.desk, ""))
			if calls := r.desk.calls(); !slices.Contains(calls, "release") || slices.Contains(calls, "capture 900") {
				t.Error(calls)
			}
			r.sound()
		})
	}
}

// Somebody who resembles the payer was found after the face alone had named them: the code is asked after all, by
// whichever way they pay, and who gave it already goes on.
func TestALookAlikeIsHonouredAtTheLastStep(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	_, other := r.visitor(2, "Jiro", 5000)
	wallet, visa := must(r.Wallet(r.ctx, me)).Methods[0].ID, r.card(me).ID
	code, _, err := r.IssueCode(r.ctx, me, nil)
	r.ok(err)
	byWallet, byCard := r.open(500, false), r.open(500, false)
	r.showFace(byWallet.ID, kaopass.Enough, enr)
	r.showFace(byCard.ID, kaopass.Enough, enr)
	older, newer := min(enr, other), max(enr, other) // two ids of one millisecond are in any order
	if _, err := r.pool.Exec("INSERT INTO look_alike (older, newer, since, same) VALUES ($1, $2, now(), false)", older, newer); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p Outcome
		m kaopass.MethodID
	}{{byWallet, wallet}, {byCard, visa}} {
		if out := r.confirm(c.p.ID, c.m); out.Status != kaopass.Declined || out.Reason != kaopass.CodeNeeded {
			t.Errorf("%+v", out.Payment)
		}
	}
	coded := r.open(500, false)
	if out := r.showFace(coded.ID, kaopass.Enough, enr, other); out.Status != kaopass.AwaitingCode {
		t.Fatal(out.Status)
	}
	r.ok2(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, coded.ID, code))
	if out := r.confirm(coded.ID, wallet); out.Status != kaopass.Captured {
		t.Errorf("%+v", out.Payment)
	}
}
