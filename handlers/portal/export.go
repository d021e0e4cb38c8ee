package portal

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
)

// Export is a copy of everything that is kept, in a form that another program can read (GDPR, article 20; APPI,
// article 33). The face itself is not in it: it is described, and cannot be used by anybody else.
func (p *Portal) Export(c *fiber.Ctx) error {
	data, err := p.DB.Export(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	c.Attachment("kaopass-" + time.Now().Format(time.DateOnly) + ".json")
	return respond.JSON(c, fiber.StatusOK, exported(data))
}
