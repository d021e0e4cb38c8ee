package db

import (
	"testing"

	"github.com/kaopass/kaopass"
)

// A till that lost the answer to a sale whose money never came, and asks again with its key, hears what the first answer
// said: that it did not come.
func TestAKeyOfWhatWasNotCollectedHasOneOutcome(t *testing.T) {
	t.Parallel()
	for name, manual := range map[string]bool{"at once": false, "later": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			desk := &stubborn{fakeDesk: r.desk, capture: CardHoldExpired, refund: CardRefused, now: r.clock.now}
			me, enr := r.visitor(1, "Yuki", 0)
			card, till := r.card(me), r.till.ID
			p := r.open(700, manual)
			r.showFace(p.ID, kaopass.Enough, enr)
			key := r.key(string(till))
			ask := func() (Outcome, error) { return r.ConfirmPayment(r.ctx, desk, key, till, p.ID, card.ID) }
			if manual {
				r.ok(second(ask()))
				key = r.key(string(till))
				ask = func() (Outcome, error) { return r.CapturePayment(r.ctx, desk, key, till, p.ID, kaopass.Yen(600)) }
			}
			first, err := ask()
			r.ok(err)
			again, err := ask()
			r.ok(err)
			if first.Reason != kaopass.CardUncollected || !again.Replayed || again.Reason != first.Reason || again.Status != first.Status {
				t.Errorf("%s %q, and again %s %q", first.Status, first.Reason, again.Status, again.Reason)
			}
		})
	}
}

// A hold that is cancelled right after its till was approved, before the company is told: the till hears what its own call
// did, then and when it asks again.
func TestAHoldThatIsCancelledMeanwhileKeepsItsOutcome(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Yuki", 0)
	card, till := r.card(me), r.till.ID
	p := r.open(700, true)
	r.showFace(p.ID, kaopass.Enough, enr)
	key := r.key(string(till))
	out := must(r.ConfirmPayment(r.ctx, r.desk, key, till, p.ID, card.ID))
	r.cancel(p.ID)
	var charge kaopass.ChargeID
	r.ok(r.pool.GetContext(r.ctx, &charge, "SELECT id FROM card_charge WHERE payment = $1", p.ID))
	r.tellOf(r.ctx, r.desk, key, charge, &out)
	again := must(r.ConfirmPayment(r.ctx, r.desk, key, till, p.ID, card.ID))
	if out.Status != kaopass.Authorised || out.Reason != "" || !again.Replayed || again.Status != out.Status || again.Reason != "" {
		t.Errorf("%s %q, and again %s %q", out.Status, out.Reason, again.Status, again.Reason)
	}
}
