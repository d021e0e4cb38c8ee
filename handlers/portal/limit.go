package portal

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
)

// LimitPage shows what may be paid, and a limit of the visitor's own.
func (p *Portal) LimitPage(c *fiber.Ctx) error {
	return p.showLimit(c, http.StatusOK, "", "")
}

// Limit sets the visitor's own limit: empty asks for none. A lower one holds at once, a higher one tomorrow.
func (p *Portal) Limit(c *fiber.Ctx) error {
	typed := c.FormValue("day")
	day := int64(0)
	if plain := digits(typed); plain != "" || typed != "" {
		var err error
		if day, err = strconv.ParseInt(plain, 10, 64); err != nil || day == 0 {
			return p.showLimit(c, http.StatusUnprocessableEntity, typed, "limit.bad")
		}
	}
	_, err := p.DB.SetOwnLimit(c.UserContext(), access.Visitor(c).ID, day)
	var cannot *db.FieldError
	switch {
	case errors.As(err, &cannot):
		return p.showLimit(c, http.StatusUnprocessableEntity, typed, "limit.bad")
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/wallet/limit?saved=1")
}

func (p *Portal) showLimit(c *fiber.Ctx, status int, typed, problem string) error {
	mine, err := p.DB.Spending(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m := pages.LimitModel{Payer: mine.Payer, Own: mine.Own, Typed: typed}
	page := p.page(c, "limit.title")
	if problem != "" {
		m.Problem = page.Words.With(problem, views.Args{"Least": page.Words.Yen(kaopass.Yen(kaopass.OwnDayMin)),
			"Most": page.Words.Yen(kaopass.Yen(kaopass.PaymentDayMax))})
	}
	if c.Query("saved") != "" {
		page.Flash = views.Notice{Kind: views.Good, Live: true, Text: page.Words.T("limit.saved")}
	}
	return respond.Page(c, status, pages.Limit(page, m))
}
