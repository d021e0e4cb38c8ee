package db

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// today is the day of trade on which every rig's clock starts.
var today = kaopass.TradeDayOf(opening)

// closes settles a day; transactions of other tests in the same cluster may hold it up for a moment.
func (r *rig) closes(day kaopass.TradeDay, actor string) []kaopass.Settlement {
	r.Helper()
	for range 500 {
		made, err := r.Settle(r.ctx, day, actor)
		if stateOf(err) != "day_settling" {
			r.ok(err)
			return made
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.Fatal("an old transaction never ends")
	return nil
}

// below waits until all that is booked lies below the horizon, which transactions of other tests in the same cluster hold
// up. On a venue's own clock nothing of an earlier day is above it, but a test turns its clock in no time.
func (r *rig) below() {
	r.Helper()
	for r.count("SELECT count(*) FROM transfer WHERE number >= event_horizon()") > 0 {
		time.Sleep(20 * time.Millisecond)
	}
}

// nextMorning turns the clock to shortly after the day's end.
func (r *rig) nextMorning() {
	_, until := kaopass.TradeDayOf(r.clock.now()).Span()
	r.clock.turn(until.Sub(r.clock.now()) + SettleAfter)
}

func TestADayIsSettledOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	p := r.pay(3000, false, enr, me)
	r.ok2(r.refund(p.ID, 1000))
	r.pay(500, true, enr, me) // held only: not in it
	if _, err := r.Settle(r.ctx, today, "stf_1"); stateOf(err) != "day_open" {
		t.Error(err)
	}
	if n := must(r.SettleDue(r.ctx)); n != 0 {
		t.Error("settled before the day is over:", n)
	}
	r.nextMorning()
	made := r.closes(today, "stf_1")
	if len(made) != 1 {
		t.Fatalf("%+v", made)
	}
	s := made[0]
	if s.Store != "food-hall" || s.Day != today || s.Captured != kaopass.Yen(3000) || s.Refunded != kaopass.Yen(1000) ||
		s.Fees != kaopass.Yen(0) || s.Net != kaopass.Yen(2000) || s.Captures != 1 || s.Refunds != 1 || s.Late != 0 || s.ClosedBy != "stf_1" {
		t.Errorf("%+v", s)
	}
	if e := r.lastEvent(); e.Kind != kaopass.SettlementClosed || e.Actor != "stf_1" || e.Zone != "food-hall" || e.Amount != s.Net || e.Subject != string(s.ID) {
		t.Errorf("%+v", e)
	}
	if again := r.closes(today, "stf_2"); len(again) != 0 || must(r.SettleDue(r.ctx)) != 0 {
		t.Errorf("closed twice: %+v", again)
	}
	if kept := must(r.Settlements(r.ctx, today, "")); len(kept) != 1 || kept[0] != s {
		t.Errorf("%+v, want %+v", kept, s)
	}
	for _, verb := range []string{"UPDATE settlement SET net = 0", "DELETE FROM settlement", "TRUNCATE settlement"} {
		if _, err := r.pool.ExecContext(r.ctx, verb); err == nil {
			t.Error(verb, "went through")
		}
	}
}

// A member of staff takes the lines away; it is noted, and only what is closed can be taken.
func TestTheLinesOfASettlement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	p := r.pay(3000, false, enr, me)
	back := r.ok2(r.refund(p.ID, 1000))
	r.nextMorning()
	if _, err := r.ExportSettlement(r.ctx, today, "food-hall", "stf_1"); !errors.Is(err, ErrNotFound) {
		t.Error("a day that is not closed:", err)
	}
	r.closes(today, "")
	s := must(r.ExportSettlement(r.ctx, today, "food-hall", "stf_1"))
	if e := r.lastEvent(); e.Kind != kaopass.SettlementExported || e.Actor != "stf_1" || e.Subject != string(s.ID) {
		t.Errorf("%+v", e)
	}
	var lines []SettlementLine
	more, err := r.SettlementLines(r.ctx, s, 10, func(l SettlementLine) error { lines = append(lines, l); return nil })
	if err != nil || more || len(lines) != 2 {
		t.Fatal(lines, more, err)
	}
	if l := lines[0]; l.Payment != p.ID || l.Signed() != 3000 || l.OrderRef != "order 7" || l.MethodKind != kaopass.EMoney || l.TillName != "Ramen 2" {
		t.Errorf("%+v", l)
	}
	if l := lines[1]; l.Refund != back.Refund || l.Signed() != -1000 || l.Why != "cold soup" {
		t.Errorf("%+v", l)
	}
	if more, err := r.SettlementLines(r.ctx, s, 1, func(SettlementLine) error { return nil }); !more || err != nil {
		t.Error("one of two:", more, err)
	}
}

// lateTransfer books a payment of the food hall by hand and leaves it uncommitted.
func (r *rig) lateTransfer(yen int64, from kaopass.VisitorID, at time.Time) *sqlx.Tx {
	r.Helper()
	r.keys++
	late, err := r.pool.BeginTxx(r.ctx, nil)
	r.ok(err)
	_, err = late.ExecContext(r.ctx, `INSERT INTO transfer (id, at, kind, state, debit, credit, currency, amount, visitor, device, payment, refund, charge, why)
		SELECT $1, $2, 'payment', 'posted', w.id, s.id, 'JPY', $3, $4, $5, $1, '', '', '' FROM account w, account s
		WHERE w.owner = $4 AND w.kind = 'wallet' AND s.kind = 'store' AND s.owner = 'food-hall'`,
		fmt.Sprintf("trf_late_%d", r.keys), at, yen, from, r.till.ID)
	r.ok(err)
	return late
}

// What commits after its day was closed is in the next day's settlement, and said to be late.
func TestALateCommitIsInTheNextSettlement(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	slow, _ := r.visitor(2, "Hanako", 9000)
	r.pay(3000, false, enr, me)
	late := r.lateTransfer(700, slow, opening)
	r.nextMorning()
	r.pay(200, false, enr, me) // on the next day, before the last is closed
	first := r.closes(today, "")
	r.ok(late.Commit())
	if again := r.closes(today, ""); len(again) != 0 {
		t.Errorf("%+v", again)
	}
	r.nextMorning()
	second := r.closes(today.Add(1), "")
	if len(first) != 1 || len(second) != 1 || second[0].Captured.Value+first[0].Captured.Value != 3900 {
		t.Fatalf("%+v, then %+v", first, second)
	}
	if s := second[0]; s.Late < 1 || s.Captures+first[0].Captures != 3 {
		t.Errorf("%+v", s)
	}
}

// Whatever days do, and whenever they are closed, each posted transfer of a store is in exactly one settlement.
func TestEachTransferIsSettledOnce(t *testing.T) {
	t.Parallel()
	r, random := newRig(t), rand.New(rand.NewPCG(4, 2))
	me, enr := r.visitor(1, "Taro", 200_000)
	var slow []kaopass.VisitorID
	for n := range 6 {
		id, _ := r.visitor(n+2, "Hanako", 9000)
		slow = append(slow, id)
	}
	r.pay(10, false, enr, me)
	open := map[kaopass.VisitorID]*sqlx.Tx{}
	for range 120 {
		switch who := slow[random.IntN(len(slow))]; random.IntN(7) {
		case 0, 1:
			p := r.pay(1+random.Int64N(50), false, enr, me)
			if random.IntN(3) == 0 {
				r.ok2(r.refund(p.ID, 0))
			}
		case 2:
			if open[who] == nil {
				open[who] = r.lateTransfer(1+random.Int64N(50), who, r.clock.now())
			}
		case 3:
			if late := open[who]; late != nil {
				delete(open, who)
				r.ok(late.Commit())
			}
		case 4:
			r.clock.turn(time.Duration(random.IntN(8)) * time.Hour)
		case 5:
			must(r.SettleDue(r.ctx))
		case 6:
			if _, err := r.Settle(r.ctx, kaopass.TradeDayOf(r.clock.now()).Add(-1), "stf_1"); stateOf(err) != "day_settling" {
				r.ok(err)
			}
		}
	}
	for _, late := range open {
		r.ok(late.Commit())
	}
	r.below()
	for range 2 {
		r.nextMorning()
		r.closes(kaopass.TradeDayOf(r.clock.now()).Add(-1), "")
	}
	r.eachOnce()
}

// eachOnce ends the test where a store's transfer is in no settlement or in two.
func (r *rig) eachOnce() {
	r.Helper()
	seen, days, sum := map[kaopass.TransferID]int{}, 0, int64(0)
	for day := today; day.Over(r.clock.now()); day = day.Add(1) {
		for _, s := range must(r.Settlements(r.ctx, day, "food-hall")) {
			net := int64(0)
			_, err := r.SettlementLines(r.ctx, s, 10_000, func(l SettlementLine) error { seen[l.ID]++; net += l.Signed(); return nil })
			r.ok(err)
			if days++; net != s.Net.Value {
				r.Errorf("%s: the lines come to %d, the settlement says %d", day, net, s.Net.Value)
			}
			sum += net
		}
	}
	var ids []kaopass.TransferID
	r.ok(r.pool.SelectContext(r.ctx, &ids, "SELECT id FROM transfer WHERE kind <> 'topup' AND state = 'posted'"))
	for _, id := range ids {
		if seen[id] != 1 {
			r.Errorf("%s is in %d settlements", id, seen[id])
		}
	}
	for _, b := range must(r.AuditLedger(r.ctx)).Explained {
		if b.Kind == "settlements" {
			r.Error(b.Says)
		}
	}
	all := r.count("SELECT sum(CASE kind WHEN 'payment' THEN amount ELSE -amount END) FROM transfer WHERE kind <> 'topup' AND state = 'posted'")
	if len(seen) != len(ids) || sum != int64(all) || days < 3 || len(ids) < 30 {
		r.Errorf("%d transfers in %d settlements of %d, %d yen of %d", len(ids), len(seen), days, sum, all)
	}
}

// Whoever may write a settlement may write one that owes a store more than it sold, or less. The audit holds each against its
// transfers, also what came late.
func TestASettlementThatIsMadeUpIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		captured, captures int
		found              string
	}{
		"as it was": {500, 1, ""}, "more": {1_000_500, 1, "has 1000500 captured and 0 refunded; its transfers say 500 (1)"},
		"nothing": {0, 0, "has 0 captured and 0 refunded; its transfers say 500 (1)"}, "in two": {500, 2, "its transfers say 500 (1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			me, enr := r.visitor(1, "Taro", 9000)
			r.ok2(r.refund(r.pay(3000, false, enr, me).ID, 1000))
			r.nextMorning()
			r.closes(today, "")
			r.pay(500, false, enr, me)
			r.nextMorning()
			r.below()
			served, pool := r.asServer()
			_, err := pool.ExecContext(r.ctx, "INSERT INTO settlement (id, store, day, currency, captured, refunded, fees, net, captures, refunds,"+
				" late, after, since, upto, until, closed_at, closed_by, fee_points, fee_base) SELECT 'stl_f', store, day + 1, currency, $1::bigint, 0, 0,"+
				" $1::bigint, $2::integer, 0, 0, upto, until, event_horizon(), until + interval '1 day', until + interval '1 day', 'me', 0, 0 FROM settlement",
				c.captured, c.captures)
			r.ok(err)
			audit := must(served.AuditLedger(r.ctx))
			if says, _ := explanation(audit, c.found); audit.OK != (c.found == "") || c.found != "" && !strings.Contains(says, "stl_f") {
				t.Errorf("%q: %v", says, audit.Breaches)
			}
		})
	}
}

// A venue that was down for days closes each of them, and a new store's begin with its first.
func TestDaysThatNobodyClosed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 9000)
	if n := must(r.SettleDue(r.ctx)); n != 0 {
		t.Error("settled without a store:", n)
	}
	r.pay(100, false, enr, me)
	r.clock.turn(48 * time.Hour)
	r.till = r.device(kaopass.Till, "Cafe 1", "cafe")
	r.pay(200, false, enr, me)
	r.nextMorning()
	r.below()
	if made := r.closes(today.Add(2), ""); len(made) != 4 {
		t.Errorf("%+v", made)
	}
	var said []string
	for n := range 3 {
		for _, s := range must(r.Settlements(r.ctx, today.Add(n), "")) {
			said = append(said, fmt.Sprintf("%d %s %d", n, s.Store, s.Net.Value))
		}
	}
	if got := strings.Join(said, ", "); got != "0 food-hall 100, 1 food-hall 0, 2 cafe 200, 2 food-hall 0" {
		t.Error(got)
	}
}
