// Package receipt writes what a person is given for their money: as lines for a screen, as text, and as the bytes that a
// terminal's printer takes.
//
// Start at [Paper]. What stays true: it holds no name, no face and no code of whoever paid; every form says the same, as
// all are made of [Paper.Lines]; and where the till said nothing of tax the paper says so and shows the total alone.
package receipt

import (
	"strconv"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Paper is a receipt in a language.
type Paper struct {
	Words   views.Words
	Issuer  kaopass.Issuer
	Receipt kaopass.Receipt
}

// Style is how a line stands out.
type Style string

// The styles.
const (
	Plain  Style = ""
	Centre Style = "centre"
	Title  Style = "title" // centred and bold
	Total  Style = "total" // twice as large
	Rule   Style = "rule"  // a line across

	Heading Style = "heading" // bold
)

// Line is one line: what stands left, and what stands right.
type Line struct {
	Left  string `json:"left"`
	Right string `json:"right,omitempty"`
	Style Style  `json:"style,omitempty"`
}

func (p Paper) t(key string) string { return p.Words.T("receipt." + key) }

// Lines is the whole receipt, from the top.
func (p Paper) Lines() []Line {
	r := p.Receipt
	title, total, method := "title", "total", "method"
	if r.Refund != "" {
		title, total, method = "refund", "back", "to"
	}
	lines := p.head(p.t(title))
	lines = append(lines, Line{Left: p.t(total), Right: p.Words.Yen(r.Amount), Style: Total})
	lines = append(lines, p.tax()...)
	lines = append(lines, Line{Left: p.t(method), Right: p.method()}, Line{Style: Rule})
	if r.OrderRef != "" {
		lines = append(lines, Line{Left: p.t("order"), Right: r.OrderRef})
	}
	lines = append(lines, Line{Left: p.t("number"), Right: string(r.Payment)})
	if r.Refund != "" {
		lines = append(lines, Line{Left: p.t("refundNumber"), Right: string(r.Refund)})
	}
	return append(lines, Line{Left: p.t("thanks"), Style: Centre})
}

// head says from whom it is, where and when.
func (p Paper) head(title string) []Line {
	lines := []Line{{Left: p.Issuer.Name, Style: Title}}
	if p.Issuer.Registration != "" {
		lines = append(lines, Line{Left: p.Words.With("receipt.registration", views.Args{"Number": p.Issuer.Registration}), Style: Centre})
	}
	return append(lines, Line{Left: string(p.Receipt.Store), Right: p.Receipt.Till}, Line{Left: p.Words.DateTime(p.Receipt.At)},
		Line{Style: Rule}, Line{Left: title, Style: Title})
}

// tax is what the till said of it: a line a rate, or that it said nothing.
func (p Paper) tax() []Line {
	if len(p.Receipt.Tax) == 0 {
		return []Line{{Left: p.t("noTax")}}
	}
	var lines []Line
	reduced := false
	for _, t := range p.Receipt.Tax {
		left := p.Words.With("receipt.taxed", views.Args{"Rate": strconv.Itoa(t.Rate)})
		if t.Rate < kaopass.TaxRates()[0] {
			left, reduced = left+"※", true
		}
		lines = append(lines, Line{Left: left, Right: p.Words.Yen(t.Gross)}, Line{Left: "  " + p.t("taxIn"), Right: p.Words.Yen(t.Tax)})
	}
	if reduced {
		lines = append(lines, Line{Left: p.t("reduced")})
	}
	return lines
}

func (p Paper) method() string { return methodName(p.Words, p.Receipt.Method) }

func methodName(w views.Words, m kaopass.MethodKind) string {
	if m == kaopass.Card {
		return w.T("receipt.card")
	}
	return w.T("receipt.emoney")
}
