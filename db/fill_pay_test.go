package db

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
)

// What a benchmark is filled with is a sound book, on which payments go on as ever.
func TestAFilledVenueIsSound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.FillPay(r.ctx, 10_000))
	r.ok(r.FillPast(r.ctx, 2000, 10_000))
	r.ok(r.FillVacuum(r.ctx))
	r.sound()
	if n := r.count("SELECT count(*) FROM transfer"); n != 10_000+2000 {
		t.Error(n, "transfers")
	}
	waiting, err := r.FillAwaiting(r.ctx, "x", 20, FillTills, 10_000)
	r.ok(err)
	for _, w := range waiting {
		key := kaopass.Key{Owner: string(w.Till), Name: string(w.Payment), Body: sha256.Sum256(nil)}
		if out := r.ok2(r.ConfirmPayment(r.ctx, r.desk, key, w.Till, w.Payment, w.Method)); out.Status != kaopass.Captured {
			t.Error(out.Status, out.Reason)
		}
	}
	r.sound()
	if err := r.FillPay(r.ctx, 10_000); err == nil {
		t.Error("a venue with people in it was filled")
	}
}

// Our own TPC-B does to a bank what TPC-B does: whatever an account got, its teller, its branch and the history got too.
func TestOurTPCBKeepsItsBooks(t *testing.T) {
	t.Parallel()
	b, err := OpenTPCB(t.Context(), dbtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	rate, err := b.Run(t.Context(), 4, 300*time.Millisecond)
	if err != nil || rate <= 0 {
		t.Fatal(rate, err)
	}
	var sums []int64
	err = b.pool.SelectContext(t.Context(), &sums, "SELECT coalesce(sum(abalance), 0) FROM pgbench_accounts UNION ALL SELECT coalesce(sum(tbalance), 0)"+
		" FROM pgbench_tellers UNION ALL SELECT coalesce(sum(bbalance), 0) FROM pgbench_branches UNION ALL SELECT coalesce(sum(delta), 0) FROM pgbench_history")
	if err != nil || sums[0] != sums[1] || sums[0] != sums[2] || sums[0] != sums[3] {
		t.Error(sums, err)
	}
}

// A group reads its own payments, not all that wait, however few the server believes those to be.
func TestAGroupLooksItsPaymentsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.FillPay(r.ctx, 10_000))
	r.ok(r.FillPast(r.ctx, 20000, 10_000))
	r.ok(r.FillVacuum(r.ctx))
	waiting, err := r.FillAwaiting(r.ctx, "x", 500, FillTills, 10_000)
	r.ok(err)
	var group []*confirmation
	for _, w := range waiting[:4] {
		key := kaopass.Key{Owner: string(w.Till), Name: string(w.Payment), Body: sha256.Sum256(nil)}
		group = append(group, &confirmation{ask: r.instant().ask(key, w.Till, w.Payment), method: w.Method})
	}
	r.ok(r.tx(r.ctx, func(t *tx) error {
		var paid []paidMember
		if err := t.list(&paid, t.q.Payment.ConfirmAll, groupArgs(group, t.now)...); err != nil || len(paid) != len(group) {
			r.Error(len(paid), err)
		}
		var read int
		err := t.sql.GetContext(r.ctx, &read, "SELECT pg_stat_get_xact_tuples_returned('payment'::regclass) + "+
			"(SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = 'payment'::regclass)")
		if most := 100 * len(group); err == nil && (read < len(group) || read > most) {
			r.Errorf("a group of %d read %d payments and entries", len(group), read)
		}
		return err
	}))
}
