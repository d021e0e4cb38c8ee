package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// TotalsWithin is how long after a day a till may say what it believes of it.
const TotalsWithin = 7 * 24 * time.Hour

// TillTotals is what a till believes to have sold on a day.
type TillTotals struct {
	Key  kaopass.Key
	Till kaopass.DeviceID
	Day  kaopass.TradeDay
	Own  kaopass.Totals
}

// TotalsAnswer is what the ledger says to it.
type TotalsAnswer struct {
	Day      kaopass.TradeDay
	Own      kaopass.Totals
	Ours     kaopass.Totals
	Replayed bool
}

// Agrees reports whether both say the same.
func (a TotalsAnswer) Agrees() bool { return a.Own == a.Ours }

// tillDayRow is a till's day by the ledger and by itself.
type tillDayRow struct {
	Till               kaopass.DeviceID
	Name               string
	Store              kaopass.Zone
	Captures, Refunds  int
	Captured, Refunded int64
	OwnCaptures        int   `db:"own_captures"`
	OwnRefunds         int   `db:"own_refunds"`
	OwnCaptured        int64 `db:"own_captured"`
	OwnRefunded        int64 `db:"own_refunded"`
	ReportedAt         stamp `db:"reported_at"`
}

func (r tillDayRow) day() TillDay {
	return TillDay{Till: r.Till, Name: r.Name, Store: r.Store, Reported: r.ReportedAt.Time,
		Ours: totals(r.Captures, r.Captured, r.Refunds, r.Refunded), Own: totals(r.OwnCaptures, r.OwnCaptured, r.OwnRefunds, r.OwnRefunded)}
}

func totals(captures int, captured int64, refunds int, refunded int64) kaopass.Totals {
	return kaopass.Totals{Captures: captures, Captured: kaopass.Yen(captured), Refunds: refunds, Refunded: kaopass.Yen(refunded)}
}

// reconcileTills reads every till that sold or reported something, and adds those that count otherwise than we do.
func (t *tx) reconcileTills(out *Reconciliation) error {
	from, until := out.Day.Span()
	var rows []tillDayRow
	if err := t.list(&rows, t.q.Reconcile.Tills, from, until, out.Day, out.Store); err != nil {
		return err
	}
	for _, r := range rows {
		day := r.day()
		out.Tills = append(out.Tills, day)
		if !day.Agrees() {
			out.Differences = append(out.Differences, kaopass.Difference{Kind: kaopass.TillDiffers, Store: day.Store, Till: day.Till,
				Ours: day.Ours.Net(), Theirs: day.Own.Net(), At: day.Reported})
		}
	}
	return nil
}

// ReportTotals keeps what a till believes to have sold on a day, and answers what the ledger says; the newest report of a
// day is the one that counts. ErrAmount where a number is below zero or not of the venue's currency; a [*StateError]
// "day_not_reportable" for a day that has not begun or is long over.
func (d *DB) ReportTotals(ctx context.Context, in TillTotals) (out TotalsAnswer, err error) {
	if o := in.Own; min(o.Captured.Value, o.Refunded.Value, int64(o.Captures), int64(o.Refunds)) < 0 ||
		o.Captured.Currency != kaopass.JPY || o.Refunded.Currency != kaopass.JPY {
		return out, ErrAmount
	}
	err = d.tx(ctx, func(t *tx) error {
		out = TotalsAnswer{}
		out.Replayed, err = once(t, in.Key, &out, func() error {
			from, until := in.Day.Span()
			if from.IsZero() || t.now.Before(from) || t.now.After(until.Add(TotalsWithin)) {
				return &StateError{Status: "day_not_reportable"}
			}
			return t.reportTotals(in, &out)
		})
		return err
	})
	return out, err
}

func (t *tx) reportTotals(in TillTotals, out *TotalsAnswer) error {
	till, err := t.liveDevice(in.Till, kaopass.Till)
	if err != nil {
		return err
	}
	_, err = t.do(t.q.Reconcile.TotalAdd, in.Till, in.Day, kaopass.JPY, in.Own.Captures, in.Own.Captured.Value, in.Own.Refunds,
		in.Own.Refunded.Value, t.now)
	if err != nil {
		return err
	}
	from, until := in.Day.Span()
	ours, err := t.tillDay(in.Till, from, until)
	if err != nil {
		return err
	}
	*out = TotalsAnswer{Day: in.Day, Own: in.Own, Ours: ours}
	_, err = t.event(kaopass.Event{Kind: kaopass.TotalsReported, Actor: string(till.ID), Device: till.ID, Place: till.Name,
		Zone: till.Zone, Subject: string(in.Day), Amount: in.Own.Net()})
	return err
}

// tillDay is what the ledger says of a till within a time.
func (t *tx) tillDay(till kaopass.DeviceID, from, until time.Time) (kaopass.Totals, error) {
	var day struct {
		Count, Refunds     int
		Captured, Refunded int64
	}
	err := t.get(&day, t.q.Payment.TillDay, till, from, until)
	return totals(day.Count, day.Captured, day.Refunds, day.Refunded), err
}
