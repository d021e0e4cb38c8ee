package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
)

// look shows every part of a page in every state: GET /docs/look. With ?long the words are stretched, with ?dir=rtl the
// page reads from right to left: what another language would do to it can be looked at.
func look(c *fiber.Ctx) error {
	words := views.Speak(access.PageLanguage(c))
	if c.Context().QueryArgs().Has("long") {
		words = words.Stretched()
	}
	page := views.Page{Words: words, Path: c.OriginalURL(), Audience: views.ForVisitor}
	if c.Query("dir") == "rtl" {
		page.Dir = "rtl"
	}
	return respond.Page(c, http.StatusOK, views.Gallery(page))
}
