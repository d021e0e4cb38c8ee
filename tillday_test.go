package kaopass

import (
	"testing"
	"time"
)

func TestWhatATillsDayLeavesOver(t *testing.T) {
	sold := func(captured, refunded int64) Totals {
		return Totals{Captures: 1, Captured: Yen(captured), Refunds: 1, Refunded: Yen(refunded)}
	}
	at := time.Date(2026, 7, 2, 3, 0, 0, 0, time.UTC)
	r := TillReport{Day: "2026-07-01", At: at, All: sold(1200, 200)}
	if r.Unsettled() != Yen(1000) || r.Misreported() != Yen(0) || !r.Over() {
		t.Errorf("before: %v %v %v", r.Unsettled(), r.Misreported(), r.Over())
	}
	r.Settled, r.SettledAt, r.Reported, r.ReportedAt = sold(1100, 200), at, sold(1300, 0), at
	if r.Unsettled() != Yen(100) || r.Misreported() != Yen(300) {
		t.Errorf("after: %v %v", r.Unsettled(), r.Misreported())
	}
	if r.Day = "2026-07-02"; r.Over() {
		t.Error("a day that runs is over")
	}
}
