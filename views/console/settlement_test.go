package console_test

import (
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/console"
	"github.com/kaopass/kaopass/views/viewtest"
)

func TestSettlement(t *testing.T) {
	viewtest.Pages(t, "settlement", func(w views.Words) templ.Component {
		m := console.SettlementModel{Page: page(w), Day: "2026-07-01", Before: "/console/settlement?day=2026-06-30", After: "/console/settlement?day=2026-07-02",
			Found: len(kaopass.DifferenceKinds()),
			Stores: []console.StoreRow{{Store: `<b>Ramen</b>`, Href: "/console/settlement?store=ramen", CSV: "/console/settlement.csv", ID: "stl_06f0000000000000000000abcd",
				Captured: "¥12,000", Refunded: "¥200", Fees: "¥0", Net: "¥11,800", Count: "12", Closed: w.DateTime(at), Late: "1 late"}},
			Sides: []console.SideRow{{Name: "Ledger", Captured: "¥12,000", Refunded: "¥200"}, {Name: "Difference", Captured: "−¥1", Refunded: "¥0", Kind: views.Again}},
			Tills: []console.TillDayRow{{Name: "ramen-1", Store: "Ramen", Href: "/console/devices/dev_1", Count: "12", Captured: "¥12,000", Refunded: "¥200", Own: "–",
				State: views.Tag{Kind: views.Info, Text: "none"}}}}
		for _, kind := range kaopass.DifferenceKinds() { // each has its sentences
			key := "console.settlement.kind." + string(kind)
			rows := &m.Differences
			if kind.Settled() {
				rows, m.Found = &m.Settled, m.Found-1
			}
			*rows = append(*rows, console.DifferenceRow{At: w.DateTime(at), Name: w.T(key + ".name"), Means: w.T(key + ".means"), Do: w.T(key + ".do"),
				Ours: "¥900", Theirs: "¥0", Store: "Ramen", Refund: kind == kaopass.AmountsDiffer, IDs: []string{"pay_06f0000000000000000000abcd", "chg_06f0000000000000000000abcd"}})
		}
		return console.Settlement(m)
	})
}

func TestASettlementOfADayThatRuns(t *testing.T) {
	viewtest.Pages(t, "settlement-empty", func(w views.Words) templ.Component {
		return console.Settlement(console.SettlementModel{Page: page(w), Day: "2026-07-01", Before: "/console/settlement?day=2026-06-30", Running: true, OK: true,
			Sides: []console.SideRow{{Name: "Difference", Captured: "¥0", Refunded: "¥0", Kind: views.Good}}})
	})
}

func TestADayWithoutTradeIsNotCalledClosed(t *testing.T) {
	viewtest.Pages(t, "settlement-none", func(w views.Words) templ.Component {
		return console.Settlement(console.SettlementModel{Page: page(w), Day: "2026-07-01", Before: "/console/settlement?day=2026-06-30", Closed: true, OK: true})
	})
}
