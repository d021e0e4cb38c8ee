package db

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// dueQueries is what is owed to people whom a refund could not reach.
type dueQueries struct {
	Refund  *sqlx.Stmt `query:"due-refund"`
	Add     *sqlx.Stmt `query:"due-add"`
	Place   *sqlx.Stmt `query:"due-place"`
	Read    *sqlx.Stmt `query:"due-read"`
	Pay     *sqlx.Stmt `query:"due-pay"`
	List    *sqlx.Stmt `query:"due-list"`
	Waiting *sqlx.Stmt `query:"due-waiting"`
}

// bounced is a refund as the book has it.
type bounced struct {
	Credit   kaopass.AccountID
	Currency string
	Amount   int64
	Visitor  kaopass.VisitorID
	Payment  kaopass.PaymentID
	Refund   kaopass.RefundID
	Charge   kaopass.ChargeID
}

func (b bounced) money() kaopass.Money { return kaopass.Money{Currency: b.Currency, Value: b.Amount} }

// OweRefund books that a refund to a card could not go back: "this refund is owed". The money leaves the card company's
// account and is due to the payer, who is paid at the desk; the payment stays refunded. Whoever hears that a refund failed
// calls it with our own RefundID, as often as they like: fresh is false where it is owed already. why is RefundFailed or
// RefundRefused. ErrNotFound where we know no card's refund of that id. Within a transaction of one's own, oweRefund does it.
//
// A refund to a wallet that is gone is owed from its first moment: the till's own verb books it so.
func (d *DB) OweRefund(ctx context.Context, refund kaopass.RefundID, why kaopass.OwedWhy) (fresh bool, err error) {
	err = d.tx(ctx, func(t *tx) error {
		fresh, err = t.oweRefund(refund, why)
		return err
	})
	return fresh, err
}

// oweRefund is [DB.OweRefund] within a verb. The row that says why comes first: the transfer is made for it.
func (t *tx) oweRefund(refund kaopass.RefundID, why kaopass.OwedWhy) (fresh bool, err error) {
	var b bounced
	if err := t.get(&b, t.q.Due.Refund, refund); err != nil {
		return false, err
	}
	booked := kaopass.TransferID(t.newID(kaopass.PrefixTransfer))
	added, err := t.do(t.q.Due.Add, b.Refund, booked, why, b.Visitor, b.Payment, b.Charge, b.Currency, b.Amount, t.now)
	if err != nil || added == 0 {
		return false, err
	}
	due, err := t.account(kaopass.DueAccount, "", b.Currency)
	if err != nil {
		return false, err
	}
	_, err = t.book(transfer{ID: booked, Kind: bounceTransfer, State: kaopass.Posted, Debit: b.Credit, Credit: due, Amount: b.money(),
		Visitor: b.Visitor, Charge: b.Charge, Why: string(why)})
	if err != nil {
		return false, err
	}
	return true, t.dueEvent(kaopass.RefundOwed, b, venueActor)
}

// dueEvent is about the payment, or about the refund where a top-up was refunded.
func (t *tx) dueEvent(kind kaopass.EventKind, b bounced, actor string) error {
	e := kaopass.Event{Kind: kind, Actor: actor, Visitor: b.Visitor, Subject: string(b.Payment), Purpose: kaopass.ForPayment, Amount: b.money()}
	if b.Payment == "" {
		e.Subject = string(b.Refund)
	} else if _, err := t.find(&e, t.q.Due.Place, b.Payment); err != nil {
		return err
	}
	_, err := t.event(e)
	return err
}

// Payout is an owed refund that a member of staff pays at the desk.
type Payout struct {
	Key     kaopass.Key
	Staff   kaopass.StaffID
	Refund  kaopass.RefundID
	Receipt string // the desk's own number: 1 to PayoutReceiptMax bytes, given out once
	Note    string // at most PayoutNoteMax bytes, and nobody's name
}

// PaidOut is the outcome.
type PaidOut struct {
	Refund   kaopass.RefundID
	Amount   kaopass.Money
	Replayed bool
}

// PayOut pays an owed refund at the desk, all of it, once: the cashier hands out cash, so the desk owes the venue so much
// less. ErrNotFound where nothing is owed by that id, a [*StateError] "paid" where somebody has paid it, a [*FieldError]
// "receipt" or "note" where one is missing, too long, or a receipt that was given out before.
func (d *DB) PayOut(ctx context.Context, in Payout) (out PaidOut, err error) {
	in.Receipt, in.Note = strings.TrimSpace(in.Receipt), strings.TrimSpace(in.Note)
	switch {
	case in.Receipt == "" || len(in.Receipt) > kaopass.PayoutReceiptMax:
		return out, &FieldError{Field: "receipt"}
	case len(in.Note) > kaopass.PayoutNoteMax:
		return out, &FieldError{Field: "note"}
	}
	err = d.tx(ctx, func(t *tx) error {
		out = PaidOut{}
		out.Replayed, err = once(t, in.Key, &out, func() error {
			out, err = t.payOut(in)
			return err
		})
		return err
	})
	if breaks(err, "a_receipt_is_given_out_once") {
		err = &FieldError{Field: "receipt"}
	}
	return out, err
}

func (t *tx) payOut(in Payout) (out PaidOut, err error) {
	var b bounced
	if err := t.get(&b, t.q.Due.Read, in.Refund); err != nil {
		return out, err
	}
	booked := kaopass.TransferID(t.newID(kaopass.PrefixTransfer))
	paid, err := t.do(t.q.Due.Pay, b.Refund, booked, in.Receipt, in.Note, in.Staff, t.now)
	if err != nil {
		return out, err
	}
	if paid == 0 {
		return out, &StateError{Status: "paid"}
	}
	due, err := t.account(kaopass.DueAccount, "", b.Currency)
	if err != nil {
		return out, err
	}
	desk, err := t.account(kaopass.DeskAccount, "", b.Currency)
	if err != nil {
		return out, err
	}
	_, err = t.book(transfer{ID: booked, Kind: payoutTransfer, State: kaopass.Posted, Debit: due, Credit: desk, Amount: b.money(),
		Visitor: b.Visitor, Why: in.Receipt})
	if err != nil {
		return out, fmt.Errorf("db: payout of %s: %w", b.Refund, err)
	}
	return PaidOut{Refund: b.Refund, Amount: b.money()}, t.dueEvent(kaopass.RefundPaidOut, b, string(in.Staff))
}

// dueRow is an owed refund as it is read.
type dueRow struct {
	Seq      int64
	Refund   kaopass.RefundID
	Why      kaopass.OwedWhy
	Currency string
	Amount   int64
	Payment  kaopass.PaymentID
	Charge   kaopass.ChargeID
	OrderRef string `db:"order_ref"`
	Store    kaopass.Zone
	Till     string
	Sold     time.Time
	At       time.Time
	PaidAt   *time.Time      `db:"paid_at"`
	PaidBy   kaopass.StaffID `db:"paid_by"`
	Receipt  string
	Note     string
}

func (r dueRow) due() kaopass.RefundDue {
	out := kaopass.RefundDue{Refund: r.Refund, Why: r.Why, Amount: kaopass.Money{Currency: r.Currency, Value: r.Amount},
		Payment: r.Payment, Charge: r.Charge, OrderRef: r.OrderRef, Store: r.Store, Till: r.Till, Sold: r.Sold.UTC(), At: r.At.UTC(),
		PaidBy: r.PaidBy, Receipt: r.Receipt, Note: r.Note}
	if r.PaidAt != nil {
		out.Paid = r.PaidAt.UTC()
	}
	return out
}

// RefundsDue lists refunds that are owed, or (owed is false) were paid out, the newest first, and answers the cursor of
// more. reference finds those of a payment, a refund, a charge or an order; empty means all.
func (d *DB) RefundsDue(ctx context.Context, owed bool, reference string, page Page) ([]kaopass.RefundDue, string, error) {
	var rows []dueRow
	if err := d.list(ctx, &rows, d.q.Due.List, owed, page.before(), page.limit(), strings.TrimSpace(reference)); err != nil {
		return nil, "", err
	}
	rows, next := cut(page, rows, func(r dueRow) int64 { return r.Seq })
	out := make([]kaopass.RefundDue, len(rows))
	for i, r := range rows {
		out[i] = r.due()
	}
	return out, next, nil
}

// RefundDue reads one, owed or paid: ErrNotFound where nothing was ever owed by that id.
func (d *DB) RefundDue(ctx context.Context, id kaopass.RefundID) (kaopass.RefundDue, error) {
	for _, owed := range []bool{true, false} {
		list, _, err := d.RefundsDue(ctx, owed, string(id), Page{Limit: 1})
		if err != nil || len(list) == 1 && list[0].Refund == id {
			return first(list), err
		}
	}
	return kaopass.RefundDue{}, ErrNotFound
}

func first(list []kaopass.RefundDue) (d kaopass.RefundDue) {
	if len(list) > 0 {
		d = list[0]
	}
	return d
}

// DueWaiting is how much is owed.
type DueWaiting struct {
	Count int
	Sum   int64 // yen
}

// DueWaiting counts it.
func (d *DB) DueWaiting(ctx context.Context) (out DueWaiting, err error) {
	return out, d.get(ctx, &out, d.q.Due.Waiting)
}
