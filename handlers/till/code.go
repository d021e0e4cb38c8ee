package till

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// code compares the four digits within the payment's short list: POST /v1/payments/{id}/code.
func (t *Till) code(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	var body struct {
		Code string `json:"code"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	if len(body.Code) != kaopass.CodeDigits || strings.Trim(body.Code, "0123456789") != "" {
		return respond.Field("code", "Four digits.")
	}
	out, err := t.DB.PaymentCode(c.UserContext(), access.Key(c), access.Device(c).ID, kaopass.PaymentID(id), body.Code)
	return reply(c, http.StatusOK, out, err)
}
