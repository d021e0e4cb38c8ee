package console

import (
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

// issueMax is how many tickets the page issues at once; `kaopass ticket issue` does more.
const issueMax = 100

// tickets shows the form that issues tickets.
func (k *Console) tickets(c *fiber.Ctx) error {
	return respond.Page(c, fiber.StatusOK, view.Tickets(view.TicketsModel{Page: page(c, "tickets"), Most: issueMax}))
}

// issueTickets issues tickets and shows them ready to print.
func (k *Console) issueTickets(c *fiber.Ctx) error {
	kind := kaopass.TicketKind(c.FormValue("kind"))
	count, err := strconv.Atoi(c.FormValue("count"))
	model := view.TicketsModel{Page: page(c, "tickets"), Most: issueMax}
	if err != nil || count < 1 || count > issueMax || !slices.Contains(kaopass.TicketKinds(), kind) {
		model.Wrong = true
		return respond.Page(c, fiber.StatusUnprocessableEntity, view.Tickets(model))
	}
	issued, err := k.DB.IssueTickets(c.UserContext(), db.IssueTickets{Kind: kind, Count: count, Actor: string(access.Staff(c).ID)})
	if err != nil {
		return err
	}
	for _, t := range issued {
		model.Issued = append(model.Issued, view.PrintedTicket{Ticket: t.Ticket, QR: t.QR})
	}
	return respond.Page(c, fiber.StatusOK, view.Tickets(model))
}

// revokeTicket takes a ticket out of use.
func (k *Console) revokeTicket(c *fiber.Ctx) error {
	if err := k.DB.RevokeTicket(c.UserContext(), kaopass.TicketID(c.Params("id")), string(access.Staff(c).ID)); err != nil {
		return err
	}
	p := page(c, "visitors")
	p.Flash = good(p.Words, "ticket_revoked")
	return respond.Page(c, fiber.StatusOK, view.Visitors(view.VisitorsModel{Page: p}))
}
