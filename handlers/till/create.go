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

// OrderRefMax is the longest name that a till may give to an order, in bytes.
const OrderRefMax = 64

// AmountMax is the largest amount that is read at all; what may be paid is decided with the payment.
const AmountMax = 1_000_000_000

// create opens a payment: POST /v1/payments.
func (t *Till) create(c *fiber.Ctx) error {
	var body struct {
		Amount   *kaopass.Money `json:"amount"`
		OrderRef string         `json:"order_ref"`
		Capture  string         `json:"capture"`
		Tax      []taxLine      `json:"tax"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	switch {
	case body.Amount == nil:
		return respond.Field("amount", "Send an amount.")
	case len(body.OrderRef) > OrderRefMax:
		return respond.Field("order_ref", "At most 64 bytes.")
	case body.Capture != "" && body.Capture != "automatic" && body.Capture != "manual":
		return respond.Field("capture", "automatic or manual.")
	}
	if err := checkAmount(*body.Amount); err != nil {
		return err
	}
	tax := taxOf(body.Tax)
	if !kaopass.TaxFits(tax, *body.Amount) {
		return respond.Field("tax", "One line a rate (10 or 8), with amounts that include the tax and make up the whole.")
	}
	out, err := t.DB.CreatePayment(c.UserContext(), db.NewPayment{Key: access.Key(c), Till: access.Device(c).ID,
		Amount: *body.Amount, OrderRef: body.OrderRef, Manual: body.Capture == "manual", Tax: tax})
	return reply(c, http.StatusCreated, out, err)
}

func taxOf(lines []taxLine) (tax []kaopass.TaxLine) {
	for _, l := range lines {
		tax = append(tax, kaopass.TaxLine{Rate: l.Rate, Gross: l.Amount, Tax: l.Tax})
	}
	return tax
}

func checkAmount(m kaopass.Money) error {
	switch {
	case m.Currency != kaopass.JPY:
		return respond.Field("amount.currency", "JPY is the currency here.")
	case m.Value < 1 || m.Value > AmountMax:
		return respond.Field("amount.value", "A whole number of yen, at least 1.")
	}
	return nil
}
