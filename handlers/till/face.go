package till

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
)

// face shows a face for a payment: POST /v1/payments/{id}/face.
func (t *Till) face(c *fiber.Ctx) error {
	started := time.Now()
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	form, err := request.Photos(c)
	if err != nil {
		return err
	}
	found, err := t.Faces.IdentifyPayer(c.UserContext(), kaopass.PaymentID(id), form.Photos)
	if err != nil {
		return err
	}
	out, err := t.DB.PaymentFace(c.UserContext(), db.PaymentFace{Key: access.Key(c), Till: access.Device(c).ID,
		Payment: kaopass.PaymentID(id), Identification: found, Started: started})
	return reply(c, http.StatusOK, out, err)
}
