package db

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// Each look begins where the last one ended, a while back: whatever waits is ended at its time, also what committed late.
func TestNothingThatWaitsIsPassedOver(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	upto := func() (at time.Time) {
		t.Helper()
		r.ok(r.pool.GetContext(r.ctx, &at, "SELECT upto FROM payment_sweep"))
		return at
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		if draw.IntN(3) > 0 {
			r.open(100, draw.IntN(2) == 0)
		}
		r.clock.turn(time.Duration(draw.IntN(90)) * time.Second)
		r.ok(second(r.Expire(r.ctx, r.desk)))
		over := r.count("SELECT count(*) FROM payment WHERE status = 'awaiting_face' AND expires_at <= $1", r.clock.now())
		if over > 0 {
			t.Fatal(over, "wait though their time is over")
		}
	}
	if behind := r.clock.now().Sub(upto()); behind < sweepSlack || behind > sweepSlack+3*time.Minute {
		t.Error("the next look begins", behind, "back")
	}
	late := r.open(100, false)
	_, err := r.pool.ExecContext(r.ctx, "UPDATE payment SET expires_at = $2 WHERE id = $1", late.ID, r.clock.now().Add(-sweepSlack+time.Second))
	r.ok(err)
	if n := must(r.Expire(r.ctx, r.desk)); n != 1 {
		t.Error("what committed late:", n)
	}
	// one that stays, as while a card company is asked, is found again and again
	stuck := r.open(100, false)
	_, err = r.pool.ExecContext(r.ctx, "INSERT INTO card_charge (id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body) "+
		"SELECT 'chg_1', 'v', 'm', $1, 'JPY', 100, 'unknown', '2100-01-01', '', '', ''", stuck.ID)
	r.ok(err)
	r.clock.turn(24 * time.Hour)
	r.ok(second(r.Expire(r.ctx, r.desk)))
	if p := must(r.Payment(r.ctx, r.till.ID, stuck.ID)); p.Status != kaopass.AwaitingFace || !upto().Equal(p.Expires) {
		t.Error(p.Status, upto(), p.Expires)
	}
}
