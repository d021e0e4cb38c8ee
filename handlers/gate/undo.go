package gate

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// WhyMax is the longest sentence in which staff say why an admission is taken back, in bytes.
const WhyMax = 200

// undo takes an admission back: POST /v1/admissions/{id}/undo.
func (g *Gate) undo(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixAdmission)
	if err != nil {
		return err
	}
	var body struct {
		Reason string `json:"reason"`
	}
	if err := request.JSON(c, &body); err != nil {
		return err
	}
	if len(body.Reason) > WhyMax {
		return respond.Field("reason", "At most 200 bytes.")
	}
	a, err := g.DB.Undo(c.UserContext(), access.Key(c), access.Device(c).ID, kaopass.AdmissionID(id), body.Reason)
	if err != nil {
		return err
	}
	respond.Replayed(c, a.Replayed)
	return respond.JSON(c, http.StatusOK, answer(a, language(c, a)))
}
