package db

import (
	"context"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// CapturePayment takes what was authorised, or a part of it: the rest is released ([kaopass.Payment.CaptureOf]).
// ErrAmount above what was authorised. Zero: all of it.
func (d *DB) CapturePayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, amount kaopass.Money) (Outcome, error) {
	return d.moneyVerb(ctx, desk, d.q.Payment.Capture, key, till, id, amount.Value, amount.Currency)
}

// VoidPayment releases what was authorised.
func (d *DB) VoidPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID) (Outcome, error) {
	return d.moneyVerb(ctx, desk, d.q.Payment.Void, key, till, id)
}

// CancelPayment ends a payment from any state and is never refused: what was authorised is released, what was captured
// is refunded ([kaopass.Payment.CancelOf]); Outcome.Did says which.
func (d *DB) CancelPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID) (Outcome, error) {
	out, err := d.moneyVerb(ctx, desk, d.q.Payment.Cancel, key, till, id)
	if out.Did == "" {
		out.Did = kaopass.DidNothing // its time was over before
	}
	return out, err
}

// RefundPayment gives back a part or all of what was captured, to the method it came from ([kaopass.Payment.RefundOf]):
// ErrAmount above what is left. Zero: all that is left. why is the clerk's sentence, at most 200 bytes.
func (d *DB) RefundPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, amount kaopass.Money, why string) (Outcome, error) {
	return d.moneyVerb(ctx, desk, d.q.Payment.Refund, key, till, id, amount.Value, amount.Currency, cutText(why, kaopass.RefundWhyMax))
}

// moneyVerb is a verb on money that was moved or held. What the card company has to be told is told after.
func (d *DB) moneyVerb(ctx context.Context, desk CardDesk, stmt *sqlx.Stmt, key kaopass.Key, till kaopass.DeviceID,
	id kaopass.PaymentID, more ...any) (Outcome, error) {
	out, charge, err := d.verb(ctx, stmt, d.instant().ask(key, till, id), more...)
	if err == nil && !out.Replayed {
		d.tellOf(ctx, desk, key, charge, &out)
	}
	return out, err
}
