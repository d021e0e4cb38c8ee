package main

import (
	"context"
	"errors"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

type ticketCommands struct {
	Issue ticketIssue `cmd:"" help:"Issue tickets and print their numbers and QR texts. Example: kaopass ticket issue --kind season --count 10 --json"`
}

type ticketIssue struct {
	Config
	Kind  kaopass.TicketKind `required:"" enum:"season,summer,day" help:"season, summer or day."`
	Count int                `default:"1" help:"How many."`
	Zones []kaopass.Zone     `name:"zone" help:"Zones it is good for; default: all."`
	JSON  bool               `name:"json" help:"Print one JSON object."`
}

type issuedTickets struct {
	Tickets []issuedTicket `json:"tickets"`
}

type issuedTicket struct {
	TicketID kaopass.TicketID `json:"ticket_id"`
	Number   string           `json:"number"`
	QR       string           `json:"qr"`
}

// Run issues the tickets.
func (c *ticketIssue) Run(ctx context.Context, out output) (err error) {
	if c.Count < 1 || c.Count > db.IssueMax {
		return errors.New("--count is 1 to 10000")
	}
	s, err := openStore(ctx, &c.Config, out.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	held, err := s.IssueTickets(ctx, db.IssueTickets{Kind: c.Kind, Count: c.Count, Zones: c.Zones, Actor: operator})
	if err != nil {
		return err
	}
	if c.JSON {
		issued := issuedTickets{Tickets: make([]issuedTicket, len(held))}
		for i, t := range held {
			issued.Tickets[i] = issuedTicket{t.ID, t.Number, t.QR}
		}
		return out.json(issued)
	}
	rows := make([][2]string, len(held))
	for i, t := range held {
		rows[i] = [2]string{t.Number, t.QR}
	}
	return out.table(rows)
}
