package db

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

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

// TillClearing is how a locked till was let go on.
type TillClearing struct {
	Staff  kaopass.StaffID
	Name   string         // of the member of staff
	Reason kaopass.Reason // what it was locked for
	Tries  int
	Why    string // in the words of the member of staff
	At     time.Time
}

// Limits of clearing.
const (
	ClearWhyMax  = 200 // bytes of a reason
	clearingsMax = 10  // shown of a till
)

// TillLocks lists the tills that are locked now, the newest lock first. They are worked out of the log, as the lock
// itself is.
func (d *DB) TillLocks(ctx context.Context) (out []TillLock, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out, err = t.tillLocks("")
		return err
	})
	return out, err
}

// tillLocks lists the locks of one till, or of all.
func (t *tx) tillLocks(till kaopass.DeviceID) ([]TillLock, error) {
	var all []TillLock
	err := t.list(&all, t.q.Device.TillLocks, t.now, seconds(kaopass.CodeTillWithin), kaopass.CodeTillTries,
		seconds(kaopass.LivelessWithin), kaopass.LivelessTill)
	out := all[:0]
	for _, l := range all {
		if l.Since, l.Until = l.Since.UTC(), l.Until.UTC(); till == "" || l.Device == till {
			out = append(out, l)
		}
	}
	return out, err
}

// seconds writes a span as PostgreSQL reads an interval.
func seconds(d time.Duration) string { return fmt.Sprintf("%d seconds", int(d.Seconds())) }

// ClearTill lets a locked till go on at once, for a reason that is kept: what was tried before counts no more.
// ErrNotFound where it is no live till; a [*FieldError] "why" where nothing, or more than ClearWhyMax, is said; a
// [*StateError] "not_locked" where it is not locked, as for the second of two who do it.
func (d *DB) ClearTill(ctx context.Context, staff kaopass.StaffID, till kaopass.DeviceID, why string) error {
	if why = strings.TrimSpace(why); why == "" || len(why) > ClearWhyMax || !utf8.ValidString(why) || strings.Contains(why, "\x00") {
		return &FieldError{Field: "why"}
	}
	return d.tx(ctx, func(t *tx) error {
		device, err := t.lockDevice(till)
		switch {
		case err != nil:
			return err
		case !device.Live() || device.Role != kaopass.Till:
			return ErrNotFound
		}
		locks, err := t.tillLocks(till)
		if err != nil {
			return err
		}
		if len(locks) == 0 {
			return &StateError{Status: "not_locked"}
		}
		for _, l := range locks {
			if err := t.must(t.q.Device.ClearingAdd, till, staff, l.Reason, l.Tries, why, t.now); err != nil {
				return err
			}
		}
		if err := t.must(t.q.Device.Clear, till, t.now); err != nil {
			return err
		}
		return t.deviceEvent(kaopass.TillCleared, device, string(staff))
	})
}

// DeviceFile is what staff look at of one device; of a till also whether it is locked, and what was tried at it.
type DeviceFile struct {
	Device   kaopass.Device
	Locks    []TillLock
	Codes    int // wrong ones within kaopass.CodeTillWithin; at kaopass.CodeTillTries none is taken
	Liveless int // faces that were not living ones within kaopass.LivelessWithin; at kaopass.LivelessTill none is taken
	Cleared  []TillClearing
}

// DeviceFile reads one device: ErrNotFound where there is none.
func (d *DB) DeviceFile(ctx context.Context, id kaopass.DeviceID) (out DeviceFile, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out = DeviceFile{}
		var row deviceRow
		if err := t.get(&row, t.q.Device.Read, id); err != nil {
			return err
		}
		if out.Device = row.device(); row.Role != kaopass.Till {
			return nil
		}
		if out.Locks, err = t.tillLocks(id); err != nil {
			return err
		}
		if err := t.get(&out, t.q.Device.TillTries, id, t.now.Add(-kaopass.CodeTillWithin), t.now.Add(-kaopass.LivelessWithin)); err != nil {
			return err
		}
		if err := t.list(&out.Cleared, t.q.Device.Clearings, id, clearingsMax); err != nil {
			return err
		}
		for i := range out.Cleared {
			out.Cleared[i].At = out.Cleared[i].At.UTC()
		}
		return nil
	})
	return out, err
}
