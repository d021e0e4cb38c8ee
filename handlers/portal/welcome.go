package portal

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views/consent"
	pages "github.com/kaopass/kaopass/views/portal"
)

// Welcome is the first page; whoever is signed in goes on where they were.
func (p *Portal) Welcome(c *fiber.Ctx) error {
	start := "/signin?next=/next"
	if access.Visitor(c).ID != "" {
		start = "/next"
	}
	return respond.Page(c, http.StatusOK, pages.Welcome(pages.WelcomePage{Page: p.page(c, ""), Start: start, Without: "/without", Data: "/privacy"}))
}

// Without is the way without the face.
func (p *Portal) Without(c *fiber.Ctx) error {
	return respond.Page(c, http.StatusOK, pages.Without(p.page(c, "portal.without.title")))
}

// Help is for when something does not go as it should.
func (p *Portal) Help(c *fiber.Ctx) error {
	return respond.Page(c, http.StatusOK, pages.Help(p.page(c, "portal.help.title"), p.Operator.Contact))
}

// Privacy says in short what is kept.
func (p *Portal) Privacy(c *fiber.Ctx) error {
	var texts []consent.Document
	for _, purpose := range kaopass.Purposes() {
		if t, ok := p.Texts.Text(purpose, access.Language(c)); ok {
			texts = append(texts, t)
		}
	}
	return respond.Page(c, http.StatusOK, pages.Privacy(p.page(c, "portal.privacy.title"), pages.PrivacyModel{Operator: p.Operator, Texts: texts}))
}
