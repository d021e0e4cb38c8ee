package portal

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
)

// HistoryPage shows what came and went, a page at a time.
func (p *Portal) HistoryPage(c *fiber.Ctx) error {
	f, m := historyFilter(c)
	entries, more, err := p.DB.Entries(c.UserContext(), access.Visitor(c).ID, f, db.Page{Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	m.More, m.Entries = more, make([]pages.EntryLine, len(entries))
	for i, e := range entries {
		m.Entries[i] = entryLine(e)
	}
	return respond.Page(c, http.StatusOK, pages.History(p.page(c, "wallet.history"), m))
}

// entryLine names the store, which has a sign above its door, and not the till, whose name is the staff's.
func entryLine(e db.Entry) pages.EntryLine {
	return pages.EntryLine{At: e.At, Kind: e.Kind, Amount: e.Amount, Asked: e.Asked, Set: e.Set, Taken: e.Taken, Method: e.Method,
		Place: cmp.Or(string(e.Store), e.Place), Label: e.Label, Subject: e.Subject, Dispute: e.Dispute, Case: e.Case, Status: e.Status, Reason: e.Reason,
		Receipt: receiptHref(e)}
}

// historyFilter reads what of the history was asked for; what is not a choice of ours chooses all.
func historyFilter(c *fiber.Ctx) (f db.HistoryFilter, m pages.HistoryModel) {
	f.Kind = map[string]kaopass.EventKind{"paid": kaopass.PaymentCaptured, "in": kaopass.WalletToppedUp,
		"back": kaopass.PaymentRefunded, "none": kaopass.PaymentEnded}[c.Query("show")]
	if f.Kind != "" {
		m.Show = c.Query("show")
	}
	if k := kaopass.MethodKind(c.Query("method")); k == kaopass.EMoney || k == kaopass.Card {
		f.Method, m.Method = k, k
	}
	if from, err := time.ParseInLocation("2006-01", c.Query("month"), views.VenueZone); err == nil {
		f.From, f.Until, m.Month = from, from.AddDate(0, 1, 0), c.Query("month")
	}
	return f, m
}
