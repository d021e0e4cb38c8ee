package receipt

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Day is a till's day on paper, for whoever counts the drawer: what tills call a Z report, and an X report before the day
// is over.
type Day struct {
	Words  views.Words
	Issuer kaopass.Issuer
	Report kaopass.TillReport
}

func (d Day) t(key string) string { return d.Words.T("receipt.day." + key) }

// Printable is the same report in a language that the printer's font has.
func (d Day) Printable() Day {
	if d.Words.Lang != kaopass.Japanese {
		d.Words = views.Speak(kaopass.English)
	}
	return d
}

// Lines is the whole report, from the top.
func (d Day) Lines() []Line {
	r, title := d.Report, "running"
	if r.Over() {
		title = "over"
	}
	lines := []Line{{Left: d.Issuer.Name, Style: Title}, {Left: string(r.Store), Right: r.Till}, {Style: Rule}, {Left: d.t(title), Style: Title},
		{Left: d.date(), Style: Centre}, {Left: d.t("read"), Right: d.Words.DateTime(r.At)}, {Style: Rule}}
	for _, m := range r.Methods {
		lines = append(lines, Line{Left: methodName(d.Words, m.Method), Style: Heading})
		lines = append(lines, d.totals(m.Totals)...)
	}
	if len(r.Methods) == 0 {
		lines = append(lines, Line{Left: d.t("nothing")})
	}
	lines = append(lines, Line{Style: Rule}, Line{Left: d.t("all"), Style: Heading})
	lines = append(lines, d.totals(r.All)...)
	lines = append(lines, Line{Left: d.t("net"), Right: d.Words.Yen(r.All.Net()), Style: Total}, Line{Style: Rule})
	lines = append(lines, d.settled()...)
	lines = append(lines, d.reported()...)
	return append(lines, Line{Left: d.t("unprinted"), Right: d.Words.Number(int64(r.Unprinted))})
}

// date is the day's own name, by a moment in the middle of it.
func (d Day) date() string {
	from, _ := d.Report.Day.Span()
	return d.Words.Date(from.Add(12 * time.Hour))
}

// totals says how often and how much.
func (d Day) totals(t kaopass.Totals) []Line {
	count := func(key string, n int) string {
		return d.Words.With("receipt.day."+key, views.Args{"N": d.Words.Number(int64(n))})
	}
	back := t.Refunded
	back.Value = -back.Value
	return []Line{{Left: count("captured", t.Captures), Right: d.Words.Yen(t.Captured)}, {Left: count("refunded", t.Refunds), Right: d.Words.Yen(back)}}
}

// settled is what the store's settlement of the day counted of it, and what it did not.
func (d Day) settled() []Line {
	if d.Report.SettledAt.IsZero() {
		return []Line{{Left: d.t("unsettled")}}
	}
	return []Line{{Left: d.t("settled"), Right: d.Words.Yen(d.Report.Settled.Net())},
		{Left: d.t("difference"), Right: d.Words.Yen(d.Report.Unsettled())}, {Left: d.t("closed"), Right: d.Words.DateTime(d.Report.SettledAt)}}
}

// reported is what the till said of itself; our own screen says nothing, as it counts nothing by itself.
func (d Day) reported() []Line {
	if d.Report.ReportedAt.IsZero() {
		return nil
	}
	return []Line{{Left: d.t("reported"), Right: d.Words.Yen(d.Report.Reported.Net())},
		{Left: d.t("difference"), Right: d.Words.Yen(d.Report.Misreported())}}
}
