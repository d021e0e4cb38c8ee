package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// CardNotice is what a card company told us by itself. It may come twice, late, and before what it follows on.
type CardNotice struct {
	ID     string // the company's
	Kind   string // the company's word, kept for whoever reads the table
	Intent string // what the company calls the charge; empty where it is about none

	Dispute      *CardDispute
	RefundFailed kaopass.Money    // a refund that others made at the company, and that did not arrive; zero: none
	Bounced      kaopass.RefundID // a refund of ours that came back, as the company said when it was asked: it is owed
}

// CardDispute is a payer's complaint to the bank. It is opened once and ends once, in whatever order that is heard.
type CardDispute struct {
	ID     string // the company's
	Amount kaopass.Money
	Reason string // the company's word: "fraudulent", "duplicate" …
	Ended  string // "won" or "lost"; empty: it is open
}

// NoticeKept is how long a notice's number is remembered: longer than any company repeats one.
const NoticeKept = 90 * 24 * time.Hour

// TakeNotice keeps a notice, and what follows from it for staff, in one transaction. One that was taken before, or that
// is about a charge of somebody else's, changes nothing.
func (d *DB) TakeNotice(ctx context.Context, n CardNotice) (fresh bool, err error) {
	err = d.tx(ctx, func(t *tx) error {
		rows, err := t.do(t.q.Company.Notice, n.ID, n.Kind, t.now)
		fresh = rows > 0
		if err != nil || !fresh {
			return err
		}
		if n.Bounced != "" {
			if _, err := t.oweRefund(n.Bounced, kaopass.RefundFailed); notFoundIsDone(err) != nil {
				return err
			}
		}
		if n.Intent == "" {
			return nil
		}
		var c charge
		ours, err := t.find(&c, t.q.Company.ChargeOf, n.Intent)
		if err != nil || !ours {
			return err
		}
		if n.RefundFailed.Value > 0 {
			if err := t.companyEvent(kaopass.CardRefundFailed, c, n.RefundFailed); err != nil {
				return err
			}
		}
		if n.Dispute == nil {
			return nil
		}
		return t.dispute(c, *n.Dispute)
	})
	return fresh, err
}

// dispute notes that it was opened, if that was not noted yet, and that it ended, if it has.
func (t *tx) dispute(c charge, in CardDispute) error {
	opened, err := t.do(t.q.Company.Opened, in.ID, c.ID, in.Amount.Currency, in.Amount.Value, in.Reason, t.now)
	if err != nil {
		return err
	}
	if opened > 0 {
		if err := t.companyEvent(kaopass.CardDisputed, c, in.Amount); err != nil {
			return err
		}
	}
	if in.Ended == "" {
		return nil
	}
	ended, err := t.do(t.q.Company.Ended, in.ID, in.Ended, t.now)
	if err != nil || ended == 0 {
		return err
	}
	return t.companyEvent(kaopass.CardDisputeEnded, c, in.Amount)
}

// companyEvent is about the payment that was charged, or about the charge where it was a top-up.
func (t *tx) companyEvent(kind kaopass.EventKind, c charge, amount kaopass.Money) error {
	subject := string(c.Payment)
	if subject == "" {
		subject = string(c.ID)
	}
	_, err := t.event(kaopass.Event{Kind: kind, Actor: venueActor, Visitor: c.Visitor, Subject: subject,
		Purpose: kaopass.ForPayment, Amount: amount})
	return err
}
