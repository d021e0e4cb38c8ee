package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// eventQueries appends to the log and reads it.
type eventQueries struct {
	Append *sqlx.Stmt `query:"event-append"`
	After  *sqlx.Stmt `query:"event-after"`
	Newest *sqlx.Stmt `query:"event-newest"`
	List   *sqlx.Stmt `query:"event-list"`
	Anew   *sqlx.Stmt `query:"event-plan-anew"`
	Wake   string     `query:"event-wake"` // its text: the notifier has a connection of its own
}

// eventRow is an event as its table keeps it.
type eventRow struct {
	Seq       int64
	ID        kaopass.EventID
	At        time.Time
	Kind      kaopass.EventKind
	Actor     string
	Visitor   kaopass.VisitorID
	Device    kaopass.DeviceID
	Place     string
	Zone      kaopass.Zone
	Subject   string
	Purpose   kaopass.Purpose
	Decision  kaopass.Decision
	Status    kaopass.PaymentStatus
	Reason    kaopass.Reason
	Direction kaopass.Direction
	Currency  string
	Amount    int64
	TookUS    int64 `db:"took_us"`
}

func (r eventRow) event() kaopass.Event {
	return kaopass.Event{Seq: r.Seq, ID: r.ID, At: r.At.UTC(), Kind: r.Kind, Actor: r.Actor, Visitor: r.Visitor,
		Device: r.Device, Place: r.Place, Zone: r.Zone, Subject: r.Subject, Purpose: r.Purpose, Decision: r.Decision,
		Status: r.Status, Reason: r.Reason, Direction: r.Direction,
		Amount: kaopass.Money{Currency: r.Currency, Value: r.Amount},
		Took:   time.Duration(r.TookUS) * time.Microsecond}
}

func events(rows []eventRow) []kaopass.Event {
	out := make([]kaopass.Event, len(rows))
	for i, r := range rows {
		out[i] = r.event()
	}
	return out
}

// eventsMax is how many events one verb appends at most: what the number has room for.
const eventsMax = 1<<16 - 1

// event appends an event to the log in the verb's own transaction and answers it with its number, id and moment. A verb
// locks what it decides about before it appends, so that conflicting verbs are numbered in the order in which they
// happened.
func (t *tx) event(e kaopass.Event) (kaopass.Event, error) {
	if t.events >= eventsMax {
		return e, fmt.Errorf("db: more than %d events in one verb", eventsMax)
	}
	t.events++
	e.ID, e.At = kaopass.EventID(t.newID(kaopass.PrefixEvent)), t.now
	err := t.get(&e.Seq, t.q.Event.Append, t.events, e.ID, e.At, e.Kind, e.Actor, e.Visitor, e.Device, e.Place, e.Zone,
		e.Subject, e.Purpose, e.Decision, e.Status, e.Reason, e.Direction, e.Amount.Currency, e.Amount.Value,
		e.Took.Microseconds())
	return e, err
}

// EventFilter chooses events; empty fields choose all.
type EventFilter struct {
	Kind    string // a kind, or a noun before the dot
	Device  kaopass.DeviceID
	Reason  kaopass.Reason
	Subject string
	Since   time.Time
}

// Events lists the audit log, newest first, and answers the cursor of the next page: empty at the end.
func (d *DB) Events(ctx context.Context, f EventFilter, page Page) ([]kaopass.Event, string, error) {
	var rows []eventRow
	err := d.snapshot(ctx, func(t *tx) error {
		rows = nil
		if _, err := t.do(t.q.Event.Anew); err != nil { // which index serves depends on which fields are set
			return err
		}
		return t.list(&rows, t.q.Event.List, page.before(), f.Kind, f.Device, f.Reason, f.Subject, f.Since, page.limit())
	})
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(page, rows, func(r eventRow) int64 { return r.Seq })
	return events(rows), next, nil
}

// LastSeq answers the number of the newest event that a follower may read: 0 where there is none.
func (d *DB) LastSeq(ctx context.Context) (seq int64, err error) {
	return seq, d.get(ctx, &seq, d.q.Event.Newest)
}
