package db

import (
	"cmp"
	"context"
	"errors"

	"github.com/kaopass/kaopass"
)

// ConfirmPayment pays with one of the offered methods: captured, authorised, or declined. Consent, freeze and limits are
// read once more, under the payer's lock. ErrInFlight while an earlier call's card is at work.
func (d *DB) ConfirmPayment(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, method kaopass.MethodID) (Outcome, error) {
	out, card, err := d.confirms.confirm(ctx, d, d.instant().ask(key, till, id), method)
	if err == nil && card {
		return d.confirmByCard(ctx, desk, key, till, id, method)
	}
	return out, err
}

// confirmByCard is ConfirmPayment with a card: the intent is kept, the company is asked, and what it said is booked.
func (d *DB) confirmByCard(ctx context.Context, desk CardDesk, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, method kaopass.MethodID) (Outcome, error) {
	var asked *charge
	out, err := d.paymentVerb(ctx, key, till, id, func(t *tx, p *paymentRow, _ *Outcome) (done bool, err error) {
		asked, err = t.resume(t.q.Card.OfPayment, p.ID)
		if err != nil || asked != nil {
			return false, err
		}
		if !p.payment().May(kaopass.Confirm) {
			return false, &StateError{Status: string(p.Status)}
		}
		asked, err = t.confirm(key, p, method)
		return asked == nil, err
	})
	if err != nil || asked == nil {
		return out, err
	}
	answer := askDesk(ctx, desk, *asked)
	out, err = d.settlePayment(context.WithoutCancel(ctx), key, *asked, answer)
	if err == nil && out.Status != kaopass.Declined {
		d.tellOf(ctx, desk, key, asked.ID, &out)
	}
	return out, err
}

// confirm declines, or writes down that a card company is asked.
func (t *tx) confirm(key kaopass.Key, p *paymentRow, method kaopass.MethodID) (*charge, error) {
	payer, err := t.payer(p.Payer)
	if err != nil {
		return nil, err
	}
	if reason := payer.ConfirmRefusal(p.money(p.Amount), p.Coded); reason != "" {
		return nil, t.decline(p, reason)
	}
	var m methodRow
	found, err := t.find(&m, t.q.Wallet.MethodRead, method, p.Payer)
	switch {
	case err != nil:
		return nil, err
	case !found || m.Kind != kaopass.Card: // it was one a moment ago
		return nil, t.decline(p, kaopass.MethodGone)
	case payer.MethodRefusal(m.Kind) != "":
		return nil, t.decline(p, payer.MethodRefusal(m.Kind))
	}
	p.Method, p.MethodKind = m.ID, m.Kind
	if m.Asked { // its bank is not asked again: banks count tries
		return nil, t.decline(p, kaopass.CardNeedsOwner)
	}
	if err := t.savePayment(*p); err != nil {
		return nil, err
	}
	return t.intend(key, p.Payer, m, p.ID, p.money(p.Amount))
}

func (t *tx) decline(p *paymentRow, reason kaopass.Reason) error {
	p.end(kaopass.Declined, reason, t.now)
	if err := t.savePayment(*p); err != nil {
		return err
	}
	return t.paymentEvent(kaopass.PaymentEnded, *p, p.Amount, 0)
}

// authorise takes the money, or holds it where capture is a step of its own.
func (t *tx) authorise(p *paymentRow, from kaopass.AccountID, charge kaopass.ChargeID) error {
	store, err := t.account(kaopass.StoreAccount, string(p.Store), p.Currency)
	if err != nil {
		return err
	}
	m := p.transfer(paymentTransfer)
	m.State, m.Debit, m.Credit, m.Amount, m.Charge = kaopass.Posted, from, store, p.money(p.Amount), charge
	kind := kaopass.PaymentCaptured
	p.Authorised, p.Reason = p.Amount, ""
	if p.Manual {
		m.State, kind = kaopass.Pending, kaopass.PaymentAuthorised
		p.Status, p.ExpiresAt = kaopass.Authorised, t.now.Add(kaopass.CaptureWithin)
	} else {
		p.Captured = p.Amount
		p.end(kaopass.Captured, "", t.now)
	}
	if _, err := t.book(m); err != nil {
		return err
	}
	if err := t.savePayment(*p); err != nil {
		return err
	}
	return t.paymentEvent(kind, *p, p.Amount, 0)
}

// transfer begins a transfer of this payment.
func (p paymentRow) transfer(kind string) transfer {
	return transfer{Kind: kind, Visitor: p.Payer, Device: p.Till, Payment: p.ID}
}

// stopped says whether the payer took consent back or stopped payments while the card company was asked: from their
// confirmation on nothing is taken, so what was approved is released. They are locked until the payment is decided.
func (t *tx) stopped(p paymentRow) (kaopass.Reason, error) {
	payer, err := t.payer(p.Payer)
	switch {
	case err != nil:
		return "", err
	case payer.Frozen && kaopass.ConsentRefusal(payer.Consent) == "":
		return kaopass.PayerFrozen, nil
	}
	return kaopass.ConsentRefusal(payer.Consent), nil
}

// settlePayment books what the card company answered, once, and keeps the outcome for the key of whoever asked, and for
// by, where another request found the question open and finished it. A payment that has ended meanwhile (it was cancelled) is not revived: what was approved is released.
func (d *DB) settlePayment(ctx context.Context, by kaopass.Key, asked charge, answer CardAnswer) (out Outcome, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = Outcome{}
		for _, key := range []kaopass.Key{asked.key(), by} { // a twin of either would find neither the question nor its outcome
			if err := t.holdKey(key); err != nil {
				return err
			}
		}
		p, err := t.lockPayment("", asked.Payment)
		if err != nil {
			return err
		}
		c, open, err := t.lockCharge(asked.ID)
		if err != nil {
			return err
		}
		if open {
			if err := t.settleOpen(&p, c, answer); err != nil {
				return err
			}
		}
		if out.Payment, err = t.show(p); err != nil {
			return err
		}
		if open && c.KeyName != "" {
			err = t.keepKey(c.key(), out)
		}
		if err == nil && by.Name != "" && by != c.key() {
			if err = t.keepKey(by, out); errors.Is(err, errRace) {
				err = nil // its twin has kept the same
			}
		}
		return err
	})
	return out, err
}

func (t *tx) settleOpen(p *paymentRow, c charge, answer CardAnswer) error {
	reason, err := t.settleCharge(c, answer)
	if err != nil {
		return err
	}
	waits := p.Status == kaopass.AwaitingConfirmation
	late := t.now.Sub(c.AskedAt) > chargeLate
	stopped := kaopass.Reason("")
	if waits && reason == "" {
		if stopped, err = t.stopped(*p); err != nil {
			return err
		}
	}
	switch {
	case reason != "" && waits:
		return t.decline(p, reason)
	case reason != "":
		return nil
	case !waits:
		return t.task(c.ID, "release", "", c.money())
	case stopped != "" || late:
		if err := t.task(c.ID, "release", "", c.money()); err != nil {
			return err
		}
		return t.decline(p, cmp.Or(stopped, kaopass.CardUnreachable))
	}
	from, err := t.account(kaopass.CardAccount, "", c.Currency)
	if err != nil {
		return err
	}
	if !p.Manual {
		if err := t.task(c.ID, "capture", "", c.money()); err != nil {
			return err
		}
	}
	return t.authorise(p, from, c.ID)
}
