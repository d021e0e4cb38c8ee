package respond

import (
	"net/url"
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
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		page.Again = before(c)
		page.Path = page.Again // in another language, too, there is no page at a form's address
	}
	if strings.HasPrefix(c.Path(), "/console") {
		page.Audience = views.ForConsole
	}
	return Page(c, p.Status, views.Trouble(page, views.TroubleOf(p.Status), RequestID(c)))
}

// before is the page of ours whose form was sent: the first page where the browser does not say.
func before(c *fiber.Ctx) string {
	from, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || from.Host != c.Hostname() && from.Host != string(c.Request().Host()) || !strings.HasPrefix(from.Path, "/") || strings.HasPrefix(from.Path, "//") {
		return "/"
	}
	return from.RequestURI()
}
