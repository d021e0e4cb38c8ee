package db

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// fee sets a rate for the food hall.
func (r *rig) fee(points int, from kaopass.TradeDay) {
	r.Helper()
	r.ok(r.SetFee(r.ctx, kaopass.FeeRate{Store: "food-hall", Points: points, From: from}, "stf_admin"))
}

// closedDay settles the day and answers the food hall's settlement.
func (r *rig) closedDay(day kaopass.TradeDay) kaopass.Settlement {
	r.Helper()
	r.below()
	made := r.closes(day, "stf_1")
	if len(made) != 1 {
		r.Fatalf("%+v", made)
	}
	return made[0]
}

// owes is what the venue owes the food hall.
func (r *rig) owes() int {
	return r.count("SELECT coalesce(sum(balance_of(id)), 0) FROM account WHERE kind = 'store'")
}

// A rate holds from its day on; a refund gives back what its own sale paid, whatever the rate is then; and a day that gives back
// more than it takes is paid by the venue.
func TestAStorePaysFees(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 50_000)
	r.pay(1000, false, enr, me)
	r.fee(250, today.Add(1))
	r.fee(1000, today.Add(2))
	r.nextMorning()
	sold := r.pay(2010, false, enr, me)
	r.nextMorning()
	free, paid := r.closedDay(today), r.closedDay(today.Add(1))
	if free.Fees != kaopass.Yen(0) || free.FeePoints != 0 || free.FeeTransfer != "" || free.Net != kaopass.Yen(1000) {
		t.Errorf("before any rate: %+v", free)
	}
	if paid.Fees != kaopass.Yen(50) || paid.FeePoints != 250 || paid.FeeBase != 2010*250 || paid.FeeTransfer == "" || paid.Net != kaopass.Yen(1960) {
		t.Errorf("%+v", paid)
	}
	if r.owes() != 1000+1960 || r.accountSum(kaopass.FeesAccount) != 50 {
		t.Error("owes", r.owes(), "fees", r.accountSum(kaopass.FeesAccount))
	}
	r.ok2(r.refund(sold.ID, 2010)) // on a day of ten percent
	r.pay(100, false, enr, me)
	r.nextMorning()
	back := r.closedDay(today.Add(2))
	if back.FeeBase != 100*1000-2010*250 || back.Fees != kaopass.Yen(-40) || back.FeePoints != 1000 || back.Net != kaopass.Yen(100-2010+40) {
		t.Errorf("%+v", back)
	}
	if r.accountSum(kaopass.FeesAccount) != 10 || r.owes() != 1000+100-10 {
		t.Error("owes", r.owes(), "fees", r.accountSum(kaopass.FeesAccount))
	}
	for day, n := range map[kaopass.TradeDay]int{today: 1, today.Add(1): 1, today.Add(2): 2} {
		lines := 0
		s := must(r.ExportSettlement(r.ctx, day, "food-hall", "stf_1"))
		_, err := r.SettlementLines(r.ctx, s, 10, func(l SettlementLine) error { lines++; return nil })
		if r.ok(err); lines != n {
			t.Errorf("%s has %d lines", day, lines)
		}
		if out := must(r.Reconcile(r.ctx, fakeBooks{}, day, "", "stf_1")); !out.OK() || !out.Closed {
			t.Errorf("%+v", out.Differences)
		}
	}
	r.sound()
}

// Two who close a day at once, and a third who closes it again, book one fee.
func TestAFeeIsBookedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	r.fee(1000, today.Add(1))
	r.nextMorning()
	r.pay(1000, false, enr, me)
	r.nextMorning()
	r.below()
	done := make(chan error)
	for range 4 {
		go func() {
			_, err := r.Settle(r.ctx, today.Add(1), "")
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil && stateOf(err) != "day_settling" {
			t.Error(err)
		}
	}
	r.closes(today.Add(1), "")
	if n := r.count("SELECT count(*) FROM transfer WHERE kind = 'fee'"); n != 1 || r.accountSum(kaopass.FeesAccount) != 100 {
		t.Error(n, "fees")
	}
	r.sound()
}

func TestWhoMayNotSetAFee(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for name, c := range map[string]struct {
		rate  kaopass.FeeRate
		wrong string
	}{
		"a store that nobody knows": {kaopass.FeeRate{Store: "elsewhere", Points: 1, From: today.Add(1)}, "store"},
		"today":                     {kaopass.FeeRate{Store: "food-hall", Points: 1, From: today}, "from"},
		"too much":                  {kaopass.FeeRate{Store: "food-hall", Points: 3001, From: today.Add(1)}, "points"},
	} {
		var cannot *FieldError
		if err := r.SetFee(r.ctx, c.rate, "stf_admin"); !errors.As(err, &cannot) || cannot.Field != c.wrong {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.fee(250, today.Add(1))
	r.fee(300, today.Add(1)) // in time, so it takes the other's place
	if e := r.lastEvent(); e.Kind != kaopass.FeeSet || e.Actor != "stf_admin" || e.Zone != "food-hall" || e.Subject != string(today.Add(1)) {
		t.Errorf("%+v", e)
	}
	all := must(r.Fees(r.ctx))
	if len(all) != 1 || all[0].Points != 0 || len(all[0].Rates) != 2 || all[0].Rates[0].Points != 300 || all[0].Rates[1].SetBy != "stf_admin" {
		t.Fatalf("%+v", all)
	}
	r.nextMorning()
	if all := must(r.Fees(r.ctx)); all[0].Points != 300 {
		t.Errorf("%+v", all)
	}
}

// Whatever is sold, given back and late, at whatever rates: the parts of each day make its whole, each fee is what the root says
// of its lines, and closing again changes nothing.
func TestFeesAddUp(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 90_000)
	n := 0
	rapid.Check(t, func(p *rapid.T) {
		n++
		day := kaopass.TradeDayOf(r.clock.now()).Add(1)
		r.turnTo(day)
		r.till = r.device(kaopass.Till, fmt.Sprintf("Stall %d", n), kaopass.Zone(fmt.Sprintf("stall-%d", n)))
		store := r.till.Zone
		rates, rate := map[kaopass.TradeDay]int{day: 0}, 0
		sold := map[kaopass.PaymentID]*struct {
			day  kaopass.TradeDay
			left int64
		}{}
		var ids []kaopass.PaymentID
		owed, fees := int64(0), int64(0)
		r.sells(enr, me, sold, &ids, day, 1) // so that it has an account
		owed++
		for range rapid.IntRange(1, 2).Draw(p, "days") {
			if rapid.Bool().Draw(p, "rate") {
				rate = rapid.IntRange(0, kaopass.FeePointsMax).Draw(p, "points")
				if err := r.SetFee(r.ctx, kaopass.FeeRate{Store: store, Points: rate, From: day.Add(1)}, "stf_admin"); err != nil {
					p.Fatal(err, day, r.clock.now())
				}
			}
			r.nextMorning()
			r.closes(day, "")
			day = day.Add(1)
			rates[day] = rate
			var base kaopass.FeeBase
			gross, back := int64(0), int64(0)
			for range rapid.IntRange(0, 4).Draw(p, "steps") {
				if open := rapid.SampledFrom(ids).Draw(p, "sale"); rapid.Bool().Draw(p, "refund") && sold[open].left > 0 {
					yen := rapid.Int64Range(1, sold[open].left).Draw(p, "back")
					r.ok2(r.refund(open, yen))
					sold[open].left -= yen
					back += yen
					base = base.Add(-yen, rates[sold[open].day])
				} else {
					yen := rapid.Int64Range(1, 60).Draw(p, "yen")
					r.sells(enr, me, sold, &ids, day, yen)
					gross += yen
					base = base.Add(yen, rates[day])
				}
			}
			r.nextMorning()
			r.below()
			r.closes(day, "")
			s := must(r.Settlements(r.ctx, day, store))[0]
			if s.Captured.Value != gross || s.Refunded.Value != back || s.FeeBase != base || s.Fees != base.Fee() || s.Net.Value != gross-back-s.Fees.Value {
				p.Fatalf("%+v, want %d less %d at base %d", s, gross, back, base)
			}
			owed, fees = owed+s.Net.Value, fees+s.Fees.Value
			if again := r.closes(day, "stf_2"); len(again) != 0 || must(r.Settlements(r.ctx, day, store))[0] != s {
				p.Fatal("closing again changed something")
			}
			day = day.Add(1)
			r.turnTo(day)
		}
		if is := r.count("SELECT balance_of(id) FROM account WHERE kind = 'store' AND owner = $1", store); int64(is) != owed {
			p.Fatalf("the store is owed %d, its settlements say %d", is, owed)
		}
		if is := r.count(`SELECT coalesce(sum(CASE WHEN t.debit = a.id THEN t.amount ELSE -t.amount END), 0) FROM account a JOIN transfer t
			ON t.kind = 'fee' AND a.id IN (t.debit, t.credit) WHERE a.owner = $1`, store); int64(is) != fees {
			p.Fatalf("the venue has %d of it, its settlements say %d", is, fees)
		}
	})
	r.sound()
}

// turnTo puts the clock at noon of a day.
func (r *rig) turnTo(day kaopass.TradeDay) {
	from, _ := day.Span()
	r.clock.turn(from.Add(8 * time.Hour).Sub(r.clock.now()))
}

// sells sells something and gives the wallet its money back at the desk of the test.
func (r *rig) sells(enr kaopass.EnrolmentID, who kaopass.VisitorID, sold map[kaopass.PaymentID]*struct {
	day  kaopass.TradeDay
	left int64
}, ids *[]kaopass.PaymentID, day kaopass.TradeDay, yen int64) {
	r.Helper()
	p := r.pay(yen, false, enr, who)
	if p.Status != kaopass.Captured {
		r.Fatalf("%s %s", p.Status, p.Reason)
	}
	sold[p.ID] = &struct {
		day  kaopass.TradeDay
		left int64
	}{day, yen}
	*ids = append(*ids, p.ID)
}

// What the database says again is what the root says.
func TestTheDatabaseRoundsLikeTheRoot(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 300 {
		base := kaopass.FeeBase(rand.Int64N(4_000_000) - 2_000_000)
		if n := r.count("SELECT fee_of($1)", int64(base)); int64(n) != base.Fee().Value {
			t.Fatalf("%d: %d, want %d", base, n, base.Fee().Value)
		}
		at := opening.Add(time.Duration(rand.Int64N(int64(900 * 24 * time.Hour))))
		if day := must1(r, "SELECT trade_day($1)::text", at); day != string(kaopass.TradeDayOf(at)) {
			t.Fatalf("%s: %s, want %s", at, day, kaopass.TradeDayOf(at))
		}
	}
	if n := r.count("SELECT count(*) FROM generate_series(0, 50000) b WHERE fee_of(-b) <> -fee_of(b) OR abs(fee_of(b) * 10000 - b) > 5000"); n != 0 {
		t.Error(n, "are not symmetrical, or off by more than half a yen")
	}
}

// feed is a store that paid 100 yen of 1,000 on the day that it answers.
func (r *rig) feed() kaopass.TradeDay {
	r.Helper()
	me, enr := r.visitor(1, "Taro", 9000)
	r.fee(1000, today.Add(1))
	r.nextMorning()
	r.pay(1000, false, enr, me)
	r.nextMorning()
	r.below()
	r.closes(today.Add(1), "")
	return today.Add(1)
}

// A fee that is missing, false or at another rate is found by whoever reconciles the day, and by the audit.
func TestAFalseFeeIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		forge      string
		difference int64 // 0: only the audit sees it
		breach     string
	}{
		"missing":       {"DELETE FROM transfer WHERE kind = 'fee'", -100, "no transfer booked them"},
		"too much":      {"UPDATE transfer SET amount = 101 WHERE kind = 'fee'", 1, "no transfer booked them"},
		"the wrong way": {"UPDATE transfer SET debit = credit, credit = debit WHERE kind = 'fee'", -200, "no transfer booked them"},
		"another rate":  {"UPDATE store_fee SET points = 500", 50, "is at 1000 points, not at 500"},
		"not its own":   {"UPDATE settlement SET fee_transfer = 'trf_x' WHERE fees <> 0", -100, "and no settlement names it"},
		"a fee by itself": {"INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
			" SELECT 'trf_x', at, kind, state, debit, credit, currency, 7, visitor, device, payment, refund, charge, why FROM transfer WHERE kind = 'fee'", 0, "and no settlement names it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			day := r.feed()
			if out := must(r.Reconcile(r.ctx, fakeBooks{}, day, "", "stf_1")); !out.OK() {
				t.Fatalf("%+v", out.Differences)
			}
			r.sound()
			r.forge("ALTER TABLE settlement DISABLE TRIGGER USER", "ALTER TABLE store_fee DISABLE TRIGGER USER", c.forge)
			out := must(r.Reconcile(r.ctx, fakeBooks{}, day, "", "stf_1"))
			if c.difference == 0 {
				if !out.OK() {
					t.Errorf("%+v", out.Differences)
				}
			} else if len(out.Differences) != 1 || out.Differences[0].Kind != kaopass.FeeDiffers || out.Differences[0].Store != "food-hall" ||
				out.Differences[0].Ours.Value-out.Differences[0].Theirs.Value != c.difference {
				t.Errorf("%+v", out.Differences)
			}
			if a, b := out.Unexplained(); a != 0 || b != 0 {
				t.Error(a, b, "are not explained")
			}
			audit := must(r.AuditLedger(r.ctx))
			if found := strings.Join(audit.Breaches, "\n"); !strings.Contains(found, c.breach) {
				t.Errorf("%q is not in\n%s", c.breach, found)
			}
		})
	}
}

// A colleague with psql cannot make a fee, nor unmake one.
func TestNobodyHelpsThemselvesToFees(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	day := r.feed()
	store, fees := must1(r, "SELECT id FROM account WHERE kind = 'store'"), must1(r, "SELECT id FROM account WHERE kind = 'fees'")
	const insert = "INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)" +
		" VALUES ('trf_f', '2027-05-06', $1, 'posted', $2, $3, 'JPY', 100, $4, '', '', '', '', '')"
	const settle = "INSERT INTO settlement (id, store, day, currency, captured, refunded, fees, net, captures, refunds, late, after, since, upto, until, closed_at, closed_by, fee_points, fee_base, fee_transfer)" +
		" SELECT 'stl_f', store, day + 1, currency, 0, 0, $1::bigint, -$1::bigint, 0, 0, 0, upto, until, upto, until + interval '1 day', closed_at + interval '1 day', 'me', $2, $3, nullif($4, '') FROM settlement WHERE day = $5"
	const rate = "INSERT INTO store_fee (store, points, from_day, set_at, set_by) VALUES ('food-hall', $1, $2, $3, 'me')"
	for name, fraud := range map[string]struct {
		sentence string
		sql      string
		args     []any
	}{
		"take a fee":                 {"a_fee_is_of_a_settlement", insert, []any{"fee", store, fees, ""}},
		"give a fee back":            {"a_fee_is_of_a_settlement", insert, []any{"fee", fees, store, ""}},
		"a fee of somebody":          {"a_fee_is_of_a_settlement", insert, []any{"fee", store, fees, "vis_1"}},
		"put in to a store":          {"what_is_put_in_goes_into_a_wallet", insert, []any{"topup", fees, store, "vis_1"}},
		"a top-up back to the venue": {"a_top_up_goes_back_the_way_it_came", insert, []any{"topup_refund", store, fees, "vis_1"}},
		"settle without booking":     {"a_fee_is_a_transfer", settle, []any{100, 1000, 1_000_000, "", day}},
		"settle a fee nobody booked": {"a_fee_was_booked", settle, []any{100, 1000, 1_000_000, "trf_none", day}},
		"settle a false fee":         {"a_fee_is_what_the_rate_makes_of_the_trade", settle, []any{99, 1000, 1_000_000, "trf_none", day}},
		"settle at another rate":     {"a_settlement_takes_the_rate_in_force", settle, []any{50, 500, 500_000, "trf_none", day}},
		"settle with another's fee":  {"a_fee_is_booked_once", settle, []any{100, 1000, 1_000_000, must1(r, "SELECT fee_transfer FROM settlement WHERE fees <> 0"), day}},
		"a fee for today":            {"a_fee_begins_on_a_day_to_come", rate, []any{0, "2027-05-05", "2027-05-05T03:00:00Z"}},
		"a fee for a settled day":    {"a_settled_day_keeps_its_fee", rate, []any{0, string(day), "2027-05-01T03:00:00Z"}},
		"a fee of half":              {"a_fee_is_between_nothing_and_thirty_percent", rate, []any{5000, "2027-06-05", "2027-05-05T03:00:00Z"}},
		"forget a rate":              {"store_fee is only ever appended to", "DELETE FROM store_fee", nil},
	} {
		_, err := r.pool.ExecContext(r.ctx, fraud.sql, fraud.args...)
		var refused *pq.Error
		if !errors.As(err, &refused) || refused.Constraint != fraud.sentence && refused.Message != fraud.sentence {
			t.Errorf("%s: %v, not %q", name, err, fraud.sentence)
		}
	}
	r.sound()
}
