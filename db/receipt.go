package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// receiptQueries is what people are given for their money.
type receiptQueries struct {
	Read      *sqlx.Stmt `query:"receipt-read"`
	Unprinted *sqlx.Stmt `query:"receipt-unprinted"`
	Print     *sqlx.Stmt `query:"receipt-print"`
	Tax       *sqlx.Stmt `query:"receipt-tax"`
	TaxAdd    *sqlx.Stmt `query:"receipt-tax-add"`
}

// UnprintedMax is how many receipts that were not printed a till is told of.
const UnprintedMax = 50

// receiptRow is a receipt as it is read.
type receiptRow struct {
	Payment   kaopass.PaymentID
	Refund    kaopass.RefundID
	OrderRef  string `db:"order_ref"`
	Store     kaopass.Zone
	TillName  string `db:"till_name"`
	Amount    int64
	Currency  string
	Asked     int64
	Method    kaopass.MethodKind `db:"method_kind"`
	At        time.Time
	PrintedAt stamp `db:"printed_at"`
	Language  kaopass.Language
}

func (r receiptRow) receipt() kaopass.Receipt {
	return kaopass.Receipt{Payment: r.Payment, Refund: r.Refund, OrderRef: r.OrderRef, Store: r.Store, Till: r.TillName,
		Amount: kaopass.Money{Currency: r.Currency, Value: r.Amount}, Method: r.Method, At: r.At.UTC(), Printed: r.PrintedAt.Time, Language: r.Language}
}

// TillReceipt reads the receipt of a till's own payment, or of one of its refunds where refund is set: ErrNotFound where
// nothing was taken or given back.
func (d *DB) TillReceipt(ctx context.Context, till kaopass.DeviceID, id kaopass.PaymentID, refund kaopass.RefundID) (kaopass.Receipt, error) {
	if till == "" {
		return kaopass.Receipt{}, ErrNotFound
	}
	return d.receipt(ctx, id, refund, till, "")
}

// VisitorReceipt reads the same receipt for the person who paid: ErrNotFound where it is somebody else's.
func (d *DB) VisitorReceipt(ctx context.Context, payer kaopass.VisitorID, id kaopass.PaymentID, refund kaopass.RefundID) (kaopass.Receipt, error) {
	if payer == "" {
		return kaopass.Receipt{}, ErrNotFound
	}
	return d.receipt(ctx, id, refund, "", payer)
}

func (d *DB) receipt(ctx context.Context, id kaopass.PaymentID, refund kaopass.RefundID, till kaopass.DeviceID, payer kaopass.VisitorID) (out kaopass.Receipt, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out, err = t.paperOf(id, refund, till, payer)
		return err
	})
	return out, err
}

// paperOf reads one receipt. The till's lines of tax are of the whole amount: where a part was taken or given back, only the total
// is known.
func (t *tx) paperOf(id kaopass.PaymentID, refund kaopass.RefundID, till kaopass.DeviceID, payer kaopass.VisitorID) (out kaopass.Receipt, err error) {
	var row receiptRow
	if err := t.get(&row, t.q.Receipt.Read, id, refund, till, payer); err != nil {
		return out, err
	}
	out = row.receipt()
	if row.Amount != row.Asked {
		return out, nil
	}
	var lines []struct {
		Rate       int
		Gross, Tax int64
	}
	err = t.list(&lines, t.q.Receipt.Tax, id)
	for _, l := range lines {
		out.Tax = append(out.Tax, kaopass.TaxLine{Rate: l.Rate, Gross: kaopass.Money{Currency: row.Currency, Value: l.Gross},
			Tax: kaopass.Money{Currency: row.Currency, Value: l.Tax}})
	}
	return out, err
}

// keepTax keeps what a till says of the tax in a payment's amount, before the till has its answer: one that lost it repeats
// the call with its key, and what is kept already stays.
func (d *DB) keepTax(ctx context.Context, id kaopass.PaymentID, lines []kaopass.TaxLine) error {
	return d.tx(ctx, func(t *tx) error {
		for _, l := range lines {
			if _, err := t.do(t.q.Receipt.TaxAdd, id, l.Rate, l.Gross.Value, l.Tax.Value); err != nil {
				return err
			}
		}
		return nil
	})
}

// PrintedReceipt notes that a till printed a receipt, once however often it says so: ErrNotFound where there is none.
func (d *DB) PrintedReceipt(ctx context.Context, key kaopass.Key, till kaopass.DeviceID, id kaopass.PaymentID, refund kaopass.RefundID) (out kaopass.Receipt, replayed bool, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = kaopass.Receipt{}
		replayed, err = once(t, key, &out, func() error {
			device, err := t.liveDevice(till, kaopass.Till)
			if err != nil {
				return err
			}
			if out, err = t.paperOf(id, refund, till, ""); err != nil || !out.Printed.IsZero() {
				return err
			}
			fresh, err := t.do(t.q.Receipt.Print, id, refund, t.now)
			if out.Printed = t.now; err != nil || fresh == 0 {
				return err
			}
			_, err = t.event(kaopass.Event{Kind: kaopass.ReceiptPrinted, Actor: string(till), Device: till, Place: device.Name,
				Zone: device.Zone, Subject: string(id), Amount: out.Amount})
			return err
		})
		return err
	})
	return out, replayed, err
}

// unprinted lists a till's receipts of a time that nobody printed, newest first.
func (t *tx) unprinted(till kaopass.DeviceID, from, until time.Time) ([]kaopass.Receipt, error) {
	var rows []receiptRow
	err := t.list(&rows, t.q.Receipt.Unprinted, till, from, until, UnprintedMax)
	out := make([]kaopass.Receipt, len(rows))
	for i, r := range rows {
		out[i] = r.receipt()
	}
	return out, err
}
