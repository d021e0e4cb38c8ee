package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// paymentQueries is what tills ask for.
type paymentQueries struct {
	Lock       *sqlx.Stmt `query:"payment-lock"`
	Read       *sqlx.Stmt `query:"payment-read"`
	List       *sqlx.Stmt `query:"payment-list"`
	Save       *sqlx.Stmt `query:"payment-save"`
	PayerOf    *sqlx.Stmt `query:"payment-payer-of"`
	Payer      *sqlx.Stmt `query:"payment-payer"`
	Refusal    *sqlx.Stmt `query:"payment-payer-refusal"`
	TillTurn   *sqlx.Stmt `query:"payment-till-turn"`
	TillMisses *sqlx.Stmt `query:"payment-till-misses"`
	Liveless   *sqlx.Stmt `query:"payment-till-liveless"`
	Waiting    *sqlx.Stmt `query:"payment-waiting"`
	Swept      *sqlx.Stmt `query:"payment-swept"`
	TillDay    *sqlx.Stmt `query:"payment-till-day"`
	Coded      *sqlx.Stmt `query:"payment-coded"`
	OfCase     *sqlx.Stmt `query:"payment-of-case"`
	Reason     *sqlx.Stmt `query:"payment-reason"`

	// The verbs, each one statement (schema/0041_verbs.sql).
	Create     *sqlx.Stmt `query:"payment-create"`
	Confirm    *sqlx.Stmt `query:"payment-confirm"`
	ConfirmAll *sqlx.Stmt `query:"payments-confirm"`
	Capture    *sqlx.Stmt `query:"payment-capture"`
	Void       *sqlx.Stmt `query:"payment-void"`
	Refund     *sqlx.Stmt `query:"payment-refund"`
	Cancel     *sqlx.Stmt `query:"payment-cancel"`
	Expire     *sqlx.Stmt `query:"payment-expire"`
}

// paymentRow is a payment as its table keeps it.
type paymentRow struct {
	ID         kaopass.PaymentID
	Seq        int64
	Till       kaopass.DeviceID
	TillName   string `db:"till_name"`
	Store      kaopass.Zone
	Status     kaopass.PaymentStatus
	Reason     kaopass.Reason
	Currency   string
	Amount     int64
	Authorised int64
	Captured   int64
	Refunded   int64
	OrderRef   string `db:"order_ref"`
	Manual     bool
	Payer      kaopass.VisitorID
	Method     kaopass.MethodID
	MethodKind kaopass.MethodKind `db:"method_kind"`
	Retry      bool
	Faces      int               // shown so far
	Codes      int               // wrong so far
	ShortList  pq.StringArray    `db:"short_list"`
	CreatedAt  time.Time         `db:"created_at"`
	ExpiresAt  time.Time         `db:"expires_at"`
	DecidedAt  stamp             `db:"decided_at"`
	Named      kaopass.VisitorID // whom the face alone named, while the code is awaited
	Coded      bool              // the code was right
}

func (p paymentRow) money(value int64) kaopass.Money {
	return kaopass.Money{Currency: p.Currency, Value: value}
}

func (p paymentRow) payment() kaopass.Payment {
	return kaopass.Payment{ID: p.ID, Till: p.Till, Store: p.Store, Status: p.Status, Reason: p.Reason,
		Amount: p.money(p.Amount), Authorised: p.money(p.Authorised), Captured: p.money(p.Captured),
		Refunded: p.money(p.Refunded), OrderRef: p.OrderRef, Manual: p.Manual, Payer: p.Payer, Method: p.Method,
		MethodKind: p.MethodKind, Retry: p.Retry, Created: p.CreatedAt.UTC(), Expires: p.ExpiresAt.UTC(),
		Decided: p.DecidedAt.Time}
}

// end puts the payment into a status in which nobody waits any more.
func (p *paymentRow) end(status kaopass.PaymentStatus, reason kaopass.Reason, at time.Time) {
	p.Status, p.Reason, p.Retry, p.ShortList, p.DecidedAt, p.Named = status, reason, false, nil, stamp{at}, ""
}

// NewPayment is what a till opens.
type NewPayment struct {
	Key      kaopass.Key
	Till     kaopass.DeviceID
	Amount   kaopass.Money
	OrderRef string // at most 64 bytes; longer is cut
	Manual   bool   // capture is a step of its own
	Tax      []kaopass.TaxLine
}

// Outcome is a payment after a verb.
type Outcome struct {
	kaopass.Payment
	Refund   kaopass.RefundID // set by Refund, and by Cancel where it refunded
	Did      string           // set by Cancel: "nothing", "released", "refunded"
	Replayed bool
}

// CreatePayment opens a payment: awaiting_face. ErrAmount where the amount is not a positive one of the venue's
// currency or its tax does not fit it, ErrNotFound where the device is not a live till.
func (d *DB) CreatePayment(ctx context.Context, in NewPayment) (out Outcome, err error) {
	if in.Amount.Value <= 0 || in.Amount.Currency != kaopass.JPY || !kaopass.TaxFits(in.Tax, in.Amount) {
		return out, fmt.Errorf("db: a payment of %s: %w", in.Amount, ErrAmount)
	}
	m := d.instant()
	ask := m.ask(in.Key, in.Till, kaopass.PaymentID(m.id(kaopass.PrefixPayment)))
	out, _, err = d.verb(ctx, d.q.Payment.Create, ask, in.Amount.Currency, in.Amount.Value,
		cutText(in.OrderRef, kaopass.OrderRefMax), in.Manual, kaopass.PaymentUntil(m.now))
	if err == nil && len(in.Tax) > 0 {
		err = d.keepTax(ctx, out.ID, in.Tax)
	}
	return out, err
}

// lockPayment locks a till's payment; an empty till is the venue's own timer.
func (t *tx) lockPayment(till kaopass.DeviceID, id kaopass.PaymentID) (p paymentRow, err error) {
	return p, t.get(&p, t.q.Payment.Lock, id, till)
}

// savePayment writes what a verb made of a payment.
func (t *tx) savePayment(p paymentRow) error {
	if p.ShortList == nil {
		p.ShortList = pq.StringArray{}
	}
	return t.must(t.q.Payment.Save, p.ID, p.Status, p.Reason, p.Authorised, p.Captured, p.Refunded, p.Payer, p.Method,
		p.MethodKind, p.Retry, p.Faces, p.Codes, p.ShortList, p.ExpiresAt, p.DecidedAt, p.Named, p.Coded)
}

func (t *tx) paymentEvent(kind kaopass.EventKind, p paymentRow, amount int64, took time.Duration) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: string(p.Till), Visitor: p.Payer, Device: p.Till, Place: p.TillName,
		Zone: p.Store, Subject: string(p.ID), Purpose: kaopass.ForPayment, Status: p.Status, Reason: p.Reason,
		Amount: p.money(amount), Took: took})
	return err
}

// show makes what a till sees of a payment.
func (t *tx) show(p paymentRow) (kaopass.Payment, error) {
	out := p.payment()
	return out, t.dress(&out)
}

// dress adds what is read anew for each answer, also for one that is given again: the payer's initials, and while it is to be
// confirmed the ways to pay. Of somebody who was erased since there is neither.
func (t *tx) dress(out *kaopass.Payment) error {
	if out.Payer == "" {
		return nil
	}
	payer, err := t.readVisitor(out.Payer)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	out.PayerName, out.PayerSays = payer.DisplayName(), payer.Language
	if out.Status != kaopass.AwaitingConfirmation {
		return nil
	}
	wallet, err := t.wallet(out.Payer)
	if err != nil || wallet == nil {
		return err
	}
	who, err := t.readPayer(out.Payer)
	if err == nil {
		out.Methods = who.Offers(wallet.Methods, wallet.Balance, out.Amount)
	}
	return err
}

// Payment reads one payment of a till: ErrNotFound where it is another's.
func (d *DB) Payment(ctx context.Context, till kaopass.DeviceID, id kaopass.PaymentID) (out kaopass.Payment, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		var p paymentRow
		if err := t.get(&p, t.q.Payment.Read, id, till); err != nil {
			return err
		}
		out, err = t.show(p)
		return err
	})
	return out, err
}

// Payments lists a till's payments since a moment, newest first.
func (d *DB) Payments(ctx context.Context, till kaopass.DeviceID, since time.Time, page Page) (out []kaopass.Payment, next string, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out, next, err = t.payments(till, since, page)
		return err
	})
	return out, next, err
}

func (t *tx) payments(till kaopass.DeviceID, since time.Time, page Page) (out []kaopass.Payment, next string, err error) {
	var rows []paymentRow
	if err := t.list(&rows, t.q.Payment.List, till, since, page.before(), page.limit()); err != nil {
		return nil, "", err
	}
	rows, next = cut(page, rows, func(p paymentRow) int64 { return p.Seq })
	out = make([]kaopass.Payment, len(rows))
	for i, p := range rows {
		if out[i], err = t.show(p); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}
