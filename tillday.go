package kaopass

import "time"

// Net is what is left of what was sold.
func (t Totals) Net() Money { return Yen(t.Captured.Value - t.Refunded.Value) }

// MethodTotals are a till's totals by one way to pay.
type MethodTotals struct {
	Method MethodKind
	Totals
}

// TillReport is a till's day as it is printed when the drawer is closed (tills call it a Z report), or before (X): by our
// ledger, by what its store's settlement counted, and by what the till itself reported.
type TillReport struct {
	Till       string // its name
	Store      Zone
	Day        TradeDay
	At         time.Time // when it was read
	Methods    []MethodTotals
	All        Totals
	Settled    Totals    // of this till, in the settlement of that day
	SettledAt  time.Time // zero: the store's day is not settled yet
	Reported   Totals
	ReportedAt time.Time // zero: the till reported nothing
	Unprinted  int       // receipts
}

// Over reports whether nothing can be added to the day any more.
func (r TillReport) Over() bool { return r.Day.Over(r.At) }

// Unsettled is what the ledger has of the day and its settlement has not: what came so late that it belongs to the next
// one. It is everything while the day is not settled.
func (r TillReport) Unsettled() Money { return Yen(r.All.Net().Value - r.Settled.Net().Value) }

// Misreported is what the till reported above what the ledger has; zero where it reported nothing.
func (r TillReport) Misreported() Money {
	if r.ReportedAt.IsZero() {
		return Yen(0)
	}
	return Yen(r.Reported.Net().Value - r.All.Net().Value)
}
