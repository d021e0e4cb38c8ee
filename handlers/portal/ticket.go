package portal

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// TicketPage keeps the visitor's tickets, and shows the one that was just linked.
func (p *Portal) TicketPage(c *fiber.Ctx) error {
	return p.askTicket(c, http.StatusOK, pages.TicketModel{Bound: kaopass.TicketID(c.Query("linked"))})
}

// Ticket links a ticket to the first person who asks.
func (p *Portal) Ticket(c *fiber.Ctx) error {
	typed := strings.TrimSpace(c.FormValue("ticket"))
	if typed == "" || len(typed) > kaopass.TicketTextMax {
		return p.askTicket(c, http.StatusUnprocessableEntity, pages.TicketModel{Problem: "portal.ticket.empty"})
	}
	bound, err := p.DB.BindTicket(c.UserContext(), access.Visitor(c).ID, typed)
	if err != nil {
		return err
	}
	if bound.Reason != "" {
		return p.askTicket(c, refusalStatus(bound.Reason), pages.TicketModel{Typed: typed, Reason: bound.Reason})
	}
	return respond.SeeOther(c, "/ticket?linked="+string(bound.Ticket.ID))
}

func (p *Portal) askTicket(c *fiber.Ctx, status int, m pages.TicketModel) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m.Now = time.Now()
	m.Tickets = cards(profile.Tickets, m.Now)
	if !slices.ContainsFunc(m.Tickets, func(t pages.TicketCard) bool { return t.ID == m.Bound }) {
		m.Bound = "" // somebody else's, or made up
	}
	return respond.Page(c, status, pages.Ticket(with(p.page(c, "portal.ticket.title"), "js/ticket.js"), m))
}

// cards puts the tickets that are good now before the others, and those of the face lanes before one-day tickets.
func cards(held []db.HeldTicket, now time.Time) []pages.TicketCard {
	out := make([]pages.TicketCard, len(held))
	for i, h := range held {
		out[i] = pages.TicketCard{Ticket: h.Ticket, QR: h.QR}
	}
	rank := func(t pages.TicketCard) int {
		switch {
		case !t.RevokedAt.IsZero() || !now.Before(t.Until):
			return 2
		case !t.Kind.ForFace():
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b pages.TicketCard) int { return rank(a) - rank(b) })
	return out
}
