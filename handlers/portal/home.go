package portal

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// Home is the pass, and whatever is still to do.
func (p *Portal) Home(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	now := time.Now()
	m := pages.HomeModel{Visitor: profile.Visitor, Now: now, ToDo: toDo(profile), Tickets: cards(profile.Tickets, now),
		Pays: pays(profile), Alike: alike(profile), Recent: profile.Recent}
	for _, purpose := range kaopass.Purposes() {
		if profile.Usable[purpose] {
			m.Ready = append(m.Ready, purpose)
		}
	}
	if profile.Wallet != nil {
		m.Balance = profile.Wallet.Balance
	}
	return respond.Page(c, http.StatusOK, pages.Home(with(p.page(c, "portal.home.title"), "js/pass.js"), m))
}
