package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// CapturePayment takes what was authorised, or a part of it: the rest is released. ErrAmount above what was authorised.
// Zero: all of it.
func (d *DB) CapturePayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, amount kaopass.Money) (Outcome, error) {
	return d.moneyVerb(ctx, desk, key, till, id, kaopass.Capture, func(t *tx, p *paymentRow, _ *Outcome) (kaopass.ChargeID, error) {
		take, _, ok := p.payment().CaptureOf(amount)
		if !ok {
			return "", ErrAmount
		}
		charge, err := t.resolve(*p, kaopass.Posted, take)
		if err != nil {
			return "", err
		}
		p.Captured = take.Value
		p.end(kaopass.Captured, "", t.now)
		if err := t.savePayment(*p); err != nil {
			return "", err
		}
		if charge != "" {
			if err := t.task(charge, "capture", "", take); err != nil {
				return "", err
			}
		}
		return charge, t.paymentEvent(kaopass.PaymentCaptured, *p, take.Value, 0)
	})
}

// VoidPayment releases what was authorised.
func (d *DB) VoidPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID) (Outcome, error) {
	return d.moneyVerb(ctx, desk, key, till, id, kaopass.Void, func(t *tx, p *paymentRow, _ *Outcome) (kaopass.ChargeID, error) {
		return t.release(p, kaopass.VoidedT, kaopass.Voided, "")
	})
}

// CancelPayment ends a payment from any state and is never refused: what was authorised is released, what was captured
// is refunded; Outcome.Did says which.
func (d *DB) CancelPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID) (Outcome, error) {
	return d.moneyVerb(ctx, desk, key, till, id, kaopass.Cancel, func(t *tx, p *paymentRow, out *Outcome) (charge kaopass.ChargeID, err error) {
		did, then := p.payment().CancelOf()
		out.Did = did
		switch {
		case did == kaopass.DidRelease:
			return t.release(p, kaopass.VoidedT, then, kaopass.PaymentCancelled)
		case did == kaopass.DidRefund:
			out.Refund, charge, err = t.refund(p, kaopass.Money{}, "cancelled")
			return charge, err
		case then == p.Status:
			return "", nil
		}
		p.end(then, kaopass.PaymentCancelled, t.now)
		if err := t.savePayment(*p); err != nil {
			return "", err
		}
		return "", t.paymentEvent(kaopass.PaymentEnded, *p, p.Amount, 0)
	})
}

// RefundPayment gives back a part or all of what was captured, to the method it came from: ErrAmount above what is left.
// Zero: all that is left. why is the clerk's sentence, at most 200 bytes.
func (d *DB) RefundPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, amount kaopass.Money, why string) (Outcome, error) {
	return d.moneyVerb(ctx, desk, key, till, id, kaopass.Refund, func(t *tx, p *paymentRow, out *Outcome) (charge kaopass.ChargeID, err error) {
		out.Refund, charge, err = t.refund(p, amount, cutText(why, kaopass.RefundWhyMax))
		return charge, err
	})
}

// moneyVerb is a verb on money that was moved or held. What the card company has to be told is told after.
func (d *DB) moneyVerb(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID,
	verb kaopass.PaymentVerb, do func(*tx, *paymentRow, *Outcome) (kaopass.ChargeID, error)) (Outcome, error) {
	var charge kaopass.ChargeID
	out, err := d.paymentVerb(ctx, key, till, id, always(func(t *tx, p *paymentRow, out *Outcome) (err error) {
		if !p.payment().May(verb) {
			return &StateError{Status: string(p.Status)}
		}
		charge, err = do(t, p, out)
		return err
	}))
	if verb == kaopass.Cancel && out.Did == "" {
		out.Did = kaopass.DidNothing // its time was over before
	}
	if err == nil && !out.Replayed {
		d.tellNow(ctx, desk, charge)
	}
	return out, err
}

// resolve ends the pending transfer of a payment and answers the card's charge, where it was one.
func (t *tx) resolve(p paymentRow, state kaopass.TransferState, amount kaopass.Money) (kaopass.ChargeID, error) {
	if err := t.lockPayerWallet(p); err != nil {
		return "", err
	}
	var held pendingRow
	if err := t.get(&held, t.q.Ledger.Pending, p.ID); err != nil {
		return "", err
	}
	m := p.transfer(paymentTransfer)
	m.State, m.Resolves, m.Debit, m.Credit, m.Amount, m.Charge = state, held.ID, held.Debit, held.Credit, amount, held.Charge
	_, err := t.book(m)
	return held.Charge, err
}

// lockPayerWallet locks the payer's wallet where the payment moves it.
func (t *tx) lockPayerWallet(p paymentRow) error {
	if p.MethodKind != kaopass.EMoney {
		return nil
	}
	_, err := t.lockWallet(p.Payer)
	return err
}

// release ends an authorisation without taking anything.
func (t *tx) release(p *paymentRow, state kaopass.TransferState, then kaopass.PaymentStatus, reason kaopass.Reason) (kaopass.ChargeID, error) {
	charge, err := t.resolve(*p, state, p.money(p.Authorised))
	if err != nil {
		return "", err
	}
	p.end(then, reason, t.now)
	if err := t.savePayment(*p); err != nil {
		return "", err
	}
	if charge != "" {
		if err := t.task(charge, "release", "", p.money(p.Authorised)); err != nil {
			return "", err
		}
	}
	return charge, t.paymentEvent(kaopass.PaymentEnded, *p, p.Authorised, 0)
}

// refund gives back what was captured, the way it came.
func (t *tx) refund(p *paymentRow, amount kaopass.Money, why string) (kaopass.RefundID, kaopass.ChargeID, error) {
	back, then, ok := p.payment().RefundOf(amount)
	if !ok {
		return "", "", ErrAmount
	}
	if err := t.lockPayerWallet(*p); err != nil {
		return "", "", err
	}
	var came pendingRow
	if err := t.get(&came, t.q.Ledger.Captured, p.ID); err != nil {
		return "", "", err
	}
	m := p.transfer(refundTransfer)
	m.State, m.Debit, m.Credit, m.Amount, m.Charge, m.Why = kaopass.Posted, came.Credit, came.Debit, back, came.Charge, why
	m.Refund = kaopass.RefundID(t.newID(kaopass.PrefixRefund))
	if _, err := t.book(m); err != nil {
		return "", "", err
	}
	p.Refunded, p.Status = p.Refunded+back.Value, then
	if err := t.savePayment(*p); err != nil {
		return "", "", err
	}
	if m.Charge != "" {
		if err := t.task(m.Charge, "refund", m.Refund, back); err != nil {
			return "", "", err
		}
	}
	return m.Refund, m.Charge, t.paymentEvent(kaopass.PaymentRefunded, *p, back.Value, 0)
}
