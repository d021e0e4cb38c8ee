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

// GuardianPage is where a grown-up signs for a minor: at a desk, with a helper beside them.
func (p *Portal) GuardianPage(c *fiber.Ctx) error {
	return p.askGuardian(c, http.StatusOK, pages.GuardianModel{Day: "3000", Week: "10000"})
}

func (p *Portal) askGuardian(c *fiber.Ctx, status int, m pages.GuardianModel) error {
	m.Chosen, m.Most = purposes(c), kaopass.AllowanceMax
	return respond.Page(c, status, pages.Guardian(p.page(c, "guardian.title"), m))
}

// Guardian notes who signs, and what they allow; the signature itself comes on the next page.
func (p *Portal) Guardian(c *fiber.Ctx) error {
	m := pages.GuardianModel{Name: tidy(c.FormValue("name")), Contact: c.FormValue("contact"), Day: c.FormValue("day"),
		Week: c.FormValue("week"), Card: c.FormValue("card") != ""}
	contact, isContact := kaopass.Contact(m.Contact)
	allowed, ok := allowance(c)
	switch {
	case m.Name == "" || len(m.Name) > kaopass.NameMax:
		m.Problem = "guardian.needName"
	case m.Contact != "" && !isContact:
		m.Problem = "guardian.badContact"
	case !ok:
		m.Problem = "wards.bad"
	}
	if m.Problem != "" {
		return p.askGuardian(c, http.StatusUnprocessableEntity, m)
	}
	err := p.DB.SignGuardian(c.UserContext(), access.Visitor(c).ID, kaopass.Guardian{Name: m.Name, Contact: contact,
		Allowance: allowed}, access.Staff(c).ID)
	var cannot *db.FieldError
	if errors.As(err, &cannot) {
		m.Problem = "guardian.needName"
		return p.askGuardian(c, http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, "/sign?"+chosenQuery(purposes(c), ageYoung))
}
