package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/kaopass/kaopass"
)

// TopUp is money from a card into the wallet.
type TopUp struct {
	Key     kaopass.Key
	Visitor kaopass.VisitorID
	Method  kaopass.MethodID // one of the visitor's cards
	Amount  kaopass.Money
}

// ToppedUp is the outcome: Reason is LimitExceeded, CardDeclined, CardNeedsOwner, CardUnreachable, MethodGone, the consent's, or empty.
type ToppedUp struct {
	Wallet   Wallet
	Reason   kaopass.Reason
	Replayed bool
}

// TopUp charges the card (outside of any transaction, between two of them) and posts the transfer. ErrNotFound where no
// wallet was opened, ErrInFlight while the same key's charge is at work.
func (d *DB) TopUp(ctx context.Context, desk CardDesk, in TopUp) (out ToppedUp, err error) {
	var asked *charge
	err = d.tx(ctx, func(t *tx) (err error) {
		out, asked = ToppedUp{}, nil
		out.Replayed, err = onceDone(t, in.Key, &out, func() (bool, error) {
			asked, err = t.beginTopUp(in, &out)
			return asked == nil, err
		})
		return err
	})
	if err != nil || asked == nil {
		return out, err
	}
	answer := askDesk(ctx, desk, *asked)
	if out, err = d.settleTopUp(context.WithoutCancel(ctx), *asked, answer); err == nil && out.Reason == "" {
		d.tellNow(ctx, desk, asked.ID)
	}
	return out, err
}

// beginTopUp decides whether the card may be asked, and writes down that it is; nil where it is not.
func (t *tx) beginTopUp(in TopUp, out *ToppedUp) (*charge, error) {
	if in.Amount.Value <= 0 || in.Amount.Currency != kaopass.JPY {
		return nil, fmt.Errorf("db: a top-up of %s: %w", in.Amount, ErrAmount)
	}
	visitor, err := t.lockVisitor(in.Visitor)
	if err != nil {
		return nil, err
	}
	if in.Key.Name != "" {
		c, err := t.resume(t.q.Card.OfKey, in.Key.Owner, in.Key.Name)
		if c != nil && c.key() != in.Key {
			return nil, ErrKeyReused
		}
		if c != nil || err != nil {
			return c, err
		}
	}
	m, reason, err := t.topUpRefusal(in, visitor)
	if err != nil {
		return nil, err
	}
	if reason == "" {
		return t.intend(in.Key, in.Visitor, m, "", in.Amount)
	}
	out.Reason = reason
	method := string(in.Method)
	if !kaopass.PrefixMethod.Is(method) {
		method = "" // what somebody typed instead stands in no log
	}
	if err := t.topUpEvent(kaopass.TopUpRefused, in.Visitor, string(in.Visitor), method, in.Amount, reason); err != nil {
		return nil, err
	}
	return nil, t.showWallet(in.Visitor, out)
}

// topUpRefusal reads what a top-up depends on and says why it may not be.
func (t *tx) topUpRefusal(in TopUp, visitor kaopass.Visitor) (m methodRow, reason kaopass.Reason, err error) {
	w, err := t.lockWallet(in.Visitor)
	if err != nil {
		return m, "", err
	}
	consent, err := t.newestConsent(in.Visitor, kaopass.ForPayment)
	if err != nil {
		return m, "", err
	}
	found, err := t.find(&m, t.q.Wallet.MethodRead, in.Method, in.Visitor)
	if err != nil {
		return m, "", err
	}
	var underWay int64
	if err := t.get(&underWay, t.q.Card.TopUps, in.Visitor); err != nil {
		return m, "", err
	}
	who, err := t.readPayer(in.Visitor)
	switch {
	case err != nil:
		return m, "", err
	case kaopass.ConsentRefusal(consent) != "":
		return m, kaopass.ConsentRefusal(consent), nil
	case visitor.Frozen:
		return m, kaopass.PayerFrozen, nil
	case !found || m.Kind != kaopass.Card:
		return m, kaopass.MethodGone, nil
	case who.MethodRefusal(m.Kind) != "":
		return m, who.MethodRefusal(m.Kind), nil
	case m.Asked:
		return m, kaopass.CardNeedsOwner, nil
	}
	return m, kaopass.TopUpRefusal(kaopass.Yen(w.Balance+underWay), in.Amount), nil
}

// settleTopUp books what the card company answered, once. What was approved for somebody who took back their consent, or
// stopped payments, while the card was asked is released.
func (d *DB) settleTopUp(ctx context.Context, asked charge, answer CardAnswer) (out ToppedUp, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = ToppedUp{}
		if err := t.holdKey(asked.key()); err != nil {
			return err
		}
		stopped, err := t.topUpStopped(asked.Visitor)
		if err != nil {
			return err
		}
		c, open, err := t.lockCharge(asked.ID)
		if err != nil {
			return err
		}
		if !open { // by Expire, or by the same request sent again
			out.Reason = map[string]kaopass.Reason{chargeDeclined: kaopass.CardDeclined, chargeUnreachable: kaopass.CardUnreachable}[c.State]
			return t.showWallet(c.Visitor, &out)
		}
		if answer != CardApproved {
			stopped = ""
		} else if stopped != "" {
			answer = CardUnknown // to be released
		}
		if out.Reason, err = t.settleCharge(c, answer); err != nil {
			return err
		}
		if out.Reason = cmp.Or(stopped, out.Reason); out.Reason == "" {
			err = t.bookTopUp(kaopass.TopUpAccount, c.Visitor, c.money(), c.ID, string(c.Visitor))
			if err == nil {
				err = t.task(c.ID, "capture", "", c.money())
			}
		} else {
			err = t.topUpEvent(kaopass.TopUpRefused, c.Visitor, string(c.Visitor), string(c.Method), c.money(), out.Reason)
		}
		if err != nil {
			return err
		}
		if err := t.showWallet(c.Visitor, &out); err != nil || c.KeyName == "" {
			return err
		}
		return t.keepKey(c.key(), out)
	})
	return out, err
}

// topUpStopped locks a visitor and says why nothing may be put in any more: empty where it may.
func (t *tx) topUpStopped(id kaopass.VisitorID) (kaopass.Reason, error) {
	visitor, err := t.lockVisitor(id)
	if err != nil && !errors.Is(err, ErrNotFound) { // of one who was erased the consent is left: taken back
		return "", err
	}
	consent, err := t.newestConsent(id, kaopass.ForPayment)
	switch no := kaopass.ConsentRefusal(consent); {
	case err != nil || no != "":
		return no, err
	case visitor.Frozen:
		return kaopass.PayerFrozen, nil
	}
	return "", nil
}

func (t *tx) showWallet(id kaopass.VisitorID, out *ToppedUp) error {
	w, err := t.wallet(id)
	if err == nil && w == nil {
		err = ErrNotFound
	}
	if err != nil {
		return err
	}
	out.Wallet = *w
	return nil
}

// bookTopUp posts money into a wallet from where it was paid in.
func (t *tx) bookTopUp(from kaopass.AccountKind, id kaopass.VisitorID, amount kaopass.Money, charge kaopass.ChargeID, actor string) error {
	source, err := t.account(from, "", amount.Currency)
	if err != nil {
		return err
	}
	w, err := t.lockWallet(id)
	if err != nil {
		return err
	}
	booked, err := t.book(transfer{Kind: topUpTransfer, State: kaopass.Posted, Debit: source, Credit: w.ID, Amount: amount,
		Visitor: id, Charge: charge})
	if err != nil {
		return err
	}
	return t.topUpEvent(kaopass.WalletToppedUp, id, actor, string(booked), amount, "")
}

func (t *tx) topUpEvent(kind kaopass.EventKind, id kaopass.VisitorID, actor, subject string, amount kaopass.Money, reason kaopass.Reason) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: actor, Visitor: id, Subject: subject, Purpose: kaopass.ForPayment,
		Amount: amount, Reason: reason})
	return err
}

// deskTopUp posts money that was paid at the desk into the visitor's wallet; it appends its event. Reason is
// LimitExceeded where the wallet would hold too much.
func (t *tx) deskTopUp(id kaopass.VisitorID, amount kaopass.Money, actor string) (kaopass.Reason, error) {
	if amount.Value <= 0 || amount.Currency != kaopass.JPY {
		return "", fmt.Errorf("db: %s paid at the desk: %w", amount, ErrAmount)
	}
	w, err := t.lockWallet(id)
	if err != nil {
		return "", err
	}
	if amount.Value > kaopass.WalletMax-w.Balance {
		return kaopass.LimitExceeded, nil
	}
	return "", t.bookTopUp(kaopass.DeskAccount, id, amount, "", actor)
}
