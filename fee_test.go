package kaopass

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAFeeIsRoundedOnce(t *testing.T) {
	for _, c := range []struct {
		yen    int64
		points int
		fee    int64
	}{{0, 250, 0}, {1000, 0, 0}, {1000, 250, 25}, {1, 250, 0}, {19, 250, 0}, {20, 250, 1}, {59, 250, 1}, {60, 250, 2}, {1, 3000, 0}, {2, 3000, 1}, {-1000, 250, -25}, {-20, 250, -1}, {-19, 250, 0}} {
		if fee := FeeBase(0).Add(c.yen, c.points).Fee(); fee != Yen(c.fee) {
			t.Errorf("%d yen at %d points: %s, want %d", c.yen, c.points, fee, c.fee)
		}
	}
}

// The fee is nearest to what the rates make of the trade; what is given back as a whole gives the whole fee back.
func TestFeesErrByHalfAYen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var base, back FeeBase
		exact := int64(0)
		for range rapid.IntRange(0, 12).Draw(t, "lines") {
			yen, points := rapid.Int64Range(-50_000, 50_000).Draw(t, "yen"), rapid.IntRange(0, FeePointsMax).Draw(t, "points")
			base, back = base.Add(yen, points), back.Add(-yen, points)
			exact += yen * int64(points)
		}
		if off := base.Fee().Value*10_000 - exact; off > 5_000 || off < -5_000 {
			t.Fatalf("%d is off by %d of ten thousand", base.Fee().Value, off)
		}
		if base.Fee().Value+back.Fee().Value != 0 {
			t.Fatalf("took %d and gave back %d", base.Fee().Value, back.Fee().Value)
		}
	})
}

func TestAFeeIsSetBeforeItsDay(t *testing.T) {
	at := time.Date(2027, 5, 3, 3, 0, 0, 0, time.UTC)
	today := TradeDayOf(at)
	for name, c := range map[string]struct {
		rate  FeeRate
		wrong string
	}{
		"tomorrow":    {FeeRate{Store: "ramen", Points: 250, From: today.Add(1)}, ""},
		"nothing":     {FeeRate{Store: "ramen", From: today.Add(FeeAheadMax)}, ""},
		"today":       {FeeRate{Store: "ramen", Points: 250, From: today}, "from"},
		"yesterday":   {FeeRate{Store: "ramen", Points: 250, From: today.Add(-1)}, "from"},
		"far away":    {FeeRate{Store: "ramen", Points: 250, From: today.Add(FeeAheadMax + 1)}, "from"},
		"no day":      {FeeRate{Store: "ramen", Points: 250, From: "soon"}, "from"},
		"no store":    {FeeRate{Points: 250, From: today.Add(1)}, "store"},
		"below zero":  {FeeRate{Store: "ramen", Points: -1, From: today.Add(1)}, "points"},
		"more than ⅓": {FeeRate{Store: "ramen", Points: FeePointsMax + 1, From: today.Add(1)}, "points"},
	} {
		if wrong := c.rate.FeeRefusal(at); wrong != c.wrong {
			t.Errorf("%s: %q, want %q", name, wrong, c.wrong)
		}
	}
}

// Of what was set, in whatever order, the last for a day counts; what begins today is in force, and not to come.
func TestWhichRateIsInForce(t *testing.T) {
	set := []FeeRate{{Points: 6, From: "2026-07-05"}, {Points: 5, From: "2026-07-03"}, {Points: 4, From: "2026-07-09"},
		{Points: 3, From: "2026-07-05"}, {Points: 2, From: "2026-07-01"}, {Points: 1, From: "2026-07-03"}} // the newest first
	for day, want := range map[TradeDay][]int{"2026-06-30": {0, 2, 5, 6, 4}, "2026-07-01": {2, 5, 6, 4}, "2026-07-02": {2, 5, 6, 4},
		"2026-07-03": {5, 6, 4}, "2026-07-05": {6, 4}, "2026-07-10": {4}} {
		in, ok := RateInForce(set, day)
		got := []int{in.Points}
		for _, r := range RatesToCome(set, day) {
			got = append(got, r.Points)
		}
		if !slices.Equal(got, want) || ok != (want[0] != 0) {
			t.Errorf("%s: %v", day, got)
		}
	}
}
