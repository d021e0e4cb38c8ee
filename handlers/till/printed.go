package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// printed notes that a receipt is in somebody's hand: POST /v1/payments/{id}/receipt/printed.
func (t *Till) printed(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	var body struct {
		Refund kaopass.RefundID `json:"refund_id"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	r, replayed, err := t.DB.PrintedReceipt(c.UserContext(), access.Key(c), access.Device(c).ID, kaopass.PaymentID(id), body.Refund)
	if err != nil {
		return err
	}
	respond.Replayed(c, replayed)
	return respond.JSON(c, http.StatusOK, receiptOf(r))
}
