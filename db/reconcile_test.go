package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// fakeBooks are a card company's books as a test writes them.
type fakeBooks []CardEntry

func (f fakeBooks) Entries(_ context.Context, from, until time.Time) (out []CardEntry, err error) {
	for _, e := range f {
		if !e.At.Before(from) && e.At.Before(until) {
			out = append(out, e)
		}
	}
	return out, nil
}

// carded is a rig with one payment of 3,000 yen by card of which 1,000 were given back, and a top-up of 2,000.
type carded struct {
	*rig
	me    kaopass.VisitorID
	enr   kaopass.EnrolmentID
	card  kaopass.Method
	paid  kaopass.PaymentID
	books fakeBooks // which agree
}

func newCarded(t *testing.T) *carded {
	t.Helper()
	c := &carded{rig: newRig(t)}
	c.me, c.enr = c.visitor(1, "Taro", 5000)
	c.card = c.rig.card(c.me)
	c.paid = c.byCard(3000, false).ID
	c.ok2(c.refund(c.paid, 1000))
	out, err := c.TopUp(c.ctx, c.desk, TopUp{Key: c.key(string(c.me)), Visitor: c.me, Method: c.card.ID, Amount: kaopass.Yen(2000)})
	if c.ok(err); out.Reason != "" {
		t.Fatal(out.Reason)
	}
	c.pay(400, false, c.enr, c.me)
	c.books = c.ledger()
	return c
}

func (c *carded) byCard(yen int64, manual bool) Outcome {
	c.Helper()
	p := c.open(yen, manual)
	c.showFace(p.ID, kaopass.Enough, c.enr)
	return c.confirm(p.ID, c.card.ID)
}

// ledger is what books that agree say.
func (c *carded) ledger() (out fakeBooks) {
	c.Helper()
	var rows []bookingRow
	c.ok(c.pool.SelectContext(c.ctx, &rows, `SELECT charge, refund, currency, amount, at FROM transfer WHERE state = 'posted' AND charge <> '' ORDER BY seq`))
	for _, r := range rows {
		out = append(out, r.booking().CardEntry)
	}
	return out
}

// finds ends the test where anything but one difference of a kind is found, and answers it.
func (c *carded) finds(kind kaopass.DifferenceKind) kaopass.Difference {
	c.Helper()
	out := must(c.Reconcile(c.ctx, c.books, today, "", "stf_1"))
	if captured, refunded := out.Unexplained(); captured != 0 || refunded != 0 {
		c.Errorf("%d and %d yen are not explained", captured, refunded)
	}
	if len(out.Differences) != 1 || out.DifferencesFound != 1 || out.Differences[0].Kind != kind {
		c.Fatalf("%+v, want one %s", out.Differences, kind)
	}
	return out.Differences[0]
}

func TestBooksThatAgree(t *testing.T) {
	t.Parallel()
	c := newCarded(t)
	out := must(c.Reconcile(c.ctx, c.books, today, "", "stf_1"))
	if len(out.Differences) != 0 || out.Card != (Sides{kaopass.Yen(5000), kaopass.Yen(1000)}) || out.Provider != out.Card ||
		out.EMoney != (Sides{kaopass.Yen(400), kaopass.Yen(0)}) || len(out.Tills) != 1 || out.Tills[0].Ours != totals(2, 3400, 1, 1000) {
		t.Errorf("%+v", out)
	}
	if e := c.lastEvent(); e.Kind != kaopass.DayReconciled || e.Actor != "stf_1" || e.Subject != string(today) {
		t.Errorf("%+v", e)
	}
	store := must(c.Reconcile(c.ctx, c.books, today, "food-hall", "stf_1"))
	if len(store.Differences) != 0 || store.Card != (Sides{kaopass.Yen(3000), kaopass.Yen(1000)}) || store.Provider != store.Card {
		t.Errorf("%+v", store)
	}
	if none := must(c.Reconcile(c.ctx, c.books, today.Add(1), "", "stf_1")); len(none.Differences) != 0 || none.Card.Captured.Value != 0 {
		t.Errorf("%+v", none)
	}
	if _, err := c.Reconcile(c.ctx, c.books, "yesterday", "", "stf_1"); err == nil {
		t.Error("a day that is none")
	}
}

func TestEachDifferenceIsFoundAlone(t *testing.T) {
	t.Parallel()
	for kind, plant := range map[kaopass.DifferenceKind]func(*carded) int64{
		kaopass.NotAtProvider: func(c *carded) int64 { c.books = c.books[1:]; return 3000 },
		kaopass.NotInLedger: func(c *carded) int64 {
			c.books = append(c.books, CardEntry{Charge: "chg_none", Amount: kaopass.Yen(77), At: opening})
			return -77
		},
		kaopass.AmountsDiffer:     func(c *carded) int64 { c.books[1].Amount = kaopass.Yen(900); return 100 },
		kaopass.OtherDay:          func(c *carded) int64 { c.books[0].At = opening.Add(24 * time.Hour); return 3000 },
		kaopass.NotToldYet:        plantUntold,
		kaopass.RefusedByProvider: plantRefused,
		kaopass.ChargeOpen:        plantUnknown,
		kaopass.NeverCaptured:     func(c *carded) int64 { c.byCard(600, true); return 600 },
		kaopass.TillDiffers:       plantTotals,
		kaopass.FeeDiffers:        plantFee,
		kaopass.RefundIsOwed:      plantOwed,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			c := newCarded(t)
			want := plant(c)
			d := c.finds(kind)
			if d.Ours.Value-d.Theirs.Value != want {
				t.Errorf("%+v, want a difference of %d", d, want)
			}
			if named := d.Charge != "" || d.Till != "" || d.Store != ""; !named {
				t.Errorf("%+v names nothing", d)
			}
		})
	}
}

// plantUntold pays by card while the company takes no more calls: the capture is not told yet.
func plantUntold(c *carded) int64 {
	c.desk.fail = true
	c.byCard(800, false)
	return 800
}

func plantRefused(c *carded) int64 {
	plantUntold(c)
	_, err := c.pool.ExecContext(c.ctx, "UPDATE card_task SET state = 'refused' WHERE state = 'open'")
	c.ok(err)
	return 800
}

// plantUnknown leaves a charge without an answer, as a crash between the call and its booking does.
func plantUnknown(c *carded) int64 {
	p := c.open(900, false)
	_, err := c.pool.ExecContext(c.ctx, `INSERT INTO card_charge (id, visitor, method, payment, currency, amount, state, asked_at, key_owner, key_name, key_body)
		VALUES ('chg_lost', $1, $2, $3, 'JPY', 900, 'unknown', $4, '', '', '')`, c.me, c.rig.must1("SELECT id FROM method LIMIT 1"), p.ID, opening)
	c.ok(err)
	return 900
}

// plantFee loses the fee of a day that was closed.
func plantFee(c *carded) int64 {
	c.forge("INSERT INTO store_fee (store, points, from_day, set_at, set_by) VALUES ('food-hall', 1000, '" + string(today) + "', '2027-01-01', 'venue')")
	c.nextMorning()
	c.below()
	c.closes(today, "")
	c.forge("DELETE FROM transfer WHERE kind = 'fee'")
	return -(3000 - 1000 + 400) / 10
}

func plantTotals(c *carded) int64 {
	out := must(c.ReportTotals(c.ctx, TillTotals{Key: c.key(string(c.till.ID)), Till: c.till.ID, Day: today, Own: totals(2, 3500, 1, 1000)}))
	if out.Agrees() || out.Ours != totals(2, 3400, 1, 1000) {
		c.Errorf("%+v", out)
	}
	return -100
}

func (r *rig) must1(query string) string { return must1(r, query) }

type noBooks struct{}

func (noBooks) Entries(context.Context, time.Time, time.Time) ([]CardEntry, error) {
	return nil, context.DeadlineExceeded
}

// A card company that does not answer is no reason to show nothing, nor to say that all is well.
func TestBooksThatCannotBeRead(t *testing.T) {
	t.Parallel()
	c := newCarded(t)
	plantTotals(c)
	out := must(c.Reconcile(c.ctx, noBooks{}, today, "", "stf_1"))
	if out.OK() || !out.ProviderAway || out.DifferencesFound != 1 || out.Card.Captured != kaopass.Yen(5000) || out.Closed {
		t.Errorf("%+v", out)
	}
	c.nextMorning()
	c.closes(today, "")
	if out = must(c.Reconcile(c.ctx, c.books, today, "", "stf_1")); !out.Closed || len(out.Settlements) != 1 || out.Settlements[0].Net != kaopass.Yen(2400) {
		t.Errorf("%+v", out)
	}
}

// An entry of this day that is booked here on another is a difference of both days, and of no yen over both.
func TestADifferenceOfDays(t *testing.T) {
	t.Parallel()
	c := newCarded(t)
	c.books[0].At = opening.Add(24 * time.Hour)
	first := must(c.Reconcile(c.ctx, c.books, today, "", "stf_1"))
	second := must(c.Reconcile(c.ctx, c.books, today.Add(1), "", "stf_1"))
	for _, r := range []Reconciliation{first, second} {
		if captured, refunded := r.Unexplained(); len(r.Differences) != 1 || r.Differences[0].Kind != kaopass.OtherDay || captured != 0 || refunded != 0 {
			t.Errorf("%+v", r)
		}
	}
	if first.Differences[0].Ours.Value != 3000 || second.Differences[0].Theirs.Value != 3000 {
		t.Errorf("%+v, %+v", first.Differences, second.Differences)
	}
}

// A card company that was told days later has it all the same.
func TestAnEntryOfDaysLater(t *testing.T) {
	t.Parallel()
	c := newCarded(t)
	c.books[0].At = opening.Add(5 * 24 * time.Hour)
	if d := c.finds(kaopass.OtherDay); d.Ours != kaopass.Yen(3000) {
		t.Errorf("%+v", d)
	}
}

// A till's report is kept, the newest counts, and a key has one outcome.
func TestATillReportsItsTotals(t *testing.T) {
	t.Parallel()
	c := newCarded(t)
	right := TillTotals{Key: c.key(string(c.till.ID)), Till: c.till.ID, Day: today, Own: totals(2, 3400, 1, 1000)}
	plantTotals(c)
	for n := range 2 {
		if out := must(c.ReportTotals(c.ctx, right)); !out.Agrees() || out.Replayed != (n == 1) || out.Day != today {
			t.Errorf("%+v", out)
		}
	}
	if e := c.lastEvent(); e.Kind != kaopass.TotalsReported || e.Device != c.till.ID || e.Amount != kaopass.Yen(2400) {
		t.Errorf("%+v", e)
	}
	if out := must(c.Reconcile(c.ctx, c.books, today, "", "stf_1")); len(out.Differences) != 0 || out.Tills[0].Reported.IsZero() {
		t.Errorf("%+v", out)
	}
	for _, bad := range []TillTotals{{Own: right.Own, Till: c.till.ID, Day: today.Add(1)}, {Own: right.Own, Till: c.till.ID, Day: today.Add(-9)},
		{Own: right.Own, Till: c.till.ID, Day: "soon"}} {
		if _, err := c.ReportTotals(c.ctx, bad); stateOf(err) != "day_not_reportable" {
			t.Error(bad.Day, err)
		}
	}
	if _, err := c.ReportTotals(c.ctx, TillTotals{Till: c.till.ID, Day: today, Own: totals(-1, 0, 0, 0)}); !errors.Is(err, ErrAmount) {
		t.Error(err)
	}
	if _, err := c.ReportTotals(c.ctx, TillTotals{Till: c.gate.ID, Day: today, Own: right.Own}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

// plantOwed has a refund come back from the bank after both books had it.
func plantOwed(c *carded) int64 {
	var back string
	c.ok(c.pool.GetContext(c.ctx, &back, `SELECT refund FROM transfer WHERE kind = 'refund' AND charge <> '' LIMIT 1`))
	_, err := c.OweRefund(c.ctx, kaopass.RefundID(back), kaopass.RefundFailed)
	c.ok(err)
	return int64(c.count(`SELECT amount FROM transfer WHERE refund = $1`, back))
}
