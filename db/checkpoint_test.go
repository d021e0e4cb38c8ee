package db

import (
	"errors"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// owed reads a store's balance by both ways: as the program does, and from all transfers there ever were.
func (r *rig) owed(store kaopass.Zone) int64 {
	r.Helper()
	m, err := r.StoreBalance(r.ctx, store)
	r.ok(err)
	all := r.count("SELECT coalesce(sum(CASE t.credit WHEN a.id THEN t.amount ELSE -t.amount END), 0) FROM transfer t, account a"+
		" WHERE a.kind = 'store' AND a.owner = $1 AND t.state = 'posted' AND a.id IN (t.credit, t.debit)", store)
	if m.Value != int64(all) {
		r.Errorf("%s: %d by its checkpoint, %d by its transfers", store, m.Value, all)
	}
	return m.Value
}

func TestAStoresBalanceIsItsCheckpointAndWhatCameSince(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.StoreBalance(r.ctx, "food-hall"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	me, enr := r.visitor(1, "Taro", 10_000)
	p := r.pay(1000, false, enr, me)
	if got := r.owed("food-hall"); got != 1000 {
		t.Error(got)
	}
	r.pointed(true)
	r.ok2(r.refund(p.ID, 300))
	r.pay(50, true, enr, me) // held: not yet the store's
	if got := r.owed("food-hall"); got != 700 {
		t.Error(got)
	}
	r.pointed(true)
	r.pointed(false)
	if got := r.owed("food-hall"); got != 700 {
		t.Error(got)
	}
	r.sound()
	r.forge("UPDATE account_checkpoint SET balance = balance + 1")
	audit, err := r.AuditLedger(r.ctx)
	if r.ok(err); audit.OK || !strings.Contains(strings.Join(audit.Breaches, "\n"), "(store food-hall) has 701 in the checkpoint") {
		t.Error(audit.Breaches)
	}
}

// pointed makes a checkpoint, once nothing that another test has open on this server holds the horizon back.
func (r *rig) pointed(want bool) {
	r.Helper()
	if !want {
		made, err := r.Checkpoint(r.ctx)
		if r.ok(err); made {
			r.Error("a checkpoint of nothing new")
		}
		return
	}
	r.until("a checkpoint", func() bool {
		made, err := r.Checkpoint(r.ctx)
		r.ok(err)
		return made && r.count("SELECT count(*) FROM transfer WHERE number >= (SELECT max(below) FROM checkpoint) AND state = 'posted'") == 0
	})
}

// A payment that began before a checkpoint and commits after it is in the next one, though its number is lower than those
// of payments that committed meanwhile.
func TestALateCommitIsMissedByNoCheckpoint(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 10_000)
	r.pay(1000, false, enr, me)
	late, err := r.pool.BeginTxx(r.ctx, nil)
	r.ok(err)
	insert := "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" SELECT $1, at, kind, state, $2, credit, currency, $3, visitor, device, $1, '', '', '' FROM transfer WHERE kind = 'payment'"
	source := must1(r, "SELECT id FROM account WHERE kind IN ('desk', 'topup') LIMIT 1")
	_, err = late.ExecContext(r.ctx, insert, "trf_late", source, 7)
	r.ok(err)
	r.pay(200, false, enr, me) // commits while the other one is open
	for range 3 {
		_, err := r.Checkpoint(r.ctx)
		r.ok(err)
	}
	if got := r.owed("food-hall"); got != 1200 {
		t.Error("before the late one:", got)
	}
	r.ok(late.Commit())
	if got := r.owed("food-hall"); got != 1207 {
		t.Error("after it:", got)
	}
	r.pointed(true)
	if got := r.owed("food-hall"); got != 1207 {
		t.Error("in the next checkpoint:", got)
	}
}
