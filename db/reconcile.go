package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// reconcileQueries reads a day's money from our own side.
type reconcileQueries struct {
	Bookings   *sqlx.Stmt `query:"reconcile-bookings"`
	BookingsOf *sqlx.Stmt `query:"reconcile-bookings-of"`
	Unknown    *sqlx.Stmt `query:"reconcile-unknown"`
	Held       *sqlx.Stmt `query:"reconcile-held"`
	Owed       *sqlx.Stmt `query:"reconcile-owed"`
	Tills      *sqlx.Stmt `query:"reconcile-tills"`
	Sums       *sqlx.Stmt `query:"reconcile-sums"`
	TotalAdd   *sqlx.Stmt `query:"till-total-add"`
}

// Limits of reconciling.
const (
	reconcileMax     = 200_000            // card bookings of a day
	reconcileAround  = 24 * time.Hour     // so far from its own day an entry of the card company is looked for,
	reconcileFar     = 7 * 24 * time.Hour // and so far where one is missing: the company may have been told days later
	reconcileAsking  = 8 * time.Second    // for the card company's books
	reconcileTelling = 1000               // differences that are told of each kind that the database finds
	DifferencesMax   = 1000               // told in all; DifferencesFound counts them
)

// Reconciliation is a day's money as each of those who keep books has it.
type Reconciliation struct {
	Day              kaopass.TradeDay
	Store            kaopass.Zone // empty: the whole venue
	At               time.Time
	Settlements      []kaopass.Settlement // of that day, as far as it is closed
	Closed           bool                 // every store's
	ProviderAway     bool                 // the card company's books could not be read: nothing is compared with them
	EMoney           Sides                // wallets: nobody else keeps books of them
	Card             Sides                // payments and top-ups by card, as we have them
	Provider         Sides                // as the card company has them
	Tills            []TillDay
	Differences      []kaopass.Difference // oldest first
	DifferencesFound int
	Settled          []kaopass.Difference // what was never paid and staff settled: nothing is left to do; oldest first
	ByHand           Sides                // what all of those come to, shown or not: ours less theirs
}

// Sides is what came and what was given back.
type Sides struct{ Captured, Refunded kaopass.Money }

// TillDay is a till's day by the ledger and by its own count.
type TillDay struct {
	Till     kaopass.DeviceID
	Name     string
	Store    kaopass.Zone
	Ours     kaopass.Totals
	Own      kaopass.Totals
	Reported time.Time // zero: the till reported nothing
}

// Agrees reports whether the till's own totals are ours; one that reported none has nothing to disagree with.
func (t TillDay) Agrees() bool { return t.Reported.IsZero() || t.Own == t.Ours }

// OK reports whether all books agree.
func (r Reconciliation) OK() bool { return r.DifferencesFound == 0 && !r.ProviderAway }

// explain takes what ReconcileCards found: work, or what staff have settled.
func (r *Reconciliation) explain(found []kaopass.Difference) {
	r.ByHand = Sides{kaopass.Yen(0), kaopass.Yen(0)}
	for _, d := range found {
		if !d.Kind.Settled() {
			r.Differences = append(r.Differences, d)
			continue
		}
		if len(r.Settled) < DifferencesMax {
			r.Settled = append(r.Settled, d)
		}
		if d.Refund == "" {
			r.ByHand.Captured.Value += d.Ours.Value - d.Theirs.Value
		} else {
			r.ByHand.Refunded.Value += d.Ours.Value - d.Theirs.Value
		}
	}
}

// Left is what the ledger has of cards less what the card company has, without what staff settled.
func (r Reconciliation) Left() Sides {
	return Sides{kaopass.Yen(r.Card.Captured.Value - r.ByHand.Captured.Value - r.Provider.Captured.Value),
		kaopass.Yen(r.Card.Refunded.Value - r.ByHand.Refunded.Value - r.Provider.Refunded.Value)}
}

// Unexplained is what the differences leave over between the ledger and the card company, for captures and for refunds:
// zero, or this program cannot add.
func (r Reconciliation) Unexplained() (captured, refunded int64) {
	captured, refunded = r.Left().Captured.Value, r.Left().Refunded.Value
	for _, d := range r.Differences {
		switch {
		case slices.Contains([]kaopass.DifferenceKind{kaopass.ChargeOpen, kaopass.NeverCaptured, kaopass.TillDiffers, kaopass.FeeDiffers,
			kaopass.RefundIsOwed}, d.Kind): // of other books, or of no day's sums
		case d.Refund == "":
			captured -= d.Ours.Value - d.Theirs.Value
		default:
			refunded -= d.Ours.Value - d.Theirs.Value
		}
	}
	return captured, refunded
}

// bookingRow is a card booking as it is read.
type bookingRow struct {
	Charge   kaopass.ChargeID
	Refund   kaopass.RefundID
	Currency string
	Amount   int64
	At       time.Time
	Payment  kaopass.PaymentID
	Device   kaopass.DeviceID
	Store    kaopass.Zone
	Told     kaopass.Told
}

func (b bookingRow) booking() kaopass.CardBooking {
	return kaopass.CardBooking{CardEntry: CardEntry{Charge: b.Charge, Refund: b.Refund,
		Amount: kaopass.Money{Currency: b.Currency, Value: b.Amount}, At: b.At.UTC()}, Store: b.Store, Till: b.Device,
		Payment: b.Payment, Told: b.Told}
}

func (b bookingRow) difference(kind kaopass.DifferenceKind) kaopass.Difference {
	amount := kaopass.Money{Currency: b.Currency, Value: b.Amount}
	return kaopass.Difference{Kind: kind, Store: b.Store, Till: b.Device, Payment: b.Payment, Charge: b.Charge, Refund: b.Refund, Ours: amount,
		Theirs: kaopass.Money{Currency: b.Currency}, At: b.At.UTC()}
}

// Reconcile holds a day's ledger against the card company's books and the tills' own totals, for the venue or for one
// store, and notes who did. The day may be under way: then it is what is so now. Entries of the card company that no
// store's payment knows are listed for the whole venue only.
func (d *DB) Reconcile(ctx context.Context, books CardBooks, day kaopass.TradeDay, store kaopass.Zone, actor string) (out Reconciliation, err error) {
	if from, _ := day.Span(); from.IsZero() {
		return out, fmt.Errorf("db: %q is not a day", day)
	}
	for _, around := range []time.Duration{reconcileAround, reconcileFar} {
		if out, err = d.reconcileWith(ctx, books, day, store, around); err != nil {
			return out, err
		}
		missing := func(f kaopass.Difference) bool { return f.Kind == kaopass.NotAtProvider }
		if out.ProviderAway || !slices.ContainsFunc(out.Differences, missing) {
			break
		}
	}
	return out, d.tx(ctx, func(t *tx) error {
		_, err := t.event(kaopass.Event{Kind: kaopass.DayReconciled, Actor: actor, Zone: store, Subject: string(day)})
		return err
	})
}

// reconcileWith looks for entries of the card company so far around the day.
func (d *DB) reconcileWith(ctx context.Context, books CardBooks, day kaopass.TradeDay, store kaopass.Zone, around time.Duration) (out Reconciliation, err error) {
	from, until := day.Span()
	asking, done := context.WithTimeout(ctx, reconcileAsking)
	defer done()
	theirs, away := books.Entries(asking, from.Add(-around), until.Add(around))
	err = d.snapshot(ctx, func(t *tx) error {
		out = Reconciliation{Day: day, Store: store, At: t.now, ProviderAway: away != nil}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil {
			return err
		}
		return t.reconcile(&out, theirs)
	})
	return out, err
}

func (t *tx) reconcile(out *Reconciliation, theirs []CardEntry) error {
	from, until := out.Day.Span()
	ours, err := t.bookings(out.Day, theirs)
	if err != nil {
		return err
	}
	if out.Store != "" {
		ours, theirs = ofStore(out.Store, ours, theirs)
	}
	out.Card, out.Provider = sidesOf(out.Day, entriesOf(ours)), sidesOf(out.Day, theirs)
	if !out.ProviderAway {
		out.explain(kaopass.ReconcileCards(out.Day, ours, theirs))
	}
	for _, kind := range []struct {
		kaopass.DifferenceKind
		*sqlx.Stmt
	}{{kaopass.ChargeOpen, t.q.Reconcile.Unknown}, {kaopass.NeverCaptured, t.q.Reconcile.Held}, {kaopass.RefundIsOwed, t.q.Reconcile.Owed}} {
		var rows []bookingRow
		if err := t.list(&rows, kind.Stmt, from, until, reconcileTelling); err != nil {
			return err
		}
		for _, r := range rows {
			if out.Store == "" || out.Store == r.Store {
				out.Differences = append(out.Differences, r.difference(kind.DifferenceKind))
			}
		}
	}
	if err := t.reconcileTills(out); err != nil {
		return err
	}
	if err := t.settled(out); err != nil {
		return err
	}
	slices.SortStableFunc(out.Differences, func(a, b kaopass.Difference) int { return a.At.Compare(b.At) })
	if out.DifferencesFound = len(out.Differences); out.DifferencesFound > DifferencesMax {
		out.Differences = out.Differences[:DifferencesMax]
	}
	return t.emoney(out)
}

// settled reads what of the day is closed, whether some store's is not, and what of the fees differs.
func (t *tx) settled(out *Reconciliation) error {
	var rows, open []settlementRow
	if err := t.list(&rows, t.q.Settlement.OfDay, out.Day, out.Store); err != nil {
		return err
	}
	for _, r := range rows {
		out.Settlements = append(out.Settlements, r.settlement())
	}
	if err := t.reconcileFees(out, rows); err != nil {
		return err
	}
	_, until := out.Day.Span()
	err := t.list(&open, t.q.Settlement.Open, out.Day, until)
	out.Closed = out.Day.Over(t.now) && len(open) == 0
	return err
}

// bookings reads ours of the day, and those of other days whose charge the card company names on this one.
func (t *tx) bookings(day kaopass.TradeDay, theirs []CardEntry) ([]kaopass.CardBooking, error) {
	from, until := day.Span()
	var rows, others []bookingRow
	if err := t.list(&rows, t.q.Reconcile.Bookings, from, until, reconcileMax+1); err != nil {
		return nil, err
	}
	if len(rows) > reconcileMax {
		return nil, fmt.Errorf("db: more than %d card bookings on %s", reconcileMax, day)
	}
	var named []string
	for _, e := range theirs {
		if !e.At.Before(from) && e.At.Before(until) {
			named = append(named, string(e.Charge))
		}
	}
	if err := t.list(&others, t.q.Reconcile.BookingsOf, from, until, pq.Array(named)); err != nil {
		return nil, err
	}
	out := make([]kaopass.CardBooking, 0, len(rows)+len(others))
	for _, r := range append(rows, others...) {
		out = append(out, r.booking())
	}
	return out, nil
}

// ofStore keeps what one store sold, and what the card company has of it.
func ofStore(store kaopass.Zone, ours []kaopass.CardBooking, theirs []CardEntry) (mine []kaopass.CardBooking, its []CardEntry) {
	charges := map[kaopass.ChargeID]bool{}
	for _, b := range ours {
		if b.Store == store {
			mine, charges[b.Charge] = append(mine, b), true
		}
	}
	for _, e := range theirs {
		if charges[e.Charge] {
			its = append(its, e)
		}
	}
	return mine, its
}

func entriesOf(bookings []kaopass.CardBooking) []CardEntry {
	out := make([]CardEntry, len(bookings))
	for i, b := range bookings {
		out[i] = b.CardEntry
	}
	return out
}

// sidesOf sums what counts on a day.
func sidesOf(day kaopass.TradeDay, entries []CardEntry) Sides {
	from, until := day.Span()
	out := Sides{kaopass.Yen(0), kaopass.Yen(0)}
	for _, e := range entries {
		switch {
		case e.At.Before(from) || !e.At.Before(until):
		case e.Refund == "":
			out.Captured.Value += e.Amount.Value
		default:
			out.Refunded.Value += e.Amount.Value
		}
	}
	return out
}

// emoney sums what wallets paid and got back.
func (t *tx) emoney(out *Reconciliation) error {
	from, until := out.Day.Span()
	var sums struct {
		Captured int64 `db:"emoney_captured"`
		Refunded int64 `db:"emoney_refunded"`
	}
	err := t.get(&sums, t.q.Reconcile.Sums, from, until, out.Store)
	out.EMoney = Sides{kaopass.Yen(sums.Captured), kaopass.Yen(sums.Refunded)}
	return err
}
