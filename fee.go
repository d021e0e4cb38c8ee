package kaopass

import (
	"slices"
	"strings"
	"time"
)

// Limits of a store's fee.
const (
	FeePointsMax = 3000 // basis points: thirty percent
	FeeAheadMax  = 400  // days: so far ahead a rate may be set
)

// FeeRate is what a store pays the venue of its trade, in force from a day on. It is set before that day begins, and never
// edited: another rate for the same day, set later and still in time, takes its place.
type FeeRate struct {
	Store  Zone
	Points int // basis points: 250 are 2.5 %
	From   TradeDay
	SetAt  time.Time
	SetBy  string // a StaffID, or "venue"
}

// FeeRefusal names what is wrong with a rate that is set at a moment: "store", "points" or "from"; empty where nothing is.
// A day that has begun keeps its rate: nothing is ever changed in retrospect.
func (r FeeRate) FeeRefusal(at time.Time) string {
	from, _ := r.From.Span()
	today := TradeDayOf(at)
	switch {
	case r.Store == "":
		return "store"
	case r.Points < 0 || r.Points > FeePointsMax:
		return "points"
	case from.IsZero() || r.From <= today || r.From > today.Add(FeeAheadMax):
		return "from"
	}
	return ""
}

// RateInForce is the rate of a day, of all that were ever set for a store, the newest first: ok is false where none was set yet.
func RateInForce(newestFirst []FeeRate, day TradeDay) (in FeeRate, ok bool) {
	for _, r := range newestFirst {
		if r.From <= day && r.From > in.From { // of several for one day the last that was set
			in, ok = r, true
		}
	}
	return in, ok
}

// RatesToCome are those that begin after a day, the nearest first; of several for one day the last that was set.
func RatesToCome(newestFirst []FeeRate, after TradeDay) (next []FeeRate) {
	for _, r := range newestFirst {
		same := func(o FeeRate) bool { return o.From == r.From }
		if r.From > after && !slices.ContainsFunc(next, same) {
			next = append(next, r)
		}
	}
	slices.SortFunc(next, func(a, b FeeRate) int { return strings.Compare(string(a.From), string(b.From)) })
	return next
}

// FeeBase is what a settlement's fee is made of, in yen times basis points: each yen that was captured times the rate of
// the day on which it was captured, less each yen given back times that same rate.
//
// So a refund gives its part of the fee back, at the rate at which it was taken: the venue earns of trade that stands, a
// till that crashes and cancels costs its store nothing, and nobody gains by buying on a cheap day and giving back on a dear
// one. What was captured late belongs to its own day's rate too.
type FeeBase int64

// Add adds what was captured (negative: given back) at a rate.
func (b FeeBase) Add(yen int64, points int) FeeBase { return b + FeeBase(yen*int64(points)) }

// Fee rounds, once for the whole settlement: to the next yen, half a yen away from zero. Truncating would give each store
// up to a yen of the venue's a day, rounding line by line would take most of a small line's fee or double it; rounding the
// day's sum to the nearest errs by half a yen at most, to either side. Away from zero, as then a day that only gives back
// returns exactly what the day that only sold has paid: Fee of −b is −Fee of b. It is below zero on a day that gave back more
// fees than it made: then the venue pays the store.
func (b FeeBase) Fee() Money {
	const whole, half = 10_000, 5_000
	if b < 0 {
		return Yen(-(int64(-b) + half) / whole)
	}
	return Yen((int64(b) + half) / whole)
}
