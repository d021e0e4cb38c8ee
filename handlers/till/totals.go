package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// totals are what was sold and given back.
type totals struct {
	Captures int           `json:"captures"`
	Captured kaopass.Money `json:"captured"`
	Refunds  int           `json:"refunds"`
	Refunded kaopass.Money `json:"refunded"`
}

func totalsOf(t kaopass.Totals) totals {
	return totals{t.Captures, yen(t.Captured), t.Refunds, yen(t.Refunded)}
}

// compared is what the ledger says to a till's own totals.
type compared struct {
	Day    kaopass.TradeDay `json:"day"`
	Agrees bool             `json:"agrees"`
	Till   totals           `json:"till"`
	Ledger totals           `json:"ledger"`
}

// CountMax is the largest number of payments that a till may report for a day.
const CountMax = 1_000_000

// totals takes what a till believes to have sold on a day: POST /v1/till/totals.
func (t *Till) totals(c *fiber.Ctx) error {
	var body struct {
		Day kaopass.TradeDay `json:"day"`
		totals
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	if _, ok := kaopass.ParseTradeDay(string(body.Day)); !ok {
		return respond.Field("day", "A day as 2026-07-01.")
	}
	if err := checkTotals(body.totals); err != nil {
		return err
	}
	own := kaopass.Totals{Captures: body.Captures, Captured: body.Captured, Refunds: body.Refunds, Refunded: body.Refunded}
	out, err := t.DB.ReportTotals(c.UserContext(), db.TillTotals{Key: access.Key(c), Till: access.Device(c).ID, Day: body.Day, Own: own})
	if err != nil {
		return err
	}
	respond.Replayed(c, out.Replayed)
	return respond.JSON(c, http.StatusOK, compared{out.Day, out.Agrees(), totalsOf(out.Own), totalsOf(out.Ours)})
}

func checkTotals(t totals) error {
	for name, sum := range map[string]kaopass.Money{"captured": t.Captured, "refunded": t.Refunded} {
		if sum.Currency != kaopass.JPY || sum.Value < 0 || sum.Value > AmountMax*CountMax {
			return respond.Field(name, "A whole number of yen, at least 0.")
		}
	}
	for name, n := range map[string]int{"captures": t.Captures, "refunds": t.Refunds} {
		if n < 0 || n > CountMax {
			return respond.Field(name, "How many, at least 0.")
		}
	}
	return nil
}
