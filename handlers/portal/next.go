package portal

import (
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// Next sends the visitor to the next thing to do behind a step; every step can be left and taken up again.
func (p *Portal) Next(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	return respond.SeeOther(c, stationAfter(profile, pages.Step(c.Query("after"))))
}
