package db

import (
	"errors"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// A till's day by method, by its store's settlement, and by its own report; another till's money is not in it.
func TestATillsDayForItsReport(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	r.pay(700, true, enr, me) // held only
	p := r.pay(3000, false, enr, me)
	r.ok2(r.refund(p.ID, 1000))
	if now := must(r.TillReport(r.ctx, r.till.ID, "")); now.Day != today {
		t.Error(now.Day)
	}
	other := r.device(kaopass.Till, "Ramen 3", "food-hall")
	got := must(r.TillReport(r.ctx, r.till.ID, today))
	sold := totals(1, 3000, 1, 1000)
	if len(got.Methods) != 1 || got.Methods[0] != (kaopass.MethodTotals{Method: kaopass.EMoney, Totals: sold}) || got.All != sold ||
		got.Unprinted != 2 || got.Over() || !got.SettledAt.IsZero() || got.Unsettled() != kaopass.Yen(2000) || got.Misreported() != kaopass.Yen(0) ||
		got.Till != "Ramen 2" || got.Store != "food-hall" {
		t.Errorf("%+v", got)
	}
	if empty := must(r.TillReport(r.ctx, other.ID, today)); len(empty.Methods) != 0 || empty.All != totals(0, 0, 0, 0) {
		t.Errorf("%+v", empty)
	}
	must(r.ReportTotals(r.ctx, TillTotals{Till: r.till.ID, Day: today, Own: totals(1, 3000, 0, 0)}))
	if got = must(r.TillReport(r.ctx, r.till.ID, today)); got.Misreported() != kaopass.Yen(1000) {
		t.Errorf("%+v", got)
	}
	for name, c := range map[string]struct {
		till kaopass.DeviceID
		day  kaopass.TradeDay
	}{"tomorrow": {r.till.ID, today.Add(1)}, "no day": {r.till.ID, "never"}} {
		if _, err := r.TillReport(r.ctx, c.till, c.day); stateOf(err) != "day_not_begun" {
			t.Error(name, err)
		}
	}
	if _, err := r.TillReport(r.ctx, r.gate.ID, today); !errors.Is(err, ErrNotFound) {
		t.Error("a gate:", err)
	}
	r.below()
	r.nextMorning()
	r.closes(today, "stf_1")
	if got = must(r.TillReport(r.ctx, r.till.ID, today)); !got.Over() || got.Settled != sold || got.Unsettled() != kaopass.Yen(0) ||
		got.SettledAt.Before(opening.Add(time.Hour)) {
		t.Errorf("settled: %+v", got)
	}
	if got = must(r.TillReport(r.ctx, other.ID, today)); got.SettledAt.IsZero() || got.Settled != totals(0, 0, 0, 0) {
		t.Errorf("settled, of another till: %+v", got)
	}
}
