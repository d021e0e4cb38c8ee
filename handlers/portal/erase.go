package portal

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// ErasePage says what stops working.
func (p *Portal) ErasePage(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m := pages.EraseModel{Kept: profile.Enrolment != nil}
	for _, given := range standing(profile) {
		m.Purposes = append(m.Purposes, given.Purpose)
	}
	return respond.Page(c, http.StatusOK, pages.Erase(p.page(c, "data.erase.title"), m))
}

// Erase destroys the face and its key.
func (p *Portal) Erase(c *fiber.Ctx) error {
	removed, err := p.DB.EraseFace(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	p.Forget(removed.Enrolment, removed.Seq)
	return respond.SeeOther(c, "/me/gone/"+string(removed.Receipt))
}

// DeletePage says what goes with the account.
func (p *Portal) DeletePage(c *fiber.Ctx) error {
	return respond.Page(c, http.StatusOK, pages.Delete(p.page(c, "data.delete.title"), ""))
}

// Delete removes the account; with money in the wallet it says where to get it first.
func (p *Portal) Delete(c *fiber.Ctx) error {
	removed, err := p.DB.EraseVisitor(c.UserContext(), access.Visitor(c).ID)
	var money *db.StateError
	if errors.As(err, &money) {
		return respond.Page(c, http.StatusConflict, pages.Delete(p.page(c, "data.delete.title"), "data.delete.money"))
	}
	if err != nil {
		return err
	}
	p.Forget(removed.Enrolment, removed.Seq)
	p.forget(c)
	return respond.SeeOther(c, "/gone/account/"+string(removed.Receipt))
}
