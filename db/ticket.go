package db

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// ticketQueries is the book of tickets.
type ticketQueries struct {
	Issue      *sqlx.Stmt `query:"ticket-issue"`
	Issued     *sqlx.Stmt `query:"ticket-issued"`
	Lock       *sqlx.Stmt `query:"ticket-lock"`
	LockNumber *sqlx.Stmt `query:"ticket-lock-number"`
	Held       *sqlx.Stmt `query:"ticket-held"`
	Holders    *sqlx.Stmt `query:"ticket-holders"`
	Bind       *sqlx.Stmt `query:"ticket-bind"`
	Free       *sqlx.Stmt `query:"ticket-free"`
	Revoke     *sqlx.Stmt `query:"ticket-revoke"`
	Move       *sqlx.Stmt `query:"ticket-move"`
	Guesses    *sqlx.Stmt `query:"ticket-guesses"`
	Inside     *sqlx.Stmt `query:"ticket-inside"`
}

// ticketRow is a ticket as its table keeps it.
type ticketRow struct {
	ID           kaopass.TicketID
	Number       string
	Kind         kaopass.TicketKind
	Zones        pq.StringArray
	From         time.Time `db:"valid_from"`
	Until        time.Time `db:"valid_until"`
	EntriesMax   int       `db:"entries_max"`
	Entries      int
	Holder       kaopass.VisitorID
	RevokedAt    stamp `db:"revoked_at"`
	Inside       bool
	InsideZone   kaopass.Zone        `db:"inside_zone"`
	Pending      kaopass.AdmissionID // the admission that holds the ticket
	PendingGate  kaopass.DeviceID    `db:"pending_gate"`
	PendingUntil stamp               `db:"pending_until"`
}

func (r ticketRow) ticket() kaopass.Ticket {
	k := kaopass.Ticket{ID: r.ID, Number: r.Number, Kind: r.Kind, From: r.From.UTC(), Until: r.Until.UTC(),
		EntriesMax: r.EntriesMax, Entries: r.Entries, Holder: r.Holder, RevokedAt: r.RevokedAt.Time,
		Inside: r.Inside, PendingGate: r.PendingGate, PendingUntil: r.PendingUntil.Time}
	for _, zone := range r.Zones {
		k.Zones = append(k.Zones, kaopass.Zone(zone))
	}
	return k
}

func (t *tx) held(rows []ticketRow) []HeldTicket {
	out := make([]HeldTicket, len(rows))
	for i, r := range rows {
		out[i] = HeldTicket{Ticket: r.ticket(), QR: t.keys.SignTicket(r.ID)}
	}
	return out
}

// IssueTickets asks for new tickets.
type IssueTickets struct {
	Kind        kaopass.TicketKind
	Count       int // 1 to IssueMax
	Zones       []kaopass.Zone
	From, Until time.Time // zero: from today, until the kind's usual end
	Actor       string
}

// IssueMax is how many tickets one call issues.
const IssueMax = 10_000

// IssueTickets writes tickets into the book and signs their QR codes.
func (d *DB) IssueTickets(ctx context.Context, in IssueTickets) (issued []HeldTicket, err error) {
	if in.Count < 1 || in.Count > IssueMax {
		return nil, fmt.Errorf("db: %d tickets at once, want 1 to %d", in.Count, IssueMax)
	}
	err = d.tx(ctx, func(t *tx) error {
		ids, err := t.issue(in)
		if err != nil {
			return err
		}
		var rows []ticketRow
		if err := t.list(&rows, t.q.Ticket.Issued, pq.Array(ids)); err != nil {
			return err
		}
		for _, r := range rows {
			if _, err := t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: in.Actor, Subject: string(r.ID)}); err != nil {
				return err
			}
		}
		issued = t.held(rows)
		return nil
	})
	return issued, err
}

// issueRounds bounds the redrawing of numbers that are taken: with a million of a million million, one in a million is.
const issueRounds = 10

func (t *tx) issue(in IssueTickets) (ids []string, err error) {
	days, entriesMax := in.Kind.Usual()
	if in.From.IsZero() {
		in.From, _ = kaopass.VenueDay(t.now)
	}
	if in.Until.IsZero() {
		in.Until = in.From.AddDate(0, 0, days)
	}
	zones := make([]string, len(in.Zones))
	for i, zone := range in.Zones {
		zones[i] = string(zone)
	}
	for round := 0; round < issueRounds && len(ids) < in.Count; round++ {
		newIDs, numbers := t.drawTickets(in.Count - len(ids))
		var added []string
		err := t.list(&added, t.q.Ticket.Issue, pq.Array(newIDs), pq.Array(numbers), in.Kind, pq.Array(zones), in.From,
			in.Until, entriesMax, t.now)
		if err != nil {
			return nil, err
		}
		ids = append(ids, added...)
	}
	if len(ids) < in.Count {
		return nil, fmt.Errorf("db: no free ticket numbers after %d rounds", issueRounds)
	}
	return ids, nil
}

func (t *tx) drawTickets(n int) (ids, numbers []string) {
	for len(ids) < n {
		var random [8]byte
		rand.Read(random[:]) // never fails (crypto/rand, since Go 1.24)
		if number, ok := kaopass.TicketNumber(binary.BigEndian.Uint64(random[:])); ok {
			ids, numbers = append(ids, t.newID(kaopass.PrefixTicket)), append(numbers, number)
		}
	}
	return ids, numbers
}

// RevokeTicket takes a ticket out of use: ErrNotFound where it is not in the book.
func (d *DB) RevokeTicket(ctx context.Context, id kaopass.TicketID, actor string) error {
	return d.tx(ctx, func(t *tx) error {
		var row ticketRow
		if err := t.get(&row, t.q.Ticket.Lock, id); err != nil {
			return err
		}
		if !row.RevokedAt.IsZero() {
			return nil
		}
		if err := t.must(t.q.Ticket.Revoke, id, t.now); err != nil {
			return err
		}
		_, err := t.event(kaopass.Event{Kind: kaopass.TicketRevokedE, Actor: actor, Visitor: row.Holder, Subject: string(id)})
		return err
	})
}

// heldTickets lists the visitor's tickets, newest first.
func (t *tx) heldTickets(id kaopass.VisitorID) ([]HeldTicket, error) {
	var rows []ticketRow
	err := t.list(&rows, t.q.Ticket.Held, id)
	return t.held(rows), err
}

// holders lists the visitors who hold a ticket with this number, or of this id.
func (t *tx) holders(text string) (ids []kaopass.VisitorID, err error) {
	number, _ := kaopass.ReadTicketNumber(text)
	return ids, t.list(&ids, t.q.Ticket.Holders, text, number)
}

// insideZone counts the people inside a zone, by the tickets; an empty zone is the whole venue.
func (t *tx) insideZone(zone kaopass.Zone) (n int, err error) {
	return n, t.get(&n, t.q.Ticket.Inside, zone)
}

// inside counts the people inside, by the tickets.
func (t *tx) inside() (int, error) { return t.insideZone("") }
