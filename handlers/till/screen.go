package till

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	claim "github.com/kaopass/kaopass/views/device"
	counter "github.com/kaopass/kaopass/views/till"
)

// screen draws the till on a tablet that is one, and the way to become one on any other: GET /till.
func screen(a *access.Access) fiber.Handler {
	return func(c *fiber.Ctx) error {
		words := views.Speak(access.PageLanguage(c))
		device, err := a.FindDevice(c)
		switch {
		case err != nil && !errors.Is(err, db.ErrNotFound):
			return err
		case err != nil || device.Role != kaopass.Till:
			return respond.Page(c, http.StatusOK, claim.Claim{Words: words, Path: c.OriginalURL(), Role: kaopass.Till,
				Other: device}.Page())
		}
		return respond.Page(c, http.StatusOK, counter.Till{Words: words, Path: c.OriginalURL(), Till: device}.Page())
	}
}
