package portal

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
	pages "github.com/kaopass/kaopass/views/portal"
)

// PracticePage gets ready to try the gate.
func (p *Portal) PracticePage(c *fiber.Ctx) error {
	return p.askPractice(c, http.StatusOK, pages.PracticeModel{})
}

// Practice says what a gate would say now. The photos are looked at and thrown away.
func (p *Portal) Practice(c *fiber.Ctx) error {
	form, err := request.Photos(c)
	ticket := kaopass.TicketID(form.Field("ticket"))
	if err != nil {
		return p.photoProblem(c, ticket, err)
	}
	probe, err := p.Faces.Read(c.UserContext(), matcher.UseGate, form.Photos)
	if err != nil {
		return p.photoProblem(c, ticket, err)
	}
	verdict, err := p.DB.Practice(c.UserContext(), access.Visitor(c).ID, ticket, probe.Against)
	if err != nil {
		return err
	}
	return respond.Page(c, http.StatusOK, pages.Practice(p.page(c, "portal.practice.title"), pages.PracticeModel{Ticket: ticket, Verdict: verdict}))
}

// photoProblem comes back with the form where the photo was at fault; any other error is answered as it is.
func (p *Portal) photoProblem(c *fiber.Ctx, ticket kaopass.TicketID, err error) error {
	var broken *matcher.ImageError
	var missing respond.Problem
	if !errors.As(err, &broken) && (!errors.As(err, &missing) || missing.Param != "image") {
		return err
	}
	return p.askPractice(c, respond.AsProblem(err).Status, pages.PracticeModel{Ticket: ticket, Problem: "portal.practice.noPhoto"})
}

func (p *Portal) askPractice(c *fiber.Ctx, status int, m pages.PracticeModel) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m.Tickets = slices.DeleteFunc(cards(profile.Tickets, time.Now()), func(t pages.TicketCard) bool { return !t.Kind.ForFace() })
	return respond.Page(c, status, pages.Practice(with(p.page(c, "portal.practice.title"), "js/practice.js"), m))
}
