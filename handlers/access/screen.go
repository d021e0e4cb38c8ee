package access

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	claim "github.com/kaopass/kaopass/views/device"
)

// Screen answers the page of one of our own screens: draw, where the browser is a live device of the role, and the way to
// become one everywhere else.
func (a *Access) Screen(role kaopass.Role, draw func(*fiber.Ctx, kaopass.Device) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		device, err := a.FindDevice(c)
		switch {
		case err != nil && !errors.Is(err, db.ErrNotFound):
			return err
		case err != nil || device.Role != role:
			return respond.Page(c, http.StatusOK, claim.Claim{Words: views.Speak(PageLanguage(c)), Path: c.OriginalURL(),
				Role: role, Other: device}.Page())
		}
		return draw(c, device)
	}
}
