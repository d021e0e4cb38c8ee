package portal

import (
	"encoding/base64"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// PasskeyOffer offers a passkey after the first sign-in.
func (p *Portal) PasskeyOffer(c *fiber.Ctx) error {
	return respond.Page(c, http.StatusOK, pages.PasskeyOffer(with(p.page(c, "portal.passkey.title"), "js/passkey.js"), access.Next(c, "/next")))
}

// PasskeysPage lists the visitor's passkeys.
func (p *Portal) PasskeysPage(c *fiber.Ctx) error {
	keys, err := p.DB.Passkeys(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	list := make([]pages.PasskeyLine, len(keys))
	for i, k := range keys {
		list[i] = pages.PasskeyLine{ID: base64.RawURLEncoding.EncodeToString(k.ID), Name: k.Name, Created: k.Created}
	}
	return respond.Page(c, http.StatusOK, pages.Passkeys(with(p.page(c, "data.passkeys"), "js/passkey.js"), list))
}

// RemovePasskey takes one away.
func (p *Portal) RemovePasskey(c *fiber.Ctx) error {
	id, err := base64.RawURLEncoding.DecodeString(c.FormValue("passkey"))
	if err != nil {
		return respond.NotFound
	}
	if err := p.DB.RemovePasskey(c.UserContext(), access.Visitor(c).ID, id); err != nil {
		return err
	}
	return respond.SeeOther(c, "/me/passkeys")
}
