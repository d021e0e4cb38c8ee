package till

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	counter "github.com/kaopass/kaopass/views/till"
)

// screen draws the till on a tablet that is one: GET /till.
func screen(c *fiber.Ctx, device kaopass.Device) error {
	words := views.Speak(access.PageLanguage(c))
	return respond.Page(c, http.StatusOK, counter.Till{Words: words, Path: c.OriginalURL(), Till: device}.Page())
}
