package portal

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// WithdrawPage says what stops working before it does.
func (p *Portal) WithdrawPage(c *fiber.Ctx) error {
	purpose := kaopass.Purpose(c.Params("purpose"))
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if !slices.Contains(kaopass.Purposes(), purpose) {
		return respond.NotFound
	}
	if !profile.Consents[purpose].Stands() {
		return respond.SeeOther(c, "/me")
	}
	last := len(standing(profile)) == 1
	return respond.Page(c, http.StatusOK, pages.Withdraw(p.page(c, "data.title"), purpose, last))
}

// Withdraw takes a consent back; it takes effect before the next gate or till is asked.
func (p *Portal) Withdraw(c *fiber.Ctx) error {
	purpose := kaopass.Purpose(c.Params("purpose"))
	if !slices.Contains(kaopass.Purposes(), purpose) {
		return respond.NotFound
	}
	removed, err := p.DB.Withdraw(c.UserContext(), access.Visitor(c).ID, purpose)
	if err != nil {
		return err
	}
	p.Forget(removed.Enrolment, removed.Seq) // now: the feed would do it a moment later
	return respond.SeeOther(c, "/me/gone/"+string(removed.Receipt))
}
