package db

import (
	"context"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// tillDayQueries reads a till's day for its report.
type tillDayQueries struct {
	Methods   *sqlx.Stmt `query:"till-day-methods"`
	Settled   *sqlx.Stmt `query:"till-day-settled"`
	Reported  *sqlx.Stmt `query:"till-day-reported"`
	Unprinted *sqlx.Stmt `query:"till-day-unprinted"`
}

// totalsRow is what was sold and given back, as it is read.
type totalsRow struct {
	Method             kaopass.MethodKind
	Captures, Refunds  int
	Captured, Refunded int64
	At                 stamp
}

func (r totalsRow) totals() kaopass.Totals {
	return totals(r.Captures, r.Captured, r.Refunds, r.Refunded)
}

// TillReport reads a till's day, which may be under way; an empty one is today: ErrNotFound where the device is not a live till; a
// [*StateError] "day_not_begun" for a day that has not.
func (d *DB) TillReport(ctx context.Context, till kaopass.DeviceID, day kaopass.TradeDay) (out kaopass.TillReport, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		device, err := t.liveDevice(till, kaopass.Till)
		if err != nil {
			return err
		}
		if day == "" {
			day = kaopass.TradeDayOf(t.now)
		}
		from, until := day.Span()
		if from.IsZero() || t.now.Before(from) {
			return &StateError{Status: "day_not_begun"}
		}
		out = kaopass.TillReport{Till: device.Name, Store: device.Zone, Day: day, At: t.now}
		if out.All, err = t.tillDay(till, from, until); err != nil {
			return err
		}
		var rows []totalsRow
		if err := t.list(&rows, t.q.TillDay.Methods, till, from, until); err != nil {
			return err
		}
		for _, r := range rows {
			out.Methods = append(out.Methods, kaopass.MethodTotals{Method: r.Method, Totals: r.totals()})
		}
		if err := t.get(&out.Unprinted, t.q.TillDay.Unprinted, till, from, until); err != nil {
			return err
		}
		return t.tillDayElsewhere(&out, device.Zone, till)
	})
	return out, err
}

// tillDayElsewhere reads what the store's settlement and the till itself say of the day.
func (t *tx) tillDayElsewhere(out *kaopass.TillReport, store kaopass.Zone, till kaopass.DeviceID) error {
	out.Settled, out.Reported = totals(0, 0, 0, 0), totals(0, 0, 0, 0)
	var row totalsRow
	settled, err := t.find(&row, t.q.TillDay.Settled, store, out.Day, till, kaopass.JPY)
	if err != nil {
		return err
	}
	if settled {
		out.Settled, out.SettledAt = row.totals(), row.At.Time
	}
	row = totalsRow{}
	reported, err := t.find(&row, t.q.TillDay.Reported, till, out.Day)
	if reported {
		out.Reported, out.ReportedAt = row.totals(), row.At.Time
	}
	return err
}
