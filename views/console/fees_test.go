package console_test

import (
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/console"
	"github.com/kaopass/kaopass/views/viewtest"
)

func TestFees(t *testing.T) {
	rate := kaopass.FeeRate{Store: "<b>Ramen</b>", Points: 1050, From: "2026-07-03", SetAt: at, SetBy: "stf_1"}
	for _, wrong := range []string{"store", "points", "from"} {
		viewtest.Pages(t, "fees-"+wrong, func(w views.Words) templ.Component {
			return console.Fees(console.FeesModel{Page: page(w), Today: "2026-07-01", May: true, Staff: map[kaopass.StaffID]string{"stf_1": "Hana"},
				Stores:  []console.FeeRow{{Store: "<b>Ramen</b>", Points: 250, Next: []kaopass.FeeRate{rate}}, {Store: "Ice"}},
				History: []kaopass.FeeRate{rate, {Store: "Ice", From: "2026-06-01", SetAt: at, SetBy: "venue"}},
				Form:    console.FeeForm{Store: "Ice", Percent: "<2>", From: "2026-07-02", Wrong: wrong}})
		})
	}
	viewtest.Pages(t, "fees-none", func(w views.Words) templ.Component { return console.Fees(console.FeesModel{Page: page(w)}) })
}

func TestPercent(t *testing.T) {
	for points, want := range map[int]string{0: "0 %", 5: "0.05 %", 250: "2.5 %", 1000: "10 %", 3000: "30 %", 1234: "12.34 %"} {
		if got := console.Percent(points); got != want {
			t.Errorf("%d: %q", points, got)
		}
	}
}

// dues is one refund of each reason, the last of them paid out.
func dues() (all []kaopass.RefundDue) {
	for i, why := range kaopass.OwedWhys() {
		d := kaopass.RefundDue{Refund: "ref_06f0000000000000000000abcd", Why: why, Amount: kaopass.Yen(1200), Payment: "pay_06f0000000000000000000abcd",
			OrderRef: "<b>7</b>", Store: "Ramen", Till: "<i>ramen-1</i>", Sold: at.Add(-time.Hour), At: at}
		if i == 1 { // a top-up's
			d.Payment, d.Charge, d.Store, d.Till, d.OrderRef = "", "chg_06f0000000000000000000abcd", "", "", ""
		}
		if i == 2 {
			d.Paid, d.PaidBy, d.Receipt, d.Note = at.Add(time.Hour), "stf_1", "2026-<7>", "came <b>back</b>"
		}
		all = append(all, d)
	}
	return all
}

func TestDues(t *testing.T) {
	staff := map[kaopass.StaffID]string{"stf_1": "Hana"}
	viewtest.Pages(t, "dues", func(w views.Words) templ.Component {
		return console.Dues(console.DuesModel{Page: page(w), List: dues(), Count: 2, Sum: w.Yen(kaopass.Yen(2400)), Older: "9", Reference: "<pay>", Staff: staff})
	})
	viewtest.Pages(t, "dues-none", func(w views.Words) templ.Component {
		return console.Dues(console.DuesModel{Page: page(w), Paid: true})
	})
	for i, d := range dues() {
		for _, wrong := range []string{"", "receipt", "note"} {
			viewtest.Pages(t, "due-"+string(d.Why)+wrong, func(w views.Words) templ.Component {
				return console.Due(console.DueModel{Page: page(w), Due: dues()[i], Key: "k", Receipt: "<7>", Wrong: wrong, Staff: staff})
			})
		}
	}
}

func TestTopUps(t *testing.T) {
	for _, wrong := range []string{"", "amount", "why"} {
		viewtest.Pages(t, "topups"+wrong, func(w views.Words) templ.Component {
			return console.TopUps(console.TopUpsModel{Page: page(w), Visitor: kaopass.Visitor{ID: "vis_1", Name: "<b>Taro</b>"}, Wallet: kaopass.Yen(900), Held: kaopass.Yen(100),
				Key: "k", Amount: "<5>", Wrong: wrong, List: []console.TopUpLine{{ID: "trf_1", At: w.DateTime(at), Amount: kaopass.Yen(3000), Left: kaopass.Yen(2000), Card: true, On: true},
					{ID: "trf_2", At: w.DateTime(at), Amount: kaopass.Yen(500), Left: kaopass.Yen(0)}}})
		})
	}
	viewtest.Pages(t, "topups-none", func(w views.Words) templ.Component { return console.TopUps(console.TopUpsModel{Page: page(w)}) })
}
