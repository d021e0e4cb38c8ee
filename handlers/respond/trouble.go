package respond

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Trouble answers an error with a page: what happened in plain words, and one way on.
func Trouble(c *fiber.Ctx, language kaopass.Language, err error) error {
	p := AsProblem(err)
	Log(c, p, err)
	Retry(c, p)
	page := views.Page{Words: views.Speak(language), Path: c.OriginalURL(), Audience: views.ForVisitor}
	if strings.HasPrefix(c.Path(), "/console") {
		page.Audience = views.ForConsole
	}
	return Page(c, p.Status, views.Trouble(page, views.TroubleOf(p.Status), RequestID(c)))
}
