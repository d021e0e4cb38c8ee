package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// TillStatus is what a till's staff strip shows.
type TillStatus struct {
	Day       kaopass.TradeDay
	Today     kaopass.Totals
	Unprinted []kaopass.Receipt // of the day, newest first, at most UnprintedMax
	Recent    []kaopass.Payment // newest first
	Limits    kaopass.Limits    // in force
}

// tillRecent is how many payments a staff strip shows.
const tillRecent = 5

// TillStatus reads a till's own figures of the venue's day of trade: ErrNotFound where the device is not a live till.
func (d *DB) TillStatus(ctx context.Context, till kaopass.DeviceID) (out TillStatus, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		if _, err := t.liveDevice(till, kaopass.Till); err != nil {
			return err
		}
		out = TillStatus{Day: kaopass.TradeDayOf(t.now)}
		from, until := out.Day.Span()
		if out.Today, err = t.tillDay(till, from, until); err != nil {
			return err
		}
		if out.Limits, err = t.limits(); err != nil {
			return err
		}
		out.Limits = out.Limits.InForce()
		if out.Unprinted, err = t.unprinted(till, from, until); err != nil {
			return err
		}
		out.Recent, _, err = t.payments(till, time.Time{}, Page{Limit: tillRecent})
		return err
	})
	return out, err
}
