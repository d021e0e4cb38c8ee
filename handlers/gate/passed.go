package gate

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
)

// passed notes that the turnstile turned: POST /v1/admissions/{id}/passed.
func (g *Gate) passed(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixAdmission)
	if err != nil {
		return err
	}
	a, err := g.DB.Passed(c.UserContext(), access.Key(c), access.Device(c).ID, kaopass.AdmissionID(id))
	if err != nil {
		return err
	}
	respond.Replayed(c, a.Replayed)
	return respond.JSON(c, http.StatusOK, answer(a, language(c, a)))
}
