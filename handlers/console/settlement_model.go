package console

import (
	"net/url"
	"strconv"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// settlementModel turns what was found into what the page shows.
func settlementModel(p views.Page, r db.Reconciliation) view.SettlementModel {
	w := p.Words
	m := view.SettlementModel{Page: p, Day: r.Day, Store: r.Store, Before: dayHref(r.Day.Add(-1), r.Store), After: dayHref(r.Day.Add(1), r.Store),
		Running: !r.Day.Over(r.At), Closed: r.Closed, OK: r.OK(), Away: r.ProviderAway, Found: r.DifferencesFound}
	if kaopass.TradeDayOf(r.At) <= r.Day {
		m.After = ""
	}
	for _, s := range r.Settlements {
		m.Stores = append(m.Stores, storeRow(w, s))
	}
	m.Sides = sideRows(w, r)
	for _, t := range r.Tills {
		m.Tills = append(m.Tills, tillRow(w, t))
	}
	for _, d := range r.Differences {
		m.Differences = append(m.Differences, differenceRow(w, d))
	}
	for _, d := range r.Settled {
		m.Settled = append(m.Settled, differenceRow(w, d))
	}
	return m
}

func dayHref(day kaopass.TradeDay, store kaopass.Zone) string {
	v := url.Values{"day": {string(day)}}
	if store != "" {
		v.Set("store", string(store))
	}
	return "/console/settlement?" + v.Encode()
}

func storeRow(w views.Words, s kaopass.Settlement) view.StoreRow {
	row := view.StoreRow{Store: string(s.Store), Href: dayHref(s.Day, s.Store), Captured: w.Yen(s.Captured), Refunded: w.Yen(s.Refunded), Fees: w.Yen(s.Fees),
		Net: w.Yen(s.Net), Count: w.Number(int64(s.Captures + s.Refunds)), Closed: w.DateTime(s.ClosedAt), ID: string(s.ID),
		CSV: "/console/settlement.csv?" + url.Values{"day": {string(s.Day)}, "store": {string(s.Store)}}.Encode()}
	if s.FeePoints > 0 || s.FeeTransfer != "" {
		row.Rate = view.Percent(s.FeePoints)
	}
	if s.Late > 0 {
		row.Late = w.With("console.settlement.late", views.Args{"N": strconv.Itoa(s.Late)})
	}
	return row
}

// sideRows puts what each side says of the same money one below the other.
func sideRows(w views.Words, r db.Reconciliation) []view.SideRow {
	row := func(key string, s db.Sides) view.SideRow {
		return view.SideRow{Name: w.T("console.settlement.side." + key), Captured: w.Yen(s.Captured), Refunded: w.Yen(s.Refunded)}
	}
	rows := []view.SideRow{row("ledgerCard", r.Card)}
	if len(r.Settled) > 0 {
		rows = append(rows, row("byHand", r.ByHand))
	}
	if !r.ProviderAway {
		rows = append(rows, row("provider", r.Provider))
		diff := row("difference", r.Left())
		diff.Kind = views.Good
		if r.Left() != (db.Sides{Captured: kaopass.Yen(0), Refunded: kaopass.Yen(0)}) {
			diff.Kind = views.Again
		}
		rows = append(rows, diff)
	}
	return append(rows, row("ledgerWallet", r.EMoney))
}

func tillRow(w views.Words, t db.TillDay) view.TillDayRow {
	row := view.TillDayRow{Name: t.Name, Store: string(t.Store), Href: "/console/devices/" + string(t.Till), Count: w.Number(int64(t.Ours.Captures + t.Ours.Refunds)),
		Captured: w.Yen(t.Ours.Captured), Refunded: w.Yen(t.Ours.Refunded), Own: "–"}
	switch {
	case t.Reported.IsZero():
		row.State = views.Tag{Kind: views.Info, Text: w.T("console.settlement.noReport")}
		return row
	case t.Agrees():
		row.State = views.Tag{Kind: views.Good, Text: w.T("console.settlement.agrees")}
	default:
		row.State = views.Tag{Kind: views.Again, Text: w.T("console.settlement.differs")}
	}
	row.Own = w.With("console.settlement.own", views.Args{"N": w.Number(int64(t.Own.Captures + t.Own.Refunds)), "Captured": w.Yen(t.Own.Captured),
		"Refunded": w.Yen(t.Own.Refunded)})
	return row
}

func differenceRow(w views.Words, d kaopass.Difference) view.DifferenceRow {
	key := "console.settlement.kind." + string(d.Kind)
	row := view.DifferenceRow{At: w.DateTime(d.At), Name: w.T(key + ".name"), Means: w.T(key + ".means"), Do: w.T(key + ".do"),
		Ours: w.Yen(d.Ours), Theirs: w.Yen(d.Theirs), Store: string(d.Store), Refund: d.Refund != ""}
	for _, id := range []string{string(d.Payment), string(d.Charge), string(d.Refund), string(d.Till)} {
		if id != "" {
			row.IDs = append(row.IDs, id)
		}
	}
	return row
}
