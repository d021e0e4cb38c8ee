package gate

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	lane "github.com/kaopass/kaopass/views/gate"
)

// screen draws the lane on a tablet that is a gate: GET /gate.
func screen(c *fiber.Ctx, device kaopass.Device) error {
	words := views.Speak(access.PageLanguage(c))
	return respond.Page(c, http.StatusOK, lane.Lane{Words: words, Path: c.OriginalURL(), Gate: device}.Page())
}
