package db

import (
	"context"
	"errors"
	"slices"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// presenceQueries reads who is on the site.
type presenceQueries struct {
	All      *sqlx.Stmt `query:"presence-all"`
	Of       *sqlx.Stmt `query:"presence-of"`
	DayEnded *sqlx.Stmt `query:"presence-day-ended"`
	EndDay   *sqlx.Stmt `query:"presence-end-day"`
}

// OnSite tells who of the payment gallery is on the site, by any ticket they hold, and answers the event number up to
// which that is true. FollowOnSite goes on from there.
func (d *DB) OnSite(ctx context.Context, each func(kaopass.PresenceChange) error) (seq int64, err error) {
	var ids []kaopass.EnrolmentID
	err = d.snapshot(ctx, func(t *tx) (err error) {
		seq, ids, err = t.onSite()
		return err
	})
	for _, id := range ids {
		if err := each(kaopass.PresenceChange{Enrolment: id, OnSite: true}); err != nil {
			return seq, err
		}
	}
	return seq, err
}

func (t *tx) onSite() (seq int64, ids []kaopass.EnrolmentID, err error) {
	if _, err := t.do(t.q.Enrolment.Patience); err != nil {
		return 0, nil, err
	}
	if err := t.get(&seq, t.q.Event.Newest); err != nil {
		return 0, nil, err
	}
	return seq, ids, t.list(&ids, t.q.Presence.All)
}

// FollowOnSite calls each for everyone of the payment gallery who may have come to the site or left it after seq, until
// ctx ends. It tells what is so now, so the last word about a person is the true one; it reconnects by itself and never
// skips (see Follow). When a day has ended it tells that everybody has left, and then who has not.
func (d *DB) FollowOnSite(ctx context.Context, seq int64, each func(kaopass.PresenceChange) error) error {
	return d.Follow(ctx, seq, func(e kaopass.Event) error {
		switch {
		case e.Kind == kaopass.DayEnded:
			return d.afterDay(ctx, e.Seq, each)
		case e.Kind == kaopass.TemplateRemoved && e.Purpose == kaopass.ForPayment:
			gone := kaopass.PresenceChange{Seq: e.Seq, Enrolment: kaopass.EnrolmentID(e.Subject)}
			return errors.Join(each(gone), d.whereabouts(ctx, e, each)) // they may be there under a newer enrolment
		case e.Visitor != "" && slices.Contains(moving(), e.Kind):
			return d.whereabouts(ctx, e, each)
		}
		return nil
	})
}

// moving lists the kinds of event after which somebody may be on the site who was not, or the other way round.
func moving() []kaopass.EventKind {
	return []kaopass.EventKind{kaopass.AdmissionPassed, kaopass.AdmissionUndone, kaopass.TemplateAdded, kaopass.TicketBound}
}

// whereabouts tells where the visitor of an event is now, if they are in the payment gallery.
func (d *DB) whereabouts(ctx context.Context, e kaopass.Event, each func(kaopass.PresenceChange) error) error {
	var row struct {
		Enrolment kaopass.EnrolmentID
		OnSite    bool `db:"on_site"`
	}
	err := d.patiently(ctx, func() error { return d.get(ctx, &row, d.q.Presence.Of, e.Visitor) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return each(kaopass.PresenceChange{Seq: e.Seq, Enrolment: row.Enrolment, OnSite: row.OnSite})
}

// afterDay tells that everybody has left but those who have not.
func (d *DB) afterDay(ctx context.Context, seq int64, each func(kaopass.PresenceChange) error) error {
	var here []kaopass.PresenceChange
	err := d.patiently(ctx, func() error {
		here = []kaopass.PresenceChange{{Seq: seq}}
		_, err := d.OnSite(ctx, func(change kaopass.PresenceChange) error {
			change.Seq = seq
			here = append(here, change)
			return nil
		})
		return err
	})
	if err != nil {
		return err
	}
	for _, change := range here {
		if err := each(change); err != nil {
			return err
		}
	}
	return nil
}

// EndDay counts out whoever came in before the last [kaopass.DayEnd] and was not seen leaving, once a day; web calls it
// on a timer. Nobody has to leave through a gate, and nobody shall be told tomorrow that they are inside already.
func (d *DB) EndDay(ctx context.Context) (left int64, err error) {
	err = d.tx(ctx, func(t *tx) error {
		left = 0
		var check []byte
		if err := t.get(&check, t.q.Venue.Check); err != nil { // locks the row: two processes take turns
			return err
		}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil { // everyone who was there may be a hundred thousand
			return err
		}
		end, over := kaopass.DayEnd(t.now), false
		if err := t.get(&over, t.q.Presence.DayEnded, end); err != nil || over {
			return err
		}
		if left, err = t.do(t.q.Presence.EndDay, end); err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.DayEnded, Actor: venueActor})
		return err
	})
	return left, err
}
