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

// settlementQueries closes the days of stores.
type settlementQueries struct {
	Turn    *sqlx.Stmt `query:"settlement-turn"`
	Due     *sqlx.Stmt `query:"settlement-due"`
	Open    *sqlx.Stmt `query:"settlement-open"`
	Horizon *sqlx.Stmt `query:"settlement-horizon"`
	Partial *sqlx.Stmt `query:"settlement-incomplete"`
	Sums    *sqlx.Stmt `query:"settlement-sums"`
	Add     *sqlx.Stmt `query:"settlement-add"`
	OfDay   *sqlx.Stmt `query:"settlement-of-day"`
	Lines   *sqlx.Stmt `query:"settlement-lines"`
	Fee     *sqlx.Stmt `query:"settlement-fee-booked"`
}

// Limits of settling.
const (
	SettleAfter    = 5 * time.Minute // from the day's end until the venue closes it by itself: what is under way ends meanwhile
	settlePatience = time.Hour       // from the day's end; then what is still held up is left to the next settlement
	settleDays     = 400             // days in one call
	settlementPage = 1000            // lines read at once
)

// settlementRow is a settlement as its table keeps it.
type settlementRow struct {
	ID                            kaopass.SettlementID
	Account                       kaopass.AccountID // while it is made
	Store                         kaopass.Zone
	Day                           kaopass.TradeDay
	Currency                      string
	Captured, Refunded, Fees, Net int64
	Captures, Refunds, Late       int
	After, Upto                   int64
	Since                         time.Time
	ClosedAt                      time.Time          `db:"closed_at"`
	ClosedBy                      string             `db:"closed_by"`
	FeePoints                     int                `db:"fee_points"`
	FeeBase                       kaopass.FeeBase    `db:"fee_base"`
	FeeTransfer                   kaopass.TransferID `db:"fee_transfer"`
}

func (r settlementRow) settlement() kaopass.Settlement {
	money := func(n int64) kaopass.Money { return kaopass.Money{Currency: r.Currency, Value: n} }
	return kaopass.Settlement{ID: r.ID, Store: r.Store, Day: r.Day, Captured: money(r.Captured), Refunded: money(r.Refunded),
		Fees: money(r.Fees), Net: money(r.Net), FeePoints: r.FeePoints, FeeBase: r.FeeBase, FeeTransfer: r.FeeTransfer, Captures: r.Captures, Refunds: r.Refunds, Late: r.Late,
		ClosedAt: r.ClosedAt.UTC(), ClosedBy: r.ClosedBy, After: r.After, Upto: r.Upto, Since: r.Since.UTC()}
}

// Settle closes every day up to the given one, for every store that has not closed it yet, each day in a transaction of
// its own, and answers the settlements that it made. A day that is closed already stays as it is. What was committed too
// late for its own day is in the next one's, and counted as late there. A [*StateError] "day_open" where the day is not
// over, "day_settling" while an old transaction still holds up what is to be counted: try again in a moment. actor is a StaffID, or empty for the venue itself.
func (d *DB) Settle(ctx context.Context, day kaopass.TradeDay, actor string) (made []kaopass.Settlement, err error) {
	if !day.Over(d.clock()) {
		return nil, &StateError{Status: "day_open"}
	}
	if actor == "" {
		actor = venueActor
	}
	first, err := d.settlementDue(ctx)
	if err != nil || first == "" {
		return nil, err
	}
	if oldest := day.Add(-settleDays); first < oldest {
		first = oldest // what came before is late in that one
	}
	for due := first; due <= day; due = due.Add(1) {
		closed, err := d.settleDay(ctx, due, actor)
		if err != nil {
			return made, err
		}
		made = append(made, closed...)
	}
	return made, nil
}

// SettleDue closes, for the venue itself, whatever day has been over for SettleAfter; web calls it on a timer.
func (d *DB) SettleDue(ctx context.Context) (made int, err error) {
	day := kaopass.TradeDayOf(d.clock().Add(-SettleAfter)).Add(-1)
	first, err := d.settlementDue(ctx)
	if err != nil || first == "" || first > day {
		return 0, err
	}
	closed, err := d.Settle(ctx, day, "")
	var state *StateError
	if errors.As(err, &state) { // the next call of the timer
		err = nil
	}
	return len(closed), err
}

// settlementDue is the earliest day that some store is still to be settled for: empty where there is no store.
func (d *DB) settlementDue(ctx context.Context) (kaopass.TradeDay, error) {
	var first *string
	err := d.get(ctx, &first, d.q.Settlement.Due)
	if err != nil || first == nil {
		return "", err
	}
	return kaopass.TradeDay(*first), nil
}

// settleDay closes a day for every store whose next one it is.
func (d *DB) settleDay(ctx context.Context, day kaopass.TradeDay, actor string) (made []kaopass.Settlement, err error) {
	err = d.tx(ctx, func(t *tx) error {
		made = nil
		if _, err := t.do(t.q.Settlement.Turn); err != nil { // two who close a day take turns
			return err
		}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil { // the first one reads all there is
			return err
		}
		_, until := day.Span()
		var open []settlementRow
		if err := t.list(&open, t.q.Settlement.Open, day, until); err != nil || len(open) == 0 {
			return err
		}
		horizon, err := t.settlementHorizon(day)
		if err != nil {
			return err
		}
		if err := t.settlementSums(day, horizon, open); err != nil {
			return err
		}
		for _, row := range open {
			row.Day, row.Upto, row.ClosedAt, row.ClosedBy = day, max(horizon, row.After), t.now, actor
			row.Fees = row.FeeBase.Fee().Value
			closed, err := t.addSettlement(row, until)
			if err != nil {
				return err
			}
			made = append(made, closed)
		}
		return nil
	})
	return made, err
}

// settlementHorizon is the number below which everything is there, for good. A committed transfer of the day above it is
// worth waiting for: some transaction, anywhere in the cluster, is older and will end soon.
func (t *tx) settlementHorizon(day kaopass.TradeDay) (horizon int64, err error) {
	if err := t.get(&horizon, t.q.Settlement.Horizon); err != nil {
		return 0, err
	}
	from, until := day.Span()
	if t.now.Sub(until) >= settlePatience {
		return horizon, nil
	}
	var partial bool
	if err := t.get(&partial, t.q.Settlement.Partial, from, until, horizon); err != nil || !partial {
		return horizon, err
	}
	return 0, &StateError{Status: "day_settling"}
}

// settlementSums fills in what each store's day comes to.
func (t *tx) settlementSums(day kaopass.TradeDay, horizon int64, open []settlementRow) error {
	from, until := day.Span()
	accounts, after, since := make([]string, len(open)), make([]int64, len(open)), make([]string, len(open))
	place := map[kaopass.AccountID]int{}
	for i, row := range open {
		accounts[i], after[i], since[i] = string(row.Account), row.After, row.Since.UTC().Format(time.RFC3339Nano)
		place[row.Account] = i
	}
	var sums []settlementRow
	err := t.list(&sums, t.q.Settlement.Sums, pq.Array(accounts), pq.Array(after), pq.Array(since), horizon, from, until)
	for _, s := range sums {
		row := &open[place[s.Account]]
		row.Captured, row.Refunded, row.FeeBase = s.Captured, s.Refunded, s.FeeBase
		row.Captures, row.Refunds, row.Late = s.Captures, s.Refunds, s.Late
	}
	return err
}

// addSettlement writes a settlement, the fee that it names, and its event.
func (t *tx) addSettlement(row settlementRow, until time.Time) (kaopass.Settlement, error) {
	row.ID, row.Net = kaopass.SettlementID(t.newID(kaopass.PrefixSettlement)), row.Captured-row.Refunded-row.Fees
	if row.Fees != 0 {
		row.FeeTransfer = kaopass.TransferID(t.newID(kaopass.PrefixTransfer))
	}
	err := t.get(&row.FeePoints, t.q.Settlement.Add, row.ID, row.Store, row.Day, row.Currency, row.Captured, row.Refunded, row.Fees,
		row.Captures, row.Refunds, row.Late, row.After, row.Since, row.Upto, until, row.ClosedAt, row.ClosedBy, row.FeeBase,
		row.FeeTransfer)
	if err == nil {
		err = t.bookFee(row)
	}
	if err != nil {
		return kaopass.Settlement{}, fmt.Errorf("db: settlement of %s on %s: %w", row.Store, row.Day, err)
	}
	out := row.settlement()
	_, err = t.event(kaopass.Event{Kind: kaopass.SettlementClosed, Actor: row.ClosedBy, Zone: row.Store, Subject: string(row.ID), Amount: out.Net})
	return out, err
}

// Settlements lists those of a day, by store; an empty store means all.
func (d *DB) Settlements(ctx context.Context, day kaopass.TradeDay, store kaopass.Zone) ([]kaopass.Settlement, error) {
	var rows []settlementRow
	err := d.list(ctx, &rows, d.q.Settlement.OfDay, day, store)
	out := make([]kaopass.Settlement, len(rows))
	for i, r := range rows {
		out[i] = r.settlement()
	}
	return out, err
}

// SettlementLine is one payment or refund of a settlement.
type SettlementLine struct {
	Seq        int64
	ID         kaopass.TransferID
	At         time.Time
	Kind       string // payment, refund
	State      kaopass.TransferState
	Amount     int64
	Currency   string
	Payment    kaopass.PaymentID
	Refund     kaopass.RefundID
	Charge     kaopass.ChargeID
	Device     kaopass.DeviceID
	TillName   string `db:"till_name"`
	Why        string
	OrderRef   string             `db:"order_ref"`
	MethodKind kaopass.MethodKind `db:"method_kind"`
	Came       bool               // to the store; else it left it
}

// Signed is the amount as it changes what the store is owed.
func (l SettlementLine) Signed() int64 {
	if l.Came {
		return l.Amount
	}
	return -l.Amount
}

// SettlementLines hands out the lines of a closed settlement, oldest first, at most so many, and answers whether there
// were more. It holds no transaction open meanwhile: what lies below a settlement's bounds cannot change any more.
func (d *DB) SettlementLines(ctx context.Context, s kaopass.Settlement, most int, each func(SettlementLine) error) (more bool, err error) {
	_, until := s.Day.Span()
	at, seq := time.Time{}, int64(0)
	for given := 0; ; {
		var lines []SettlementLine
		err := d.list(ctx, &lines, d.q.Settlement.Lines, s.Store, s.Captured.Currency, s.After, s.Since, s.Upto, until, at, seq, settlementPage)
		if err != nil {
			return false, err
		}
		for _, l := range lines {
			if given++; given > most {
				return true, nil
			}
			if err := each(l); err != nil {
				return false, err
			}
			at, seq = l.At, l.Seq
		}
		if len(lines) < settlementPage {
			return false, nil
		}
	}
}

// ExportSettlement finds the settlement of a store and day for a member of staff who takes its lines away, and notes that
// they did: ErrNotFound where that day is not closed.
func (d *DB) ExportSettlement(ctx context.Context, day kaopass.TradeDay, store kaopass.Zone, actor string) (out kaopass.Settlement, err error) {
	err = d.tx(ctx, func(t *tx) error {
		var row settlementRow
		if store == "" {
			return ErrNotFound
		}
		if err := t.get(&row, t.q.Settlement.OfDay, day, store); err != nil {
			return err
		}
		out = row.settlement()
		_, err := t.event(kaopass.Event{Kind: kaopass.SettlementExported, Actor: actor, Zone: store, Subject: string(row.ID), Amount: out.Net})
		return err
	})
	return out, err
}
