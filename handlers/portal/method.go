package portal

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// SetDefault chooses the method that a till offers first.
func (p *Portal) SetDefault(c *fiber.Ctx) error {
	return p.changed(c, p.DB.SetDefault(c.UserContext(), access.Visitor(c).ID, kaopass.MethodID(c.FormValue("method"))))
}

// RemoveMethod takes a card away.
func (p *Portal) RemoveMethod(c *fiber.Ctx) error {
	return p.changed(c, p.DB.RemoveMethod(c.UserContext(), access.Visitor(c).ID, kaopass.MethodID(c.FormValue("method"))))
}

// changed goes back to the wallet; a card that went meanwhile, in another window, is said to be gone.
func (p *Portal) changed(c *fiber.Ctx, err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return p.showWallet(c, http.StatusNotFound, pages.WalletModel{Warning: "wallet.refused.gone"})
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/wallet")
}
