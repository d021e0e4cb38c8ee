package console

import (
	"errors"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// storeMax is the longest name of a store that is read, in bytes.
const storeMax = 60

// Said after a day was to be closed.
const (
	dayClosed   = "closed"
	daySettling = "settling" // an old transaction holds it up
	dayOpen     = "open"
)

// dayAsked is the day of the address; without one, yesterday's, which is the last that can be closed.
func dayAsked(text string) kaopass.TradeDay {
	if day, ok := kaopass.ParseTradeDay(text); ok {
		return day
	}
	return kaopass.TradeDayOf(time.Now()).Add(-1)
}

// settlement holds a day's books against each other: GET /console/settlement?day=…&store=…
func (k *Console) settlement(c *fiber.Ctx) error {
	day, store := dayAsked(c.Query("day")), c.Query("store")
	if len(store) > storeMax {
		store = ""
	}
	found, err := k.DB.Reconcile(c.UserContext(), k.Books, day, kaopass.Zone(store), string(access.Staff(c).ID))
	if err != nil {
		return err
	}
	p := page(c, "settlement.title")
	switch c.Query("said") {
	case dayClosed:
		p.Flash = good(p.Words, "settlement.closedNow")
	case daySettling:
		p.Flash = views.Notice{Kind: views.Again, Text: p.Words.T("console.settlement.settling"), Live: true}
	case dayOpen:
		p.Flash = views.Notice{Kind: views.Again, Text: p.Words.T("console.settlement.notOver"), Live: true}
	}
	return respond.Page(c, fiber.StatusOK, view.Settlement(settlementModel(p, found)))
}

// closeDay closes a day, and those before it, for every store: POST /console/settlement.
func (k *Console) closeDay(c *fiber.Ctx) error {
	day, ok := kaopass.ParseTradeDay(c.FormValue("day"))
	if !ok {
		return respond.NotFound
	}
	said := dayClosed
	_, err := k.DB.Settle(c.UserContext(), day, string(access.Staff(c).ID))
	var state *db.StateError
	if errors.As(err, &state) {
		said, err = map[string]string{"day_open": dayOpen, "day_settling": daySettling}[state.Status], nil
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/console/settlement?"+url.Values{"day": {string(day)}, "said": {said}}.Encode())
}
