package portal

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
)

// CodePage explains the four-digit code and lets it be tried.
func (p *Portal) CodePage(c *fiber.Ctx) error {
	return p.showCode(c, http.StatusOK, pages.CodeModel{Right: c.Query("right") != ""})
}

// Code issues a new one and shows it, in the answer to this very request and nowhere else: there is no page to come
// back to.
func (p *Portal) Code(c *fiber.Ctx) error {
	code, reason, err := p.DB.IssueCode(c.UserContext(), access.Visitor(c).ID, p.Near)
	if err != nil {
		return err
	}
	if reason == kaopass.TooManyTries {
		return p.showCode(c, refusalStatus(reason), pages.CodeModel{}, views.ReasonNotice(p.words(c), reason))
	}
	if reason != "" {
		return respond.SeeOther(c, "/code")
	}
	return respond.Page(c, http.StatusOK, pages.Code(p.page(c, "wallet.pin.title"), pages.CodeModel{Pays: true, Code: code}))
}

// PracticeCode lets the visitor try it once.
func (p *Portal) PracticeCode(c *fiber.Ctx) error {
	typed := digits(c.FormValue("code"))
	if len(typed) != kaopass.CodeDigits {
		return p.showCode(c, http.StatusUnprocessableEntity, pages.CodeModel{Reason: kaopass.CodeWrong})
	}
	reason, err := p.DB.CheckCode(c.UserContext(), access.Visitor(c).ID, typed)
	if errors.Is(err, db.ErrNotFound) {
		return respond.SeeOther(c, "/code") // none was given yet
	}
	if err != nil {
		return err
	}
	if reason != "" {
		return p.showCode(c, refusalStatus(reason), pages.CodeModel{Reason: reason})
	}
	return respond.SeeOther(c, "/code?right=1")
}

func (p *Portal) showCode(c *fiber.Ctx, status int, m pages.CodeModel, said ...views.Notice) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m.Pays, m.Issued, m.Alike = pays(profile), profile.CodeIssued, alike(profile)
	page := p.page(c, "wallet.pin.title")
	for _, notice := range said {
		page.Flash = notice
	}
	return respond.Page(c, status, pages.Code(page, m))
}
