package db

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// Whatever limits hold, of the venue, of the visitor or of a guardian, the database says what the root says.
func TestTheDatabaseKeepsEveryLimitOfTheRoot(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	rapid.Check(t, func(t *rapid.T) {
		yen := func(name string) int64 {
			return rapid.SampledFrom([]int64{0, 1, 499, 500, 1000, 3000, 5000, 50_000}).Draw(t, name)
		}
		err := r.tx(r.ctx, func(x *tx) error {
			type fact struct {
				sql  string
				args []any
			}
			facts := []fact{{"INSERT INTO pay_limits (at, actor, payment, code_from, hour_count, hour_sum, day_count, day_sum, till_minute, till_hour)" +
				" VALUES (now(), 'stf', $1, 0, $2, $3, $4, $5, 0, 0)", []any{yen("payment"), rapid.IntRange(0, 4).Draw(t, "hours"), yen("hour"), rapid.IntRange(0, 5).Draw(t, "days"), yen("day")}}}
			if own := yen("own"); own > 0 {
				facts = append(facts, fact{"INSERT INTO own_limit (visitor, day, next, next_from) VALUES ($1, $2, $3, $4)",
					[]any{me, own, yen("next"), x.now.Add(time.Duration(rapid.Int64Range(-5, 5).Draw(t, "from")) * time.Hour)}})
			}
			if rapid.Bool().Draw(t, "minor") {
				facts = append(facts, fact{"INSERT INTO guardian (visitor, name, day, week, card, since, changed) VALUES ($1, '', $2, $3, false, now(), now())",
					[]any{me, yen("allowed"), yen("allowed a week")}})
			}
			for i := range rapid.IntRange(0, 4).Draw(t, "payments") {
				status := rapid.SampledFrom([]string{"captured", "authorised", "refunded", "partially_refunded"}).Draw(t, "status")
				captured, refunded := int64(1000), int64(0)
				switch status {
				case "authorised":
					captured = 0
				case "refunded":
					refunded = 1000
				case "partially_refunded":
					refunded = 400
				}
				ago := time.Duration(rapid.Int64Range(0, int64(200*time.Hour)).Draw(t, "ago"))
				facts = append(facts, fact{"INSERT INTO payment (id, till, till_name, store, status, currency, amount, authorised, captured, refunded, order_ref," +
					" manual, payer, method, created_at, expires_at) VALUES ($1, 't', 't', 's', $2, 'JPY', 1000, 1000, $3, $4, '', false, $5, 'm', $6, $6)",
					[]any{"pay_" + string(rune('a'+i)), status, captured, refunded, me, x.now.Add(-ago)}})
			}
			for _, f := range facts {
				if _, err := x.sql.ExecContext(x.ctx, f.sql, f.args...); err != nil {
					return err
				}
			}
			payer, err := x.payer(me)
			if err != nil {
				return err
			}
			own, err := x.ownLimit(me)
			if err != nil || own.Day != payer.Own {
				t.Fatalf("own limit %+v, payer %+v: %v", own, payer, err)
			}
			amount := rapid.SampledFrom([]int64{1, 499, 500, 1000, 2000, 3000, 49_000, 50_000}).Draw(t, "amount")
			var said kaopass.Reason
			if err := x.get(&said, x.q.Payment.Refusal, me, x.now, amount, payerLimits()); err != nil {
				return err
			}
			if want := payer.Refusal(kaopass.Yen(amount)); said != want {
				t.Fatalf("the database says %q, the root %q of %d by %+v", said, want, amount, payer)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	})
}

// The standard pace of a till stands in a trigger too.
func TestTheStandardPaceIsTheRoots(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	most := kaopass.StandardLimits()
	now := r.DB.clock()
	pace := func(minute, hour int) kaopass.PaymentStatus {
		t.Helper()
		if _, err := r.pool.Exec("INSERT INTO till_pace VALUES ($1, date_trunc('minute', $2::timestamptz), $3, date_trunc('hour', $2::timestamptz), $4)"+
			" ON CONFLICT (till) DO UPDATE SET minute_n = excluded.minute_n, hour_n = excluded.hour_n", r.till.ID, now, minute, hour); err != nil {
			t.Fatal(err)
		}
		return r.open(100, false).Status
	}
	for _, c := range []struct {
		minute, hour int
		want         kaopass.PaymentStatus
	}{
		{most.TillMinute - 1, 0, kaopass.AwaitingFace}, {most.TillMinute, 0, kaopass.Refused},
		{0, most.TillHour - 1, kaopass.AwaitingFace}, {0, most.TillHour, kaopass.Refused},
	} {
		if got := pace(c.minute, c.hour); got != c.want {
			t.Errorf("%d in the minute, %d in the hour: %s", c.minute, c.hour, got)
		}
	}
}

// Many requests at once do not open more payments than the till's limit, and the next minute is another.
func TestATillKeepsItsPaceAgainstTheRace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.SetLimits(r.ctx, kaopass.Limits{TillMinute: 5}, string(aiko)))
	var mu sync.Mutex
	got := map[kaopass.PaymentStatus]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			p, err := r.CreatePayment(r.ctx, NewPayment{Till: r.till.ID, Amount: kaopass.Yen(100)})
			if err != nil {
				t.Error(err)
				return
			}
			if p.Status == kaopass.Refused && p.Reason != kaopass.LimitExceeded {
				t.Error(p.Reason)
			}
			mu.Lock()
			got[p.Status]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[kaopass.AwaitingFace] != 5 || got[kaopass.Refused] != 15 {
		t.Error(got)
	}
	r.clock.turn(time.Minute)
	if p := r.open(100, false); p.Status != kaopass.AwaitingFace {
		t.Error(p.Status)
	}
}

// Confirmations at once of one visitor at many tills do not pass the hour's count together.
func TestNoRacePastTheHour(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ok(r.SetLimits(r.ctx, kaopass.Limits{HourCount: 3}, string(aiko)))
	me, enr := r.visitor(1, "Taro", 20_000)
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	var open []Outcome
	for range 10 {
		p := r.open(100, false)
		r.showFace(p.ID, kaopass.Enough, enr)
		open = append(open, p)
	}
	var wg sync.WaitGroup
	for _, p := range open {
		wg.Go(func() {
			if _, err := r.ConfirmPayment(r.ctx, r.desk, kaopass.Key{}, r.till.ID, p.ID, wallet); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := r.count("SELECT count(*) FROM payment WHERE status = 'captured'"); n != 3 {
		t.Errorf("%d were captured", n)
	}
	if n := r.count("SELECT count(*) FROM payment WHERE status = 'declined' AND reason = 'limit_exceeded'"); n != 7 {
		t.Errorf("%d were declined", n)
	}
	r.clock.turn(time.Hour + time.Second)
	if out := r.pay(100, false, enr, me); out.Status != kaopass.Captured {
		t.Errorf("an hour later: %+v", out.Payment)
	}
}

func TestAVenueSetsItsLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var field *FieldError
	if err := r.SetLimits(r.ctx, kaopass.Limits{Payment: kaopass.PaymentMax + 1}, "stf"); !errors.As(err, &field) || field.Field != "payment" {
		t.Error(err)
	}
	r.ok(r.SetLimits(r.ctx, kaopass.Limits{Payment: 3000, CodeFrom: 2000}, string(aiko)))
	if got := must(r.Limits(r.ctx)); got.Set.Payment != 3000 || got.Set.InForce().DaySum != kaopass.PaymentDayMax || got.Actor != string(aiko) {
		t.Errorf("%+v", got)
	}
	_, enr := r.visitor(1, "Taro", 20_000)
	for yen, want := range map[int64]kaopass.PaymentStatus{1999: kaopass.AwaitingConfirmation, 2000: kaopass.AwaitingCode, 3001: kaopass.Refused} {
		if out := r.showFace(r.open(yen, false).ID, kaopass.Enough, enr); out.Status != want {
			t.Errorf("%d: %s", yen, out.Status)
		}
	}
	if out := r.showFace(r.open(3001, false).ID, kaopass.AskCode, enr); out.Status != kaopass.Refused || out.Reason != kaopass.LimitExceeded {
		t.Errorf("%+v", out.Payment)
	}
	if _, err := r.pool.Exec("INSERT INTO pay_limits (at, actor, payment, code_from, hour_count, hour_sum, day_count, day_sum, till_minute, till_hour)" +
		" VALUES (now(), 'psql', 60000, 0, 0, 0, 0, 0, 0, 0)"); !breaks(err, "a_payment_is_at_most_50000_yen") {
		t.Error(err)
	}
	if _, err := r.pool.Exec("UPDATE pay_limits SET payment = 1"); err == nil {
		t.Error("limits were rewritten")
	}
}

func TestALimitOfOnesOwnIsLoweredAtOnceAndRaisedLater(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 20_000)
	must(r.SetOwnLimit(r.ctx, me, 1000))
	if out := r.pay(1000, false, enr, me); out.Status != kaopass.Captured {
		t.Fatal(out.Status)
	}
	if out := r.showFace(r.open(1, false).ID, kaopass.Enough, enr); out.Reason != kaopass.LimitExceeded {
		t.Error(out.Reason)
	}
	if own := must(r.SetOwnLimit(r.ctx, me, 5000)); own.Day != 1000 || own.Next != 5000 {
		t.Errorf("%+v", own)
	}
	r.clock.turn(kaopass.OwnDayWait)
	if own := must(r.OwnLimit(r.ctx, me)); own.Day != 5000 || own.Waits() {
		t.Errorf("%+v", own)
	}
	if out := r.pay(4000, false, enr, me); out.Status != kaopass.Captured {
		t.Error(out.Status)
	}
	var field *FieldError
	for _, bad := range []int64{-1, 1, kaopass.OwnDayMin - 1, kaopass.PaymentDayMax + 1} {
		if _, err := r.SetOwnLimit(r.ctx, me, bad); !errors.As(err, &field) {
			t.Errorf("%d: %v", bad, err)
		}
	}
}

func TestAMinorSpendsWhatTheGuardianAllows(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	child, enr := r.visitor(1, "Hana Yamada", 20_000)
	parent, _ := r.visitor(2, "Yuki Yamada", 0)
	stranger, _ := r.visitor(3, "Ken", 0)
	visa := r.card(child)
	g := kaopass.Guardian{Name: "Yuki Yamada", Contact: "visitor2@example.com", Allowance: kaopass.Allowance{Day: 1000, Week: 1500}}
	r.ok(r.SignGuardian(r.ctx, child, g, aiko))
	if out := r.pay(800, false, enr, child); out.Status != kaopass.Captured {
		t.Fatal(out.Status)
	}
	if out := r.showFace(r.open(201, false).ID, kaopass.Enough, enr); out.Reason != kaopass.LimitExceeded {
		t.Error(out.Reason)
	}
	p := r.open(100, false)
	for _, m := range r.showFace(p.ID, kaopass.Enough, enr).Methods {
		if m.Kind == kaopass.Card {
			t.Error("a card is offered")
		}
	}
	if out := r.confirm(p.ID, visa.ID); out.Reason != kaopass.MethodNotAllowed {
		t.Errorf("%+v", out.Payment)
	}
	if _, err := r.AddCard(r.ctx, child, "tok_2", "Visa"); stateIs(err) != string(kaopass.MethodNotAllowed) {
		t.Error(err)
	}
	if out := must(r.TopUp(r.ctx, r.desk, TopUp{Visitor: child, Method: visa.ID, Amount: kaopass.Yen(1000)})); out.Reason != kaopass.MethodNotAllowed {
		t.Error(out.Reason)
	}
	r.clock.turn(24 * time.Hour) // Tuesday
	if out := r.showFace(r.open(701, false).ID, kaopass.Enough, enr); out.Reason != kaopass.LimitExceeded {
		t.Errorf("over the week: %s", out.Reason)
	}
	for _, by := range []string{string(stranger), string(child)} {
		if err := r.SetAllowance(r.ctx, child, kaopass.Allowance{Day: 9000, Week: 9000, Card: true}, by); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", by, err)
		}
	}
	r.ok(r.SetAllowance(r.ctx, child, kaopass.Allowance{Day: 3000, Week: 9000, Card: true}, string(parent)))
	wards := must(r.Wards(r.ctx, parent))
	if len(wards) != 1 || wards[0].Name != "H. Y." || wards[0].Week.Value != 800 || !wards[0].Allowance.Card {
		t.Errorf("%+v", wards)
	}
	if out := r.payByCard(701, false, enr, visa.ID); out.Status != kaopass.Captured {
		t.Errorf("%+v", out.Payment)
	}
	if n := r.count("SELECT count(*) FROM guardian WHERE position('Yuki'::bytea IN name) > 0"); n != 0 {
		t.Error("a guardian's name lies open")
	}
	r.ok(r.EndGuardian(r.ctx, child, aiko))
	if must(r.Profile(r.ctx, child)).Guardian != nil {
		t.Error("still a minor")
	}
}

// What was opened before midnight is not paid after it: it would be held against the allowance of the day and the week that
// begin, and count as yesterday's.
func TestNoAllowanceIsSpentTwiceAtMidnight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	child, enr := r.visitor(1, "Hana Yamada", 20_000)
	r.ok(r.SignGuardian(r.ctx, child, kaopass.Guardian{Name: "Yuki", Allowance: kaopass.Allowance{Day: 1000, Week: 1000}}, aiko))
	_, midnight := kaopass.VenueDay(opening.AddDate(0, 0, 6)) // of a Sunday
	r.clock.turn(midnight.Sub(opening) - time.Minute)
	wallet := must(r.Wallet(r.ctx, child)).Methods[0].ID
	var open []kaopass.PaymentID
	for range 4 {
		open = append(open, r.ready(900, false, enr))
	}
	if out := r.confirm(open[0], wallet); out.Status != kaopass.Captured {
		t.Fatalf("%+v", out.Payment)
	}
	r.clock.turn(time.Minute + time.Second)
	group := []*confirmation{r.member(kaopass.Key{}, open[1], wallet), r.member(kaopass.Key{}, open[2], wallet)}
	if r.confirmGroup(r.ctx, group); group[0].out != nil || group[1].out != nil {
		t.Error("a group paid what was opened yesterday")
	}
	for _, id := range open[1:] {
		if out := r.confirm(id, wallet); out.Status != kaopass.Expired {
			t.Errorf("%+v", out.Payment)
		}
	}
	if out := r.pay(1000, false, enr, child); out.Status != kaopass.Captured {
		t.Errorf("on Monday: %+v", out.Payment)
	}
	if left := r.balance(child); left != 20_000-1900 {
		t.Error(left)
	}
	r.sound()
}

// A till with too many wrong codes is shown, and staff let it go on; whoever was named is told, and nobody else.
func TestALockedTillIsShownAndCleared(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 20_000)
	you, other := r.visitor(2, "Hanako", 0)
	if locks := must(r.TillLocks(r.ctx)); len(locks) != 0 {
		t.Error(locks)
	}
	for range kaopass.CodeTillTries / kaopass.CodeTries {
		p := r.open(kaopass.CodeAbove, false)
		r.showFace(p.ID, kaopass.Enough, enr, other)
		for range kaopass.CodeTries {
			r.clock.turn(time.Second)
			r.ok2(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, p.ID, "none"))
		}
	}
	locks := must(r.TillLocks(r.ctx))
	if len(locks) != 1 || locks[0].Device != r.till.ID || locks[0].Reason != kaopass.CodeWrong || locks[0].Tries != kaopass.CodeTillTries ||
		!locks[0].Since.Equal(r.DB.clock()) || !locks[0].Until.Equal(r.DB.clock().Add(kaopass.CodeTillWithin-(kaopass.CodeTillTries-1)*time.Second)) {
		t.Fatalf("%+v", locks)
	}
	try := func() kaopass.Reason {
		p := r.open(kaopass.CodeAbove, false)
		r.showFace(p.ID, kaopass.Enough, enr, other)
		return r.ok2(r.PaymentCode(r.ctx, kaopass.Key{}, r.till.ID, p.ID, "none")).Reason
	}
	if got := try(); got != kaopass.TooManyTries {
		t.Error(got)
	}
	if err := r.ClearTill(r.ctx, aiko, r.gate.ID, "tried"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	var field *FieldError
	for _, bad := range []string{"", "  ", strings.Repeat("x", ClearWhyMax+1), "\xff"} {
		if err := r.ClearTill(r.ctx, aiko, r.till.ID, bad); !errors.As(err, &field) || field.Field != "why" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if f := must(r.DeviceFile(r.ctx, r.till.ID)); len(f.Locks) != 1 || f.Codes != kaopass.CodeTillTries || f.Liveless != 0 || len(f.Cleared) != 0 {
		t.Errorf("%+v", f)
	}
	r.ok(r.ClearTill(r.ctx, aiko, r.till.ID, " a guest forgot the code "))
	if e := r.lastEvent(); e.Kind != kaopass.TillCleared || e.Actor != string(aiko) || e.Device != r.till.ID {
		t.Errorf("%+v", e)
	}
	if locks := must(r.TillLocks(r.ctx)); len(locks) != 0 {
		t.Error(locks)
	}
	var state *StateError
	if err := r.ClearTill(r.ctx, aiko, r.till.ID, "again"); !errors.As(err, &state) || state.Status != "not_locked" {
		t.Errorf("twice: %v", err)
	}
	if f := must(r.DeviceFile(r.ctx, r.till.ID)); f.Codes != 0 || len(f.Cleared) != 1 || f.Cleared[0].Why != "a guest forgot the code" ||
		f.Cleared[0].Staff != aiko || f.Cleared[0].Tries != kaopass.CodeTillTries || f.Cleared[0].Reason != kaopass.CodeWrong {
		t.Errorf("%+v", f)
	}
	if _, err := r.pool.ExecContext(r.ctx, "UPDATE till_clearing SET why = 'else'"); err == nil {
		t.Error("a clearing is rewritten")
	}
	r.clock.turn(time.Second)
	if got := try(); got != kaopass.CodeWrong {
		t.Error(got)
	}
	missed := r.count("SELECT count(*) FROM event WHERE kind = 'payment.code_missed' AND visitor = $1 AND reason = ''", me)
	if missed != kaopass.CodeTillTries+1 {
		t.Errorf("told %d times", missed)
	}
	if n := r.count("SELECT count(*) FROM event WHERE visitor = $1 AND kind LIKE 'payment.%'", you); n != 0 {
		t.Errorf("somebody else on the list was told %d times", n)
	}
	if n := r.count("SELECT count(*) FROM payment WHERE named <> '' AND status <> 'awaiting_code'"); n != 0 {
		t.Errorf("%d payments remember whom they named", n)
	}
}
