package till

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	paper "github.com/kaopass/kaopass/views/receipt"
)

// day is a till's day for the report that staff print.
type day struct {
	Day       kaopass.TradeDay `json:"day"`
	Over      bool             `json:"over"`
	Methods   []methodTotals   `json:"methods"`
	All       totals           `json:"all"`
	Net       kaopass.Money    `json:"net"`
	Settled   *totals          `json:"settled,omitempty"` // of this till, in the store's settlement of the day
	SettledAt *time.Time       `json:"settled_at,omitempty"`
	Unsettled kaopass.Money    `json:"unsettled"` // net that the settlement has not: all of it before there is one
	Reported  *totals          `json:"reported,omitempty"`
	Differs   *kaopass.Money   `json:"reported_difference,omitempty"`
	Unprinted int              `json:"receipts_unprinted"`
	Language  kaopass.Language `json:"language"`
	Lines     []paper.Line     `json:"lines"`
	Complete  bool             `json:"escpos_complete"`
	Text      string           `json:"text"`
}

type methodTotals struct {
	Kind kaopass.MethodKind `json:"method_kind"`
	totals
}

// day gives this till's day in the asked form: GET /v1/till/day?day=…&format=…&width=…
func (t *Till) day(c *fiber.Ctx) error {
	wide, ok := columns(c.Query("width"))
	if !ok {
		return respond.Field("width", "58 or 80.")
	}
	var asked kaopass.TradeDay // today
	if text := c.Query("day"); text != "" {
		if asked, ok = kaopass.ParseTradeDay(text); !ok {
			return respond.Field("day", "A day as 2026-07-01.")
		}
	}
	r, err := t.DB.TillReport(c.UserContext(), access.Device(c).ID, asked)
	if err != nil {
		return err
	}
	p := paper.Day{Words: views.Speak(access.Language(c)), Issuer: t.Issuer, Report: r}
	if form := c.Query("format"); form != "" && form != "json" {
		return sendPaper(c, form, wide, p.Lines(), p.Printable().Lines())
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return respond.JSON(c, http.StatusOK, dayOf(p, wide))
}

func dayOf(p paper.Day, columns int) day {
	r, lines := p.Report, p.Lines()
	out := day{Day: r.Day, Over: r.Over(), Methods: make([]methodTotals, 0, len(r.Methods)), All: totalsOf(r.All), Net: r.All.Net(),
		Unsettled: r.Unsettled(), Unprinted: r.Unprinted, Language: p.Words.Lang, Lines: lines, Complete: paper.Complete(lines),
		Text: paper.Text(lines, columns)}
	for _, m := range r.Methods {
		out.Methods = append(out.Methods, methodTotals{m.Method, totalsOf(m.Totals)})
	}
	if !r.SettledAt.IsZero() {
		settled, at := totalsOf(r.Settled), r.SettledAt.UTC()
		out.Settled, out.SettledAt = &settled, &at
	}
	if !r.ReportedAt.IsZero() {
		reported, differs := totalsOf(r.Reported), r.Misreported()
		out.Reported, out.Differs = &reported, &differs
	}
	return out
}
