package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
)

// capture takes all or a part of what was authorised: POST /v1/payments/{id}/capture.
func (t *Till) capture(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	var body struct {
		Amount *kaopass.Money `json:"amount"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	amount, err := optional(body.Amount)
	if err != nil {
		return err
	}
	out, err := t.DB.CapturePayment(c.UserContext(), t.Desk, access.Key(c), access.Device(c).ID, kaopass.PaymentID(id), amount)
	return reply(c, http.StatusOK, out, err)
}

// optional is an amount that may be left out: all there is.
func optional(m *kaopass.Money) (kaopass.Money, error) {
	if m == nil {
		return kaopass.Money{}, nil
	}
	return *m, checkAmount(*m)
}
