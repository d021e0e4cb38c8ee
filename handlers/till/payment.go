package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// payment is what a till that lost an answer asks: GET /v1/payments/{id}.
func (t *Till) payment(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	p, err := t.DB.Payment(c.UserContext(), access.Device(c).ID, kaopass.PaymentID(id))
	if err != nil {
		return err
	}
	return respond.JSON(c, http.StatusOK, answer(p, access.Language(c)))
}

// payments lists a till's own, newest first: GET /v1/payments?since=…
func (t *Till) payments(c *fiber.Ctx) error {
	since, err := request.Time("since", c.Query("since"))
	if err != nil {
		return err
	}
	page, err := request.Page(c)
	if err != nil {
		return err
	}
	found, next, err := t.DB.Payments(c.UserContext(), access.Device(c).ID, since, page)
	if err != nil {
		return err
	}
	return respond.JSON(c, http.StatusOK, list{answers(found, access.Language(c)), request.Next(next)})
}

// list is a part of a list of payments.
type list struct {
	Items []payment `json:"items"`
	Next  *string   `json:"next_cursor"`
}

func answers(found []kaopass.Payment, l kaopass.Language) []payment {
	out := make([]payment, 0, len(found))
	for _, p := range found {
		out = append(out, answer(p, l))
	}
	return out
}
