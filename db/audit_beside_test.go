package db

import (
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// auditedTransfers is how long a book is audited here: 15,000 transfers, or as KAOPASS_AUDIT says.
func auditedTransfers(t *testing.T) int {
	t.Helper()
	if long, err := strconv.Atoi(os.Getenv("KAOPASS_AUDIT")); err == nil {
		return long
	}
	return 15_000
}

// An audit of a long book takes no lock that a payment waits for, and what is paid meanwhile breaks nothing: neither the
// audit that runs nor the next one.
func TestPaymentsGoOnBesideAnAudit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.FillPay(r.ctx, 10_000))
	n := auditedTransfers(t)
	r.ok(r.FillPast(r.ctx, n-10_000, 10_000))
	r.ok(r.FillVacuum(r.ctx))
	waiting := must(r.FillAwaiting(r.ctx, "beside", 3000, 4, 10_000))
	pay := func(w Awaiting) time.Duration {
		begin := time.Now()
		out, err := r.ConfirmPayment(r.ctx, r.desk, r.key(string(w.Till)), w.Till, w.Payment, w.Method)
		if r.ok(err); out.Status != kaopass.Captured {
			t.Fatalf("%+v", out.Payment)
		}
		return time.Since(begin)
	}
	var alone, beside []time.Duration
	for _, w := range waiting[:200] {
		alone = append(alone, pay(w))
	}
	var over atomic.Bool
	var took time.Duration
	ended := make(chan error, 1)
	go func() {
		begin := time.Now()
		audit, err := r.AuditLedger(r.ctx)
		took = time.Since(begin)
		over.Store(true)
		if err == nil && (!audit.OK || audit.Transfers < int64(n)) {
			t.Errorf("%+v", audit)
		}
		ended <- err
	}()
	for _, w := range waiting[200:] {
		if over.Load() {
			break
		}
		beside = append(beside, pay(w))
	}
	r.ok(<-ended)
	slices.Sort(alone)
	slices.Sort(beside)
	if len(beside) == 0 {
		t.Fatal("nothing was paid while the audit ran")
	}
	t.Logf("an audit of %d transfers took %v; %d payments meanwhile, median %v, slowest %v; alone, median %v, slowest %v", n,
		took.Round(time.Millisecond), len(beside), beside[len(beside)/2], beside[len(beside)-1], alone[100], alone[199])
	if slowest := beside[len(beside)-1]; slowest > took*3/4 && slowest > time.Second {
		t.Errorf("a payment took %v: it waited for the audit", slowest)
	}
	r.sound()
}
