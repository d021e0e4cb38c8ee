package console

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// searchMax is the longest question about a visitor, in bytes.
const searchMax = kaopass.ContactMax

// visitors shows the search.
func (k *Console) visitors(c *fiber.Ctx) error {
	return respond.Page(c, fiber.StatusOK, view.Visitors(view.VisitorsModel{Page: page(c, "visitors")}))
}

// findVisitors looks a visitor up. It is a POST: a contact belongs in no address bar and in no log.
func (k *Console) findVisitors(c *fiber.Ctx) error {
	query := strings.TrimSpace(c.FormValue("query"))
	if !between(query, 1, searchMax) {
		return k.visitors(c)
	}
	found, err := k.DB.FindVisitors(c.UserContext(), access.Staff(c), query)
	if err != nil {
		return err
	}
	model := view.VisitorsModel{Page: page(c, "visitors"), Query: query, Searched: true}
	for _, f := range found {
		v := view.VisitorCard{Visitor: f.Visitor, Enrolled: f.Enrolment != nil, Alike: f.Alike, Twice: f.Twice,
			Consents: f.Consents, Recent: f.Recent, Guardian: f.Guardian}
		for _, t := range f.Tickets {
			v.Tickets = append(v.Tickets, t.Ticket)
		}
		model.Found = append(model.Found, v)
	}
	return respond.Page(c, fiber.StatusOK, view.Visitors(model))
}

// freeze stops or allows a visitor's payments.
func (k *Console) freeze(c *fiber.Ctx) error {
	id, frozen := kaopass.VisitorID(c.Params("id")), c.FormValue("frozen") == "on"
	err := k.DB.Freeze(c.UserContext(), id, frozen, string(access.Staff(c).ID))
	p := page(c, "visitors")
	var stays *db.StateError
	switch {
	case errors.As(err, &stays):
		p.Flash = views.ReasonNotice(p.Words, kaopass.Reason(stays.Status))
		return respond.Page(c, fiber.StatusConflict, view.Visitors(view.VisitorsModel{Page: p}))
	case err != nil:
		return err
	}
	p.Flash = good(p.Words, map[bool]string{true: "frozen", false: "unfrozen"}[frozen])
	return respond.Page(c, fiber.StatusOK, view.Visitors(view.VisitorsModel{Page: p}))
}
