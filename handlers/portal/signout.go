package portal

import (
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// SignOut ends this session.
func (p *Portal) SignOut(c *fiber.Ctx) error {
	if err := p.DB.SignOut(c.UserContext(), p.Access.VisitorToken(c)); err != nil {
		return err
	}
	p.forget(c)
	return respond.SeeOther(c, "/")
}

// SignOutEverywhere ends every session of the visitor, this one too, and a capture that somebody may have begun in one.
func (p *Portal) SignOutEverywhere(c *fiber.Ctx) error {
	if err := p.DB.SignOutEverywhere(c.UserContext(), access.Visitor(c).ID); err != nil {
		return err
	}
	p.Camera.End(string(access.Visitor(c).ID))
	p.forget(c)
	return respond.SeeOther(c, "/")
}

// forget leaves nothing of the visitor in the browser: the pass that was kept for when there is no network goes too
// (W3C, Clear-Site-Data).
func (p *Portal) forget(c *fiber.Ctx) {
	p.Access.EndVisitor(c)
	c.Set("Clear-Site-Data", `"cache", "storage"`)
}
