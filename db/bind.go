package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// Bound is the outcome of binding a ticket. Reason: TicketUnreadable, TicketForged, TicketUnknown, TicketRevoked,
// TicketExpired, TicketTaken, TooManyTries, or empty; a ticket that is not for the face lanes binds all the same.
type Bound struct {
	Ticket HeldTicket // empty where Reason is set
	Reason kaopass.Reason
}

// BindTicket binds a ticket, by the text of its QR code or its number, to the first person who asks.
func (d *DB) BindTicket(ctx context.Context, id kaopass.VisitorID, text string) (out Bound, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out, err = t.bindText(id, text, string(id))
		return err
	})
	return out, err
}

// bindText is BindTicket within a verb; it appends its event, actor being who asked. The visitor's row is locked first,
// so that guesses made at once are counted one after another.
func (t *tx) bindText(id kaopass.VisitorID, text, actor string) (Bound, error) {
	if _, err := t.lockVisitor(id); err != nil {
		return Bound{}, err
	}
	row, reason, err := t.bindable(id, text)
	if err != nil {
		return Bound{}, err
	}
	e := kaopass.Event{Kind: kaopass.TicketBindRefused, Actor: actor, Visitor: id, Subject: string(row.ID), Reason: reason}
	if reason != "" {
		_, err = t.event(e)
		return Bound{Reason: reason}, err
	}
	if row.Holder == id {
		return Bound{Ticket: t.held([]ticketRow{row})[0]}, nil
	}
	if err := t.must(t.q.Ticket.Bind, row.ID, id, t.now); err != nil {
		return Bound{}, err
	}
	row.Holder, e.Kind = id, kaopass.TicketBound
	_, err = t.event(e)
	return Bound{Ticket: t.held([]ticketRow{row})[0]}, err
}

// bindable finds and locks the ticket that the text names, or says why it cannot be bound. The row is empty where the
// ticket is not this visitor's to know of.
func (t *tx) bindable(id kaopass.VisitorID, text string) (row ticketRow, reason kaopass.Reason, err error) {
	guesses := 0
	if err := t.get(&guesses, t.q.Ticket.Guesses, id, t.now.Add(-kaopass.BindTriesWithin)); err != nil {
		return row, "", err
	}
	if guesses >= kaopass.BindTries {
		return row, kaopass.TooManyTries, nil
	}
	var found bool
	if number, ok := kaopass.ReadTicketNumber(text); ok {
		found, err = t.find(&row, t.q.Ticket.LockNumber, number)
	} else {
		var ticket kaopass.TicketID
		if ticket, reason = t.keys.ReadTicket(text); reason != "" {
			return row, reason, nil
		}
		found, err = t.find(&row, t.q.Ticket.Lock, ticket)
	}
	switch {
	case err != nil:
		return row, "", err
	case !found:
		return row, kaopass.TicketUnknown, nil
	}
	if reason = row.ticket().BindRefusal(id, t.now); reason != "" {
		return ticketRow{}, reason, nil
	}
	return row, "", nil
}
