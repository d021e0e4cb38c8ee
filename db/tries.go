package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// CaptureEnded stores that a visitor's guided capture gave up, and why; by is the visitor's own id, or the helper's.
func (d *DB) CaptureEnded(ctx context.Context, id kaopass.VisitorID, by string, reason kaopass.Reason) error {
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		_, err := t.event(kaopass.Event{Kind: kaopass.EnrolmentRefused, Actor: by, Visitor: id, Reason: reason})
		return err
	})
}

// MayCapture answers "", or TooManyTries where [kaopass.CaptureTries] captures of the visitor's own ended suspiciously
// lately. A capture at a kiosk has a helper beside it, is never refused for this, and is not counted.
func (d *DB) MayCapture(ctx context.Context, id kaopass.VisitorID) (reason kaopass.Reason, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		tries := 0
		err := t.get(&tries, t.q.Enrolment.Tries, id, t.now.Add(-kaopass.CaptureTriesWithin))
		if tries >= kaopass.CaptureTries {
			reason = kaopass.TooManyTries
		}
		return err
	})
	return reason, err
}
