package db

import (
	"context"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// returnQueries gives back what was put into wallets.
type returnQueries struct {
	Read    *sqlx.Stmt `query:"topup-read"`
	OfEvent *sqlx.Stmt `query:"topup-of-event"`
	Add     *sqlx.Stmt `query:"topup-refund-add"`
	List    *sqlx.Stmt `query:"topup-list"`
}

// topUpsShown is how many top-ups a member of staff is shown: the newest.
const topUpsShown = 50

// topUpRow is a top-up, and how much of it is left.
type topUpRow struct {
	ID            kaopass.TransferID
	At            time.Time
	Debit, Credit kaopass.AccountID
	Currency      string
	Amount        int64
	Visitor       kaopass.VisitorID
	Charge        kaopass.ChargeID
	Left          int64 `db:"left_over"`
}

// TopUpRefund gives back what was put into a wallet, the way it came: to the card, or in cash where it was paid at the desk.
type TopUpRefund struct {
	Key    kaopass.Key
	Staff  kaopass.StaffID
	TopUp  kaopass.TransferID
	Amount kaopass.Money // zero: as much as there is
	Why    string        // at most kaopass.PayoutNoteMax bytes
}

// TopUpRefunded is the outcome. Reason is FundsShort where the wallet has not got so much (nothing is held back for
// payments that are authorised), TopUpGone where so much of the top-up is not left, or empty.
type TopUpRefunded struct {
	Refund   kaopass.RefundID
	Amount   kaopass.Money
	Cash     bool // the cashier hands it out
	Reason   kaopass.Reason
	Replayed bool
}

// RefundTopUp gives back a top-up or a part, up to what is left of it and of the wallet, which is never below zero. Stopped
// payments are no obstacle. ErrNotFound where there is no such top-up, or its owner was erased; a [*FieldError] "amount" or
// "why" where those cannot be.
func (d *DB) RefundTopUp(ctx context.Context, desk CardDesk, in TopUpRefund) (out TopUpRefunded, err error) {
	in.Why = strings.TrimSpace(in.Why)
	switch {
	case in.Amount.Value < 0 || in.Amount.Value > 0 && in.Amount.Currency != kaopass.JPY:
		return out, &FieldError{Field: "amount"}
	case len(in.Why) > kaopass.PayoutNoteMax:
		return out, &FieldError{Field: "why"}
	}
	var charge kaopass.ChargeID
	err = d.tx(ctx, func(t *tx) error {
		out, charge = TopUpRefunded{}, ""
		out.Replayed, err = once(t, in.Key, &out, func() error {
			out, charge, err = t.refundTopUp(in)
			return err
		})
		return err
	})
	if err == nil && !out.Replayed {
		d.tellNow(ctx, desk, charge)
	}
	return out, err
}

// refundTopUp decides under the visitor's and the wallet's lock, which every other refund of the wallet's top-ups takes.
func (t *tx) refundTopUp(in TopUpRefund) (out TopUpRefunded, charge kaopass.ChargeID, err error) {
	var row topUpRow
	if err := t.get(&row, t.q.Return.Read, in.TopUp); err != nil {
		return out, "", err
	}
	if _, err := t.lockVisitor(row.Visitor); err != nil {
		return out, "", err
	}
	w, err := t.lockWallet(row.Visitor)
	if err != nil {
		return out, "", err
	}
	if err := t.get(&row, t.q.Return.Read, in.TopUp); err != nil { // as it is under the lock
		return out, "", err
	}
	sum, reason := kaopass.TopUpBack(in.Amount.Value, row.Left, w.free())
	if out.Reason = reason; reason != "" {
		return out, "", nil
	}
	out = TopUpRefunded{Refund: kaopass.RefundID(t.newID(kaopass.PrefixRefund)), Amount: kaopass.Money{Currency: row.Currency, Value: sum},
		Cash: row.Charge == ""}
	return out, row.Charge, t.bookReturn(in, row, out)
}

// bookReturn books it, has the card company told, and writes the event.
func (t *tx) bookReturn(in TopUpRefund, row topUpRow, out TopUpRefunded) error {
	booked := kaopass.TransferID(t.newID(kaopass.PrefixTransfer))
	if err := t.must(t.q.Return.Add, out.Refund, row.ID, booked, out.Amount.Value, in.Staff, t.now); err != nil {
		return err
	}
	_, err := t.book(transfer{ID: booked, Kind: returnTransfer, State: kaopass.Posted, Debit: row.Credit, Credit: row.Debit, Amount: out.Amount,
		Visitor: row.Visitor, Refund: out.Refund, Charge: row.Charge, Why: in.Why})
	if err != nil {
		return err
	}
	if row.Charge != "" {
		if err := t.task(row.Charge, "refund", out.Refund, out.Amount); err != nil {
			return err
		}
	}
	return t.topUpEvent(kaopass.TopUpReturned, row.Visitor, string(in.Staff), string(row.ID), out.Amount, "")
}

// HeldTopUp is a top-up as staff see it who may give it back.
type HeldTopUp struct {
	ID     kaopass.TransferID
	At     time.Time
	Amount kaopass.Money
	Left   kaopass.Money
	Card   bool // else it was paid at the desk
}

// TopUps is what staff see of what a visitor put in.
type TopUps struct {
	Visitor kaopass.Visitor
	Wallet  kaopass.Money // free to go back
	Held    kaopass.Money // set aside for payments
	List    []HeldTopUp   // the newest first
}

// TopUps lists what a visitor put in; that a member of staff looked is an event that the visitor sees.
func (d *DB) TopUps(ctx context.Context, staff kaopass.Staff, id kaopass.VisitorID) (out TopUps, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = TopUps{}
		if out.Visitor, err = t.readVisitor(id); err != nil {
			return err
		}
		var w walletRow
		if _, err := t.find(&w, t.q.Ledger.Wallet, id); err != nil {
			return err
		}
		out.Wallet, out.Held = kaopass.Yen(w.free()), kaopass.Yen(w.Held)
		var rows []topUpRow
		if err := t.list(&rows, t.q.Return.List, id, topUpsShown); err != nil {
			return err
		}
		for _, r := range rows {
			out.List = append(out.List, HeldTopUp{ID: r.ID, At: r.At.UTC(), Amount: kaopass.Money{Currency: r.Currency, Value: r.Amount},
				Left: kaopass.Money{Currency: r.Currency, Value: r.Left}, Card: r.Charge != ""})
		}
		return t.looked(staff, id)
	})
	return out, err
}

// refundDisputedTopUp ends a case about money that was put in by giving back what is there of it.
func (t *tx) refundDisputedTopUp(staff kaopass.StaffID, row disputeRow, text string) (out DisputeGaveBack, charge kaopass.ChargeID, err error) {
	if _, err := t.lockVisitor(row.Visitor); err != nil {
		return out, "", err
	}
	c, err := t.lockDispute(row.ID)
	if err != nil {
		return out, "", err
	}
	if c.State != kaopass.DisputeIsOpen {
		return out, "", &StateError{Status: string(c.State)}
	}
	var topUp kaopass.TransferID
	if err := t.get(&topUp, t.q.Return.OfEvent, row.Event); err != nil {
		return out, "", err
	}
	back, charge, err := t.refundTopUp(TopUpRefund{Staff: staff, TopUp: topUp, Why: string(row.ID)})
	if err != nil || back.Reason != "" {
		return DisputeGaveBack{Reason: back.Reason}, "", err
	}
	out = DisputeGaveBack{Amount: back.Amount, Refund: back.Refund}
	return out, charge, t.endDispute(c, kaopass.DisputePaid, staff, text, out.Refund, string(staff))
}
