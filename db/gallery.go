package db

import (
	"context"
	"errors"

	"github.com/kaopass/kaopass"
)

// Templates reads every template that stands for a purpose and answers the event number up to which that is true: the
// first load of the gallery. FollowTemplates goes on from there; what was read and is told again then is the same.
// A template that cannot be unsealed ends it with an error: somebody has written where only this program writes.
func (d *DB) Templates(ctx context.Context, purpose kaopass.Purpose, each func(kaopass.TemplateChange) error) (seq int64, err error) {
	return seq, d.snapshot(ctx, func(t *tx) (err error) {
		if _, err := t.do(t.q.Enrolment.Patience); err != nil { // a million people take longer than a statement may
			return err
		}
		if _, err := t.do(t.q.Enrolment.TemplateRoom); err != nil { // keys and enrolments fit: templates are read in one sweep
			return err
		}
		if err := t.get(&seq, t.q.Event.Newest); err != nil {
			return err
		}
		return t.eachTemplate(each, t.q.Enrolment.TemplateAll, purpose)
	})
}

// FollowTemplates calls each for every template added, grown or removed after seq, in order, until ctx ends. It reconnects by
// itself and never skips (see Follow). It tells what is so now: a template that was added and is gone again yields
// Removed, so that nobody who was erased comes back into a gallery for a moment.
func (d *DB) FollowTemplates(ctx context.Context, seq int64, each func(kaopass.TemplateChange) error) error {
	return d.Follow(ctx, seq, func(e kaopass.Event) error {
		if e.Kind != kaopass.TemplateAdded && e.Kind != kaopass.TemplateGrown && e.Kind != kaopass.TemplateRemoved {
			return nil
		}
		change := kaopass.TemplateChange{Seq: e.Seq, Enrolment: kaopass.EnrolmentID(e.Subject), Purpose: e.Purpose}
		var row templateRow
		err := d.patiently(ctx, func() error {
			return d.get(ctx, &row, d.q.Enrolment.TemplateByID, e.Subject, e.Purpose)
		})
		switch {
		case errors.Is(err, ErrNotFound):
			change.Removed = true
			return each(change)
		case err != nil:
			return err
		}
		if change.Template, err = d.open(row); err != nil {
			return err
		}
		return each(change)
	})
}
