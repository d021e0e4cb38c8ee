package db

import (
	"context"
	"fmt"
	"time"

	"github.com/kaopass/kaopass"
)

// TillLock is a till at which so many wrong codes, or faces that were not living ones, were tried that none is taken for
// a while. No visitor is locked by it.
type TillLock struct {
	Device kaopass.DeviceID
	Name   string
	Zone   kaopass.Zone
	Reason kaopass.Reason // CodeWrong or NotLive: what was counted
	Tries  int            // of them within the window
	Since  time.Time
	Until  time.Time // then it goes on by itself, unless there are more
}

// TillLocks lists the tills that are locked now, the newest lock first. They are worked out of the log, as the lock
// itself is.
func (d *DB) TillLocks(ctx context.Context) ([]TillLock, error) {
	var out []TillLock
	err := d.list(ctx, &out, d.q.Device.TillLocks, d.clock(), seconds(kaopass.CodeTillWithin), kaopass.CodeTillTries,
		seconds(kaopass.LivelessWithin), kaopass.LivelessTill)
	for i := range out {
		out[i].Since, out[i].Until = out[i].Since.UTC(), out[i].Until.UTC()
	}
	return out, err
}

// seconds writes a span as PostgreSQL reads an interval.
func seconds(d time.Duration) string { return fmt.Sprintf("%d seconds", int(d.Seconds())) }

// ClearTill lets a till go on at once: what was tried before counts no more. ErrNotFound where it is no live till.
func (d *DB) ClearTill(ctx context.Context, staff kaopass.StaffID, till kaopass.DeviceID) error {
	return d.tx(ctx, func(t *tx) error {
		device, err := t.lockDevice(till)
		switch {
		case err != nil:
			return err
		case !device.Live() || device.Role != kaopass.Till:
			return ErrNotFound
		}
		if err := t.must(t.q.Device.Clear, till, t.now); err != nil {
			return err
		}
		return t.deviceEvent(kaopass.TillCleared, device, string(staff))
	})
}
