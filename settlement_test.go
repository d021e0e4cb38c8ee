package kaopass

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestADayOfTradeEndsAtFour(t *testing.T) {
	for moment, want := range map[string]TradeDay{
		"2026-07-01T03:59:59+09:00": "2026-06-30",
		"2026-07-01T04:00:00+09:00": "2026-07-01",
		"2026-07-01T23:59:59+09:00": "2026-07-01",
		"2026-12-31T19:00:00Z":      "2027-01-01",
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		day := TradeDayOf(at)
		from, until := day.Span()
		if day != want || at.Before(from) || !at.Before(until) || until.Sub(from) != 24*time.Hour {
			t.Errorf("%s is on %s, from %s until %s", moment, day, from, until)
		}
		if day.Over(until.Add(-1)) || !day.Over(until) || day.Add(1).Add(-1) != day || TradeDayOf(until) != day.Add(1) {
			t.Errorf("%s and its neighbours", day)
		}
	}
	for text, want := range map[string]bool{"2026-07-01": true, "2026-7-1": false, "2026-02-30": false, "": false, "today": false} {
		if _, ok := ParseTradeDay(text); ok != want {
			t.Errorf("%q is a day: %v", text, ok)
		}
	}
	if from, until := TradeDay("x").Span(); !from.IsZero() || !until.IsZero() || TradeDay("x").Over(time.Now()) || TradeDay("x").Add(1) != "x" {
		t.Error("a day that is none")
	}
}

// Whatever two books hold, the differences explain the day to the yen.
func TestDifferencesExplainTheDay(t *testing.T) {
	const day = TradeDay("2026-07-01")
	from, _ := day.Span()
	entry := rapid.Custom(func(t *rapid.T) CardEntry {
		e := CardEntry{Charge: ChargeID(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "charge")),
			Refund: RefundID(rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "refund")), Amount: Yen(rapid.Int64Range(1, 3).Draw(t, "yen"))}
		e.At = from.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "day"))*24*time.Hour + time.Hour)
		return e
	})
	rapid.Check(t, func(t *rapid.T) {
		var ours []CardBooking
		for _, e := range rapid.SliceOfN(entry, 0, 8).Draw(t, "ours") {
			ours = append(ours, CardBooking{CardEntry: e, Told: rapid.SampledFrom([]Told{"", ToldDone, ToldNotYet, ToldRefused, ToldBorne, ToldAtDesk, ToldBack}).Draw(t, "told")})
		}
		theirs := rapid.SliceOfN(entry, 0, 8).Draw(t, "theirs")
		left := map[bool]int64{} // by whether it is a refund
		for _, b := range ours {
			if day.has(b.CardEntry) {
				left[b.Refund != ""] += b.Amount.Value
			}
		}
		for _, e := range theirs {
			if day.has(e) {
				left[e.Refund != ""] -= e.Amount.Value
			}
		}
		for _, d := range ReconcileCards(day, ours, theirs) {
			left[d.Refund != ""] -= d.Ours.Value - d.Theirs.Value
			if d.Kind == "" || d.Charge == "" {
				t.Fatalf("%+v says nothing", d)
			}
		}
		if left[true] != 0 || left[false] != 0 {
			t.Fatalf("not explained: %v", left)
		}
	})
}

func TestBooksThatAgreeDifferInNothing(t *testing.T) {
	from, _ := TradeDay("2026-07-01").Span()
	e := CardEntry{Charge: "chg_1", Amount: Yen(5), At: from}
	twice := []CardEntry{e, e} // charged once, taken twice
	if found := ReconcileCards("2026-07-01", []CardBooking{{CardEntry: e}}, twice); len(found) != 1 || found[0].Kind != NotInLedger {
		t.Errorf("%+v", found)
	}
	if found := ReconcileCards("2026-07-01", []CardBooking{{CardEntry: e}}, twice[:1]); len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

func TestTaxFits(t *testing.T) {
	line := func(rate int, gross, tax int64) TaxLine { return TaxLine{Rate: rate, Gross: Yen(gross), Tax: Yen(tax)} }
	for name, c := range map[string]struct {
		lines []TaxLine
		fits  bool
	}{
		"none":             {nil, true},
		"one":              {[]TaxLine{line(10, 1100, 100)}, true},
		"two":              {[]TaxLine{line(10, 560, 50), line(8, 540, 40)}, true},
		"too little":       {[]TaxLine{line(10, 1000, 90)}, false},
		"too much":         {[]TaxLine{line(10, 1100, 100), line(8, 100, 7)}, false},
		"twice a rate":     {[]TaxLine{line(8, 550, 40), line(8, 550, 40)}, false},
		"another rate":     {[]TaxLine{line(5, 1100, 50)}, false},
		"nothing but tax":  {[]TaxLine{line(10, 1100, 1100)}, false},
		"below zero":       {[]TaxLine{line(10, 1110, 100), line(8, -10, 0)}, false},
		"another currency": {[]TaxLine{{Rate: 10, Gross: Money{"USD", 1100}, Tax: Yen(100)}}, false},
	} {
		if TaxFits(c.lines, Yen(1100)) != c.fits {
			t.Errorf("%s: want %v", name, c.fits)
		}
	}
	for text, want := range map[string]bool{"T1234567890123": true, "t1234567890123": false, "T123456789012": false, "T12345678901234": false, "T123456789012x": false, "": false} {
		if IsRegistration(text) != want {
			t.Errorf("%q: want %v", text, want)
		}
	}
}

// What staff settled explains a day and is no work; where the company has it all the same, it is.
func TestWhatWasSettledExplainsTheDay(t *testing.T) {
	from, _ := TradeDay("2026-07-01").Span()
	e := CardEntry{Charge: "chg_1", Amount: Yen(700), At: from}
	back := CardEntry{Charge: "chg_1", Refund: "ref_1", Amount: Yen(700), At: from}
	for told, want := range map[Told]DifferenceKind{ToldBorne: LossBorne, ToldAtDesk: DeskPaid, ToldBack: NothingOpen} {
		for _, ours := range []CardEntry{e, back} {
			found := ReconcileCards("2026-07-01", []CardBooking{{CardEntry: ours, Told: told}}, nil)
			if len(found) != 1 || found[0].Kind != want || !want.Settled() || found[0].Ours != Yen(700) || found[0].Theirs != Yen(0) {
				t.Errorf("%s: %+v", told, found)
			}
			found = ReconcileCards("2026-07-01", []CardBooking{{CardEntry: ours, Told: told}}, []CardEntry{ours})
			if len(found) != 1 || found[0].Kind != PaidAllTheSame || found[0].Kind.Settled() {
				t.Errorf("%s, and paid: %+v", told, found)
			}
			if next := ReconcileCards("2026-07-02", []CardBooking{{CardEntry: ours, Told: told}}, nil); len(next) != 0 {
				t.Errorf("on another day: %+v", next)
			}
		}
	}
	if len(DifferenceKinds()) != 15 || RefusedByProvider.Settled() {
		t.Error(DifferenceKinds())
	}
}
