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

// WardsPage shows a guardian what the minors for whom they signed may spend, and spent.
func (p *Portal) WardsPage(c *fiber.Ctx) error { return p.showWards(c, http.StatusOK, "") }

func (p *Portal) showWards(c *fiber.Ctx, status int, problem string) error {
	wards, err := p.DB.Wards(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m := pages.WardsModel{Problem: problem, Most: kaopass.AllowanceMax}
	for _, w := range wards {
		m.Wards = append(m.Wards, pages.WardLine{ID: w.Visitor, Name: w.Name, Allowance: w.Allowance, Today: w.Today,
			Week: w.Week, Frozen: w.Frozen, Since: w.Since})
	}
	page := p.page(c, "wards.title")
	if c.Query("saved") != "" {
		page.Flash = views.Notice{Kind: views.Good, Live: true, Text: page.Words.T("wards.saved")}
	}
	return respond.Page(c, status, pages.Wards(page, m))
}

// Allow changes what one of them may spend.
func (p *Portal) Allow(c *fiber.Ctx) error {
	allowance, ok := allowance(c)
	if !ok {
		return p.showWards(c, http.StatusUnprocessableEntity, "wards.bad")
	}
	err := p.DB.SetAllowance(c.UserContext(), kaopass.VisitorID(c.FormValue("visitor")), allowance, string(access.Visitor(c).ID))
	if errors.Is(err, db.ErrNotFound) { // grown up, or signed for by somebody else meanwhile
		return p.showWards(c, http.StatusNotFound, "wards.gone")
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/me/wards?saved=1")
}

// allowance reads what a form allows; ok is false where it cannot be.
func allowance(c *fiber.Ctx) (a kaopass.Allowance, ok bool) {
	day, err := strconv.ParseInt(digits(c.FormValue("day")), 10, 64)
	if err != nil {
		return a, false
	}
	week, err := strconv.ParseInt(digits(c.FormValue("week")), 10, 64)
	a = kaopass.Allowance{Day: day, Week: week, Card: c.FormValue("card") != ""}
	return a, err == nil && a.Fault() == ""
}
