package portal

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

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
