package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
)

// void releases what was authorised: POST /v1/payments/{id}/void.
func (t *Till) void(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	out, err := t.DB.VoidPayment(c.UserContext(), t.Desk, access.Key(c), access.Device(c).ID, kaopass.PaymentID(id))
	return reply(c, http.StatusOK, out, err)
}

// cancel ends a payment from any state: POST /v1/payments/{id}/cancel.
func (t *Till) cancel(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	out, err := t.DB.CancelPayment(c.UserContext(), t.Desk, access.Key(c), access.Device(c).ID, kaopass.PaymentID(id))
	return reply(c, http.StatusOK, out, err)
}
