package portal

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// Uses shows every use of the face, newest first.
func (p *Portal) Uses(c *fiber.Ctx) error {
	events, more, err := p.DB.Timeline(c.UserContext(), access.Visitor(c).ID, db.Page{Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	return respond.Page(c, http.StatusOK, pages.Uses(p.page(c, "data.uses"), pages.UsesModel{Events: events, More: more}))
}

// NotMe is "that wasn't me": payments stop before anything is asked.
func (p *Portal) NotMe(c *fiber.Ctx) error {
	event := c.FormValue("event")
	if !kaopass.PrefixEvent.Is(event) {
		return respond.NotFound
	}
	v := access.Visitor(c)
	if err := p.DB.Freeze(c.UserContext(), v.ID, true, string(v.ID)); err != nil {
		return err
	}
	return respond.SeeOther(c, "/me/not-me/"+event)
}

// NotMePage says what was done, and who helps.
func (p *Portal) NotMePage(c *fiber.Ctx) error {
	event := c.Params("event")
	if !kaopass.PrefixEvent.Is(event) {
		return respond.NotFound
	}
	return respond.Page(c, http.StatusOK, pages.NotMe(p.page(c, "data.notMe.title"), kaopass.EventID(event), p.Operator.Contact))
}
