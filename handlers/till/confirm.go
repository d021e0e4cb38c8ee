package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// confirm pays with one of the offered methods: POST /v1/payments/{id}/confirm.
func (t *Till) confirm(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	var body struct {
		Method kaopass.MethodID `json:"method"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	if body.Method == "" {
		return respond.Field("method", "Send the method that was chosen.")
	}
	out, err := t.DB.ConfirmPayment(c.UserContext(), t.Desk, access.Key(c), access.Device(c).ID, kaopass.PaymentID(id), body.Method)
	return reply(c, http.StatusOK, out, err)
}
