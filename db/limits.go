package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// limitQueries is how much may be paid, and how fast.
type limitQueries struct {
	InForce *sqlx.Stmt `query:"limits-in-force"`
	Set     *sqlx.Stmt `query:"limits-set"`
	Own     *sqlx.Stmt `query:"limits-own"`
	OwnSet  *sqlx.Stmt `query:"limits-own-set"`
	OwnDrop *sqlx.Stmt `query:"limits-own-drop"`
}

// limitRow is the venue's limits, 0 where the standard is in force.
type limitRow struct {
	Payment    int64
	CodeFrom   int64 `db:"code_from"`
	HourCount  int   `db:"hour_count"`
	HourSum    int64 `db:"hour_sum"`
	DayCount   int   `db:"day_count"`
	DaySum     int64 `db:"day_sum"`
	TillMinute int   `db:"till_minute"`
	TillHour   int   `db:"till_hour"`
	At         stamp
	Actor      string
}

func (r limitRow) limits() kaopass.Limits {
	return kaopass.Limits{Payment: r.Payment, CodeFrom: r.CodeFrom, HourCount: r.HourCount, HourSum: r.HourSum,
		DayCount: r.DayCount, DaySum: r.DaySum, TillMinute: r.TillMinute, TillHour: r.TillHour}
}

// VenueLimits is what a venue set, when, and who did: everything is zero where nobody ever did.
type VenueLimits struct {
	Set   kaopass.Limits // 0 where the standard is in force: see [kaopass.Limits.InForce]
	Since time.Time
	Actor string
}

// Limits reads the venue's limits.
func (d *DB) Limits(ctx context.Context) (VenueLimits, error) {
	var row limitRow
	err := d.get(ctx, &row, d.q.Limit.InForce)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return VenueLimits{Set: row.limits(), Since: row.At.Time, Actor: row.Actor}, err
}

func (t *tx) limits() (kaopass.Limits, error) {
	var row limitRow
	_, err := t.find(&row, t.q.Limit.InForce)
	return row.limits(), err
}

// SetLimits puts other limits in force, from the next step of every payment on. A FieldError where the law or the
// mission does not allow one.
func (d *DB) SetLimits(ctx context.Context, l kaopass.Limits, actor string) error {
	if field := l.Fault(); field != "" {
		return &FieldError{Field: field}
	}
	return d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Limit.Set, t.now, actor, l.Payment, l.CodeFrom, l.HourCount, l.HourSum, l.DayCount, l.DaySum,
			l.TillMinute, l.TillHour)
		if err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.LimitsSet, Actor: actor, Purpose: kaopass.ForPayment})
		return err
	})
}

// FieldError says which of several values cannot be.
type FieldError struct{ Field string }

// Error names the field.
func (e *FieldError) Error() string { return "db: cannot be: " + e.Field }

// OwnLimit reads what a visitor allows themselves a day.
func (d *DB) OwnLimit(ctx context.Context, id kaopass.VisitorID) (out kaopass.OwnLimit, err error) {
	return out, d.snapshot(ctx, func(t *tx) error {
		out, err = t.ownLimit(id)
		return err
	})
}

// ownLimit reads a visitor's own limit as it is now.
func (t *tx) ownLimit(id kaopass.VisitorID) (kaopass.OwnLimit, error) {
	var row struct {
		Day  int64
		Next int64
		From stamp `db:"next_from"`
	}
	if _, err := t.find(&row, t.q.Limit.Own, id); err != nil {
		return kaopass.OwnLimit{}, err
	}
	own := kaopass.OwnLimit{Day: row.Day, Next: row.Next, From: row.From.Time}
	if own.Waits() && !t.now.Before(own.From) {
		own = kaopass.OwnLimit{Day: own.Next}
	}
	return own, nil
}

// SetOwnLimit asks for another limit of a visitor's own, in yen a day; 0 asks for none. See [kaopass.OwnLimit.Change]. A
// FieldError below [kaopass.OwnDayMin] and above what the venue allows.
func (d *DB) SetOwnLimit(ctx context.Context, id kaopass.VisitorID, day int64) (own kaopass.OwnLimit, err error) {
	if day != 0 && (day < kaopass.OwnDayMin || day > kaopass.PaymentDayMax) {
		return own, &FieldError{Field: "day"}
	}
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		before, err := t.ownLimit(id)
		if err != nil {
			return err
		}
		own = before.Change(day, t.now)
		if own.Day == 0 {
			_, err = t.do(t.q.Limit.OwnDrop, id)
		} else {
			_, err = t.do(t.q.Limit.OwnSet, id, own.Day, own.Next, stamp{own.From})
		}
		if err != nil || own == before {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.OwnLimitSet, Actor: string(id), Visitor: id, Purpose: kaopass.ForPayment,
			Amount: kaopass.Yen(day)})
		return err
	})
	return own, err
}

// payerLimits is the standard limits as payer_refusal takes them; the venue's own are read there.
func payerLimits() string {
	l := kaopass.StandardLimits()
	return fmt.Sprintf(`{"payment": %d, "day": %d, "hour_sum": %d, "hour_count": %d, "day_count": %d}`,
		l.Payment, l.DaySum, l.HourSum, l.HourCount, l.DayCount)
}

// Spending is what a visitor's own page says of limits.
type Spending struct {
	Payer kaopass.Payer
	Own   kaopass.OwnLimit
}

// Spending reads what a visitor spent lately, and every limit that holds for them.
func (d *DB) Spending(ctx context.Context, id kaopass.VisitorID) (out Spending, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		if out.Payer, err = t.readPayer(id); err != nil {
			return err
		}
		out.Own, err = t.ownLimit(id)
		return err
	})
	return out, err
}
