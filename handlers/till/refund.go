package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// WhyMax is the longest reason for a refund, in bytes.
const WhyMax = 200

// refund is what came of giving money back.
type refund struct {
	ID      kaopass.RefundID `json:"id"`
	Payment payment          `json:"payment"`
}

// refund gives back a part or all of what was captured: POST /v1/payments/{id}/refunds.
func (t *Till) refund(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	var body struct {
		Amount *kaopass.Money `json:"amount"`
		Reason string         `json:"reason"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	if len(body.Reason) > WhyMax {
		return respond.Field("reason", "At most 200 bytes.")
	}
	amount, err := optional(body.Amount)
	if err != nil {
		return err
	}
	out, err := t.DB.RefundPayment(c.UserContext(), t.Desk, access.Key(c), access.Device(c).ID, kaopass.PaymentID(id), amount, body.Reason)
	if err != nil {
		return err
	}
	respond.Replayed(c, out.Replayed)
	return respond.JSON(c, http.StatusCreated, refund{out.Refund, answer(out.Payment, access.Language(c))})
}
