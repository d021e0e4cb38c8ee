package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// fillPayQueries puts made-up payers, tills and payments into a database of a benchmark's own.
type fillPayQueries struct {
	Limits    *sqlx.Stmt `query:"fill-pay-limits"`
	Visitors  *sqlx.Stmt `query:"fill-pay-visitors"`
	Consents  *sqlx.Stmt `query:"fill-pay-consents"`
	Methods   *sqlx.Stmt `query:"fill-pay-methods"`
	Wallets   *sqlx.Stmt `query:"fill-pay-wallets"`
	TopUps    *sqlx.Stmt `query:"fill-pay-top-ups"`
	Tills     *sqlx.Stmt `query:"fill-pay-tills"`
	Stores    *sqlx.Stmt `query:"fill-pay-stores"`
	Awaiting  *sqlx.Stmt `query:"fill-pay-awaiting"`
	Payments  *sqlx.Stmt `query:"fill-pay-past-payments"`
	Transfers *sqlx.Stmt `query:"fill-pay-past-transfers"`
	Balances  *sqlx.Stmt `query:"fill-pay-balances"`
	Vacuum    string     `query:"fill-pay-vacuum"` // its text, as of the two around it: it runs in no transaction
	Patient   string     `query:"fill-pay-patient"`
	Impatient string     `query:"fill-pay-impatient"`
}

// The made-up venue of a benchmark.
const (
	FillTills  = 400    // each in a store of its own
	fillPast   = 50_000 // payments copied at once
	fillSeason = 184 * 24 * time.Hour
)

// FillPay puts so many people with money in their wallets, each from one top-up, and FillTills tills into an empty database,
// past every verb and its events, but with every constraint and trigger at work and with wide limits of pace, so that
// payments can be measured.
func (d *DB) FillPay(ctx context.Context, payers int) error {
	return d.tx(ctx, func(t *tx) error {
		if err := t.mustBeEmpty(); err != nil {
			return err
		}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		q := t.q.FillPay
		for _, step := range []struct {
			stmt *sqlx.Stmt
			args []any
		}{
			{q.Limits, []any{t.now}}, {q.Visitors, []any{payers, t.now}}, {q.Consents, []any{payers, t.now}}, {q.Methods, []any{payers, t.now}},
			{q.Wallets, []any{payers, t.now}}, {q.TopUps, []any{payers, t.now, kaopass.WalletMax}},
			{q.Tills, []any{FillTills, t.now}}, {q.Stores, []any{FillTills, t.now}},
		} {
			if _, err := t.do(step.stmt, step.args...); err != nil {
				return fmt.Errorf("db: filling: %w", err)
			}
		}
		return nil
	})
}

// FillPast adds n payments of the season before, with their transfers. The triggers rest meanwhile and the wallets are set
// to what the transfers say at the end: let [DB.AuditLedger] say whether that came true.
func (d *DB) FillPast(ctx context.Context, n, payers int) error {
	var all sync.WaitGroup
	failed := make([]error, 2)
	for worker := range failed {
		all.Go(func() {
			for from := 1 + worker*fillPast; from <= n && failed[worker] == nil; from += len(failed) * fillPast {
				failed[worker] = d.fillPast(ctx, from, min(from+fillPast-1, n), n, payers)
			}
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return d.quietly(ctx, func(t *tx) error {
		_, err := t.do(t.q.FillPay.Balances)
		return err
	})
}

func (d *DB) fillPast(ctx context.Context, from, to, n, payers int) error {
	return d.quietly(ctx, func(t *tx) error {
		args := []any{from, to, FillTills, payers, t.now, n, fillSeason.Microseconds() / int64(n)}
		if _, err := t.do(t.q.FillPay.Payments, args...); err != nil {
			return err
		}
		_, err := t.do(t.q.FillPay.Transfers, args...)
		return err
	})
}

// quietly runs a transaction without triggers and without a limit of time.
func (d *DB) quietly(ctx context.Context, do func(*tx) error) error {
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.sql.ExecContext(ctx, t.q.Fill.Quietly); err != nil {
			return err
		}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		return do(t)
	})
}

// FillVacuum settles what was filled, so that no vacuum of the server's own falls into a measurement.
func (d *DB) FillVacuum(ctx context.Context) (err error) {
	conn, err := d.pool.Connx(ctx)
	if err != nil {
		return fault(ctx, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, text := range []string{d.q.FillPay.Patient, d.q.FillPay.Vacuum, d.q.FillPay.Impatient} {
		if _, err = conn.ExecContext(ctx, text); err != nil {
			return fault(ctx, err)
		}
	}
	return nil
}

// Awaiting is a payment that only has to be confirmed.
type Awaiting struct {
	Payment kaopass.PaymentID `db:"id"`
	Till    kaopass.DeviceID
	Method  kaopass.MethodID
}

// FillAwaiting adds n payments of one yen that await their confirmation, spread over the first tills and payers; name makes
// their ids different from those of other calls.
func (d *DB) FillAwaiting(ctx context.Context, name string, n, tills, payers int) (out []Awaiting, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = nil
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		return t.list(&out, t.q.FillPay.Awaiting, name, 1, n, tills, payers, t.now)
	})
	return out, err
}
