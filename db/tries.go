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

// MayCapture answers whether a visitor may be captured now, by how many captures of their own ended suspiciously
// ([kaopass.LeaveToCapture]). A capture at a kiosk has a helper beside it, is never refused for this, and is not counted.
func (d *DB) MayCapture(ctx context.Context, id kaopass.VisitorID) (leave kaopass.CaptureLeave, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		var lately, today int
		if err := t.get(&lately, t.q.Enrolment.Tries, id, t.now.Add(-kaopass.CaptureTriesWithin)); err != nil {
			return err
		}
		if err := t.get(&today, t.q.Enrolment.Tries, id, t.now.Add(-kaopass.CaptureDay)); err != nil {
			return err
		}
		leave = kaopass.LeaveToCapture(lately, today)
		return nil
	})
	return leave, err
}
