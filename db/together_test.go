package db

import (
	"encoding/json"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// member makes a confirmation as a group has it.
func (r *rig) member(key kaopass.Key, payment kaopass.PaymentID, method kaopass.MethodID) *confirmation {
	return &confirmation{ask: r.instant().ask(key, r.till.ID, payment), method: method, done: make(chan struct{})}
}

// ready opens a payment of somebody's that only has to be confirmed.
func (r *rig) ready(yen int64, manual bool, enr kaopass.EnrolmentID) kaopass.PaymentID {
	r.Helper()
	p := r.open(yen, manual)
	if out := r.showFace(p.ID, kaopass.Enough, enr); out.Status != kaopass.AwaitingConfirmation {
		r.Fatal(out.Status, out.Reason)
	}
	return p.ID
}

// A group answers for its plain members; whatever is special about one is left to it, and answered alone: a twin's outcome,
// a refusal.
func TestAGroupAnswersForWhatIsPlain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 5000)
	other, theirs := r.visitor(2, "Hanako", 1000)
	wallet, card := must(r.Wallet(r.ctx, me)).Methods[0].ID, r.card(other).ID
	hers := must(r.Wallet(r.ctx, other)).Methods[0].ID
	r.pay(1, false, enr, me) // the store has an account
	key := r.key(string(r.till.ID))
	plain, second, dear, held := r.ready(700, false, enr), r.ready(300, false, enr), r.ready(5000, false, enr), r.ready(400, true, enr)
	hisMethod, byCard, over := r.ready(10, false, theirs), r.ready(20, false, theirs), r.ready(30, false, theirs)
	r.cancel(over)
	busy := r.key(string(r.till.ID))
	group := []*confirmation{r.member(key, plain, wallet), r.member(key, plain, wallet), r.member(kaopass.Key{}, second, wallet),
		r.member(kaopass.Key{}, dear, wallet), r.member(r.key(string(r.till.ID)), held, wallet), r.member(kaopass.Key{}, hisMethod, wallet),
		r.member(kaopass.Key{}, byCard, card), r.member(kaopass.Key{}, over, hers), r.member(kaopass.Key{}, "pay_none", wallet),
		r.member(busy, plain, wallet)}
	want := []string{"captured", "captured again", "captured", "declined funds_short", "authorised", "declined method_gone", "card",
		"state cancelled", ErrNotFound.Error(), ErrInFlight.Error()}
	r.ok(r.tx(r.ctx, func(x *tx) error {
		if _, err := x.takeKey(busy); err != nil {
			return err
		}
		r.confirmGroup(r.ctx, group[:1])
		r.confirmGroup(r.ctx, group[1:])
		for i, c := range group { // what was special about it
			if r.ok(c.err); (c.out != nil) != (i == 0 || i == 2) {
				t.Errorf("member %d: %+v", i, c.out)
			}
			if got := r.said(c); got != want[i] {
				t.Errorf("member %d: %q, not %q", i, got, want[i])
			}
		}
		return nil
	}))
	r.sound()
	if w := must(r.Wallet(r.ctx, me)); w.Balance != kaopass.Yen(5000-1-700-300-400) {
		t.Error(w.Balance)
	}
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'payment.captured'"); n != 3 {
		t.Error(n, "captures were noted")
	}
}

// said is a member's answer in a few words; one that its group left out is asked alone.
func (r *rig) said(c *confirmation) string {
	r.Helper()
	if c.out == nil {
		out, card, err := r.confirmAlone(r.ctx, c.ask, c.method)
		var state *StateError
		switch c.out = &out; {
		case errors.As(err, &state):
			return "state " + state.Status
		case err != nil:
			return err.Error()
		case card:
			return "card"
		}
	}
	words := string(c.out.Status)
	if c.out.Reason != "" {
		words += " " + string(c.out.Reason)
	}
	if c.out.Replayed {
		words += " again"
	}
	return words
}

// What a key of a group's member answers is its outcome, whatever became of the payment since.
func TestAGroupsOutcomeStaysItsKeys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 5000)
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	r.pay(1, false, enr, me)
	created := must(r.CreatePayment(r.ctx, NewPayment{Key: r.key(string(r.till.ID)), Till: r.till.ID, Amount: kaopass.Yen(700), OrderRef: "table 9"}))
	r.showFace(created.ID, kaopass.Enough, enr)
	r.clock.turn(time.Minute)
	key := r.key(string(r.till.ID))
	c := r.member(key, created.ID, wallet)
	r.confirmGroup(r.ctx, []*confirmation{c})
	r.ok(c.err)
	want := *c.out
	if want.PayerName != "T. Y." || want.OrderRef != "table 9" || want.Captured != kaopass.Yen(700) || want.Till != r.till.ID ||
		want.Store != r.till.Zone || !want.Decided.Equal(opening.Add(time.Minute)) {
		t.Errorf("%+v", want)
	}
	same := func(when string) {
		t.Helper()
		out, err := r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, created.ID, wallet)
		r.ok(err)
		if !out.Replayed {
			t.Error(when, "not replayed")
		}
		if out.Replayed = false; !reflect.DeepEqual(out, want) {
			t.Errorf("%s: %+v\nnot %+v", when, out, want)
		}
		var stored Outcome // as a verb of several transactions reads it
		r.ok(r.tx(r.ctx, func(x *tx) error {
			text, err := x.takeKey(key)
			return errors.Join(err, json.Unmarshal(text, &stored))
		}))
		if stored.PayerName = want.PayerName; !reflect.DeepEqual(stored, want) {
			t.Errorf("%s, in Go: %+v\nnot %+v", when, stored, want)
		}
	}
	same("at once")
	must(r.refund(created.ID, 200))
	same("refunded in part")
	must(r.refund(created.ID, 500))
	same("refunded")
	r.sound()
}

// What one member breaks is not the others' trouble: the group is undone, and each is tried by itself.
func TestAFailingMemberDoesNotFailItsGroup(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 50_000)
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	r.pay(1, false, enr, me)
	_, err := r.pool.ExecContext(r.ctx, "CREATE FUNCTION break_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;"+
		"CREATE TRIGGER break_one BEFORE INSERT ON transfer FOR EACH ROW WHEN (NEW.amount = 666) EXECUTE FUNCTION break_one()")
	r.ok(err)
	var all sync.WaitGroup
	for i := range 24 {
		yen := int64(10)
		if i == 7 {
			yen = 666
		}
		id := r.ready(yen, false, enr)
		key := r.key(string(r.till.ID))
		all.Go(func() {
			out, err := r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, id, wallet)
			if failed := err != nil; failed != (yen == 666) || !failed && out.Status != kaopass.Captured {
				t.Error(yen, out.Status, err)
			}
		})
	}
	all.Wait()
	r.sound()
}

// Whoever has no name has none the first time and again, by a group and alone.
func TestAGroupNamesNobodyWithoutAName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	wallet := must(r.Wallet(r.ctx, me)).Methods[0].ID
	r.pay(1, false, enr, me) // the store has an account
	if _, err := r.pool.ExecContext(r.ctx, "UPDATE visitor SET name = NULL"); err != nil {
		t.Fatal(err)
	}
	key, id := r.key(string(r.till.ID)), r.ready(700, false, enr)
	c := r.member(key, id, wallet)
	if r.confirmGroup(r.ctx, []*confirmation{c}); c.out == nil {
		t.Fatal(c.err)
	}
	again := r.ok2(r.ConfirmPayment(r.ctx, r.desk, key, r.till.ID, id, wallet))
	if again.Replayed = false; !reflect.DeepEqual(*c.out, again) || again.PayerName != "" {
		t.Errorf("%+v, and again %+v", *c.out, again)
	}
}
