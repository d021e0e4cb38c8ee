package db

import (
	"context"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// feeQueries is what stores pay of their trade.
type feeQueries struct {
	Add     *sqlx.Stmt `query:"fee-add"`
	History *sqlx.Stmt `query:"fee-history"`
	Stores  *sqlx.Stmt `query:"fee-stores"`
}

// feeHistory is how many rates are read: the newest.
const feeHistory = 2000

// StoreFee is a store, the rate that it pays today, and every rate that was ever set for it, the newest first.
type StoreFee struct {
	Store  kaopass.Zone
	Points int
	Rates  []kaopass.FeeRate
}

// feeRow is a rate as its table keeps it.
type feeRow struct {
	Store  kaopass.Zone
	Points int
	From   kaopass.TradeDay `db:"from_day"`
	SetAt  time.Time        `db:"set_at"`
	SetBy  string           `db:"set_by"`
}

// Fees lists every store that sells, sold or has a rate, by name.
func (d *DB) Fees(ctx context.Context) (out []StoreFee, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out = nil
		if err := t.list(&out, t.q.Fee.Stores, kaopass.TradeDayOf(t.now)); err != nil {
			return err
		}
		var rows []feeRow
		err := t.list(&rows, t.q.Fee.History, feeHistory)
		for _, r := range rows {
			i := slices.IndexFunc(out, func(f StoreFee) bool { return f.Store == r.Store })
			out[i].Rates = append(out[i].Rates, kaopass.FeeRate{Store: r.Store, Points: r.Points, From: r.From, SetAt: r.SetAt.UTC(), SetBy: r.SetBy})
		}
		return err
	})
	return out, err
}

// SetFee puts a rate in force for a store from a day to come on; nothing that was sold before is touched. A [*FieldError]
// "store", "points" or "from" where it cannot be; "store" also where no till of that name sells, and none did. actor is a
// StaffID, or "venue".
func (d *DB) SetFee(ctx context.Context, r kaopass.FeeRate, actor string) error {
	return d.tx(ctx, func(t *tx) error {
		if wrong := r.FeeRefusal(t.now); wrong != "" {
			return &FieldError{Field: wrong}
		}
		var stores []StoreFee
		if err := t.list(&stores, t.q.Fee.Stores, r.From); err != nil {
			return err
		}
		if !slices.ContainsFunc(stores, func(f StoreFee) bool { return f.Store == r.Store }) {
			return &FieldError{Field: "store"}
		}
		if err := t.must(t.q.Fee.Add, r.Store, r.Points, r.From, t.now, actor); err != nil {
			return err
		}
		_, err := t.event(kaopass.Event{Kind: kaopass.FeeSet, Actor: actor, Zone: r.Store, Subject: string(r.From)})
		return err
	})
}

// bookFee books what a settlement names: from the store to the venue's fees, or back.
func (t *tx) bookFee(row settlementRow) error {
	if row.Fees == 0 {
		return nil
	}
	fees, err := t.account(kaopass.FeesAccount, "", row.Currency)
	if err != nil {
		return err
	}
	m := transfer{ID: row.FeeTransfer, Kind: feeTransfer, State: kaopass.Posted, Debit: row.Account, Credit: fees,
		Amount: kaopass.Money{Currency: row.Currency, Value: row.Fees}, Why: string(row.ID)}
	if row.Fees < 0 {
		m.Debit, m.Credit, m.Amount.Value = fees, row.Account, -row.Fees
	}
	_, err = t.book(m)
	return err
}

// reconcileFees holds what stores paid for the day against what the rates make of the lines of their settlements, read anew.
func (t *tx) reconcileFees(out *Reconciliation, closed []settlementRow) error {
	byBound := map[int64][]settlementRow{}
	for _, row := range closed {
		byBound[row.Upto] = append(byBound[row.Upto], row)
	}
	for upto, rows := range byBound {
		again := slices.Clone(rows)
		for i := range again {
			again[i].FeeBase = 0 // a store without lines is not among the sums
		}
		if err := t.settlementSums(out.Day, upto, again); err != nil {
			return err
		}
		for i, row := range rows {
			var booked int64
			if err := t.get(&booked, t.q.Settlement.Fee, row.FeeTransfer, row.Account); err != nil {
				return err
			}
			if should := again[i].FeeBase.Fee(); booked != should.Value || row.Fees != should.Value {
				out.Differences = append(out.Differences, kaopass.Difference{Kind: kaopass.FeeDiffers, Store: row.Store,
					Ours: kaopass.Money{Currency: row.Currency, Value: booked}, Theirs: should, At: row.ClosedAt.UTC()})
			}
		}
	}
	return nil
}
