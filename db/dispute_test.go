package db

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

const aiko = kaopass.StaffID("stf_01hx0000000000000000000001")

// contested is somebody who paid from the wallet and said that it was not them.
func (r *rig) contested(yen int64, manual bool) (me kaopass.VisitorID, paid Outcome, c DisputeOpened) {
	r.Helper()
	me, enr := r.visitor(1, "Taro Yamada", 20_000)
	paid = r.pay(yen, manual, enr, me)
	r.clock.turn(time.Minute)
	c, err := r.OpenDispute(r.ctx, me, string(paid.ID))
	r.ok(err)
	if c.State != kaopass.DisputeIsOpen || c.Payment != paid.ID || c.Amount.Value != yen || c.Place != r.till.Name {
		r.Fatalf("%+v", c)
	}
	return me, paid, c
}

func stateIs(err error) string {
	var state *StateError
	if errors.As(err, &state) {
		return state.Status
	}
	return ""
}

func (r *rig) kinds(id kaopass.VisitorID) []kaopass.EventKind {
	r.Helper()
	list, _, err := r.Timeline(r.ctx, id, Page{})
	r.ok(err)
	kinds := make([]kaopass.EventKind, len(list))
	for i, e := range list {
		kinds[i] = e.Kind
	}
	return kinds
}

func TestThatWasNotMeIsRefunded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, paid, c := r.contested(1200, false)
	if again, err := r.OpenDispute(r.ctx, me, string(paid.ID)); err != nil || again.ID != c.ID {
		t.Errorf("a second case of one payment: %+v %v", again, err)
	}
	if p := r.open(500, false); r.showFace(p.ID, kaopass.Enough, must(r.Profile(r.ctx, me)).Enrolment.ID).Reason != kaopass.PayerFrozen {
		t.Error("payments go on")
	}
	r.ok(r.AssignDispute(r.ctx, aiko, c.ID))
	file, err := r.DisputeFile(r.ctx, kaopass.Staff{ID: aiko}, c.ID)
	r.ok(err)
	if file.Payment == nil || file.Payment.Amount.Value != 1200 || file.Coded || file.Tries != 1 || file.Device.ID != r.till.ID || len(file.Steps) < 3 || len(file.Around) == 0 {
		t.Errorf("%+v", file)
	}
	key := r.key(string(aiko))
	back, err := r.RefundDispute(r.ctx, r.desk, key, aiko, c.ID, "")
	r.ok(err)
	again, err := r.RefundDispute(r.ctx, r.desk, key, aiko, c.ID, "")
	if r.ok(err); back.Amount.Value != 1200 || back.Refund == "" || again.Refund != back.Refund || !again.Replayed || r.balance(me) != 20_000 {
		t.Errorf("%+v, then %+v, balance %d", back, again, r.balance(me))
	}
	if _, err := r.RefundDispute(r.ctx, r.desk, r.key(string(aiko)), aiko, c.ID, ""); stateIs(err) != string(kaopass.DisputePaid) {
		t.Errorf("a second refund: %v", err)
	}
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'payment.refunded' AND actor = $1 AND subject = $2", aiko, paid.ID); n != 1 {
		t.Errorf("%d refunds in the member of staff's name", n)
	}
	for _, kind := range []kaopass.EventKind{kaopass.VisitorFrozen, kaopass.DisputeOpened, kaopass.StaffLooked, kaopass.DisputeAssigned, kaopass.DisputeRefunded} {
		if !slices.Contains(r.kinds(me), kind) {
			t.Errorf("the visitor does not see %s", kind)
		}
	}
	r.sound()
}

func TestThatWasNotMeReleasesWhatIsHeld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, paid, c := r.contested(3000, true)
	back, err := r.RefundDispute(r.ctx, r.desk, r.key(string(aiko)), aiko, c.ID, "Please draw a new code.")
	r.ok(err)
	p := must(r.Payment(r.ctx, r.till.ID, paid.ID))
	if back.Amount.Value != 3000 || back.Refund != "" || p.Status != kaopass.Voided || r.balance(me) != 20_000 {
		t.Errorf("%+v %+v", back, p)
	}
	r.sound()
}

// Card money goes back the way it came: the company is told once.
func TestThatWasNotMeByCard(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 0)
	paid := r.payByCard(1500, false, enr, r.card(me).ID)
	c, err := r.OpenDispute(r.ctx, me, string(paid.ID))
	r.ok(err)
	if _, err := r.RefundDispute(r.ctx, r.desk, r.key(string(aiko)), aiko, c.ID, ""); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.Join(r.desk.calls(), "\n"), "refund 1500"); n != 1 {
		t.Error(r.desk.calls())
	}
	r.sound()
}

func TestThatWasNotMeIsAnsweredInWords(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _, c := r.contested(1200, false)
	for _, bad := range []string{"", "  \n", strings.Repeat("x", kaopass.DisputeAnswerMax+1)} {
		var field *FieldError
		if err := r.RejectDispute(r.ctx, kaopass.Key{}, aiko, c.ID, bad); !errors.As(err, &field) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	key := r.key(string(aiko))
	for range 2 {
		r.ok(r.RejectDispute(r.ctx, key, aiko, c.ID, "You were let in at east-07 a minute before."))
	}
	if err := r.RejectDispute(r.ctx, kaopass.Key{}, aiko, c.ID, "again"); stateIs(err) != string(kaopass.DisputeTold) {
		t.Error(err)
	}
	cases := must(r.Cases(r.ctx, me))
	if one := cases.Disputes[0]; one.State != kaopass.DisputeTold || one.Place != r.till.Name || one.Store != r.till.Zone || one.Answer != "You were let in at east-07 a minute before." || one.By != aiko {
		t.Errorf("%+v", one)
	}
	if err := r.WithdrawDispute(r.ctx, me, c.ID); stateIs(err) != string(kaopass.DisputeTold) {
		t.Error(err)
	}
	if _, err := r.RefundDispute(r.ctx, r.desk, kaopass.Key{}, aiko, c.ID, ""); stateIs(err) != string(kaopass.DisputeTold) {
		t.Error(err)
	}
	if err := r.AssignDispute(r.ctx, aiko, c.ID); stateIs(err) != string(kaopass.DisputeTold) {
		t.Error(err)
	}
	if again, err := r.OpenDispute(r.ctx, me, string(c.Payment)); err != nil || again.ID == c.ID || again.State != kaopass.DisputeIsOpen {
		t.Errorf("after an answer they may ask again: %+v %v", again, err)
	}
}

// Only the visitor allows payments again, and with a code that was drawn since.
func TestWhoAllowsPaymentsAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	if _, _, err := r.IssueCode(r.ctx, me, nil); err != nil {
		t.Fatal(err)
	}
	paid := r.pay(800, false, enr, me)
	r.ok(r.Freeze(r.ctx, me, true, string(me)))
	r.clock.turn(time.Second)
	must(r.OpenDispute(r.ctx, me, string(paid.ID)))
	thaw := func(actor string, want kaopass.Reason) {
		t.Helper()
		if got := must(r.Thaw(r.ctx, me, actor)); got != want {
			t.Errorf("%s: %q, not %q", actor, got, want)
		}
	}
	thaw(string(me), kaopass.CodeNeeded)
	thaw(string(aiko), kaopass.ThawBySelf)
	r.clock.turn(time.Second)
	if _, _, err := r.IssueCode(r.ctx, me, nil); err != nil {
		t.Fatal(err)
	}
	thaw(string(aiko), kaopass.ThawBySelf)
	thaw(string(me), "")
	thaw(string(me), "") // nothing to do
	r.ok(r.Freeze(r.ctx, me, true, string(aiko)))
	thaw(string(me), kaopass.ThawByStaff)
	thaw(string(aiko), kaopass.ThawBySelf) // the case is still open
	if f := must(r.Cases(r.ctx, me)).Frozen; f.By != kaopass.FrozenByDispute {
		t.Errorf("%+v", f)
	}
	if err := r.Freeze(r.ctx, me, false, string(aiko)); stateIs(err) != string(kaopass.ThawBySelf) {
		t.Error(err)
	}
}

func TestNotEverythingBecomesACase(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 20_000)
	you, _ := r.visitor(2, "Hanako", 0)
	paid := r.pay(100, false, enr, me)
	for _, about := range []string{"evt_01hx0000000000000000000001", string(paid.ID), ""} {
		if _, err := r.OpenDispute(r.ctx, you, about); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", about, err)
		}
	}
	if f := must(r.Cases(r.ctx, you)); f.Frozen.By != "" {
		t.Error("somebody else's payment stopped payments")
	}
	list, _, err := r.Timeline(r.ctx, me, Page{})
	r.ok(err)
	for _, e := range list {
		if e.Kind == kaopass.ConsentGiven {
			if _, err := r.OpenDispute(r.ctx, me, string(e.ID)); !errors.Is(err, ErrNotFound) {
				t.Errorf("a consent is contested: %v", err)
			}
		}
	}
	r.clock.turn(kaopass.DisputeWithin + time.Hour)
	late := must(r.OpenDispute(r.ctx, me, string(paid.ID)))
	if late.Reason != kaopass.DisputeLate || late.ID != "" || must(r.Cases(r.ctx, me)).Frozen.By != kaopass.FrozenByDispute {
		t.Errorf("%+v", late)
	}
}

func TestOpenCasesHaveALimit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 20_000)
	var paid []Outcome
	for range kaopass.DisputesOpenMax + 1 {
		paid = append(paid, r.pay(100, false, enr, me))
	}
	for i, p := range paid {
		want := kaopass.Reason("")
		if i == kaopass.DisputesOpenMax {
			want = kaopass.TooManyTries
		}
		if c := must(r.OpenDispute(r.ctx, me, string(p.ID))); c.Reason != want {
			t.Errorf("case %d: %q", i, c.Reason)
		}
	}
	w := must(r.DisputesWaiting(r.ctx))
	if w.Open != kaopass.DisputesOpenMax || w.Overdue != 0 || w.Free != kaopass.DisputesOpenMax {
		t.Errorf("%+v", w)
	}
	r.clock.turn(kaopass.DisputeAnswerIn + time.Second)
	list, _, err := r.Disputes(r.ctx, true, Page{})
	if r.ok(err); len(list) != kaopass.DisputesOpenMax || !list[0].Overdue(r.DB.clock()) {
		t.Errorf("%d %+v", len(list), list)
	}
}

// An account that goes takes what staff wrote along; what is left names an id, a payment and an end.
func TestAnErasedCaseIsBare(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 800)
	paid := r.pay(800, false, enr, me)
	c := must(r.OpenDispute(r.ctx, me, string(paid.ID)))
	r.ok(r.AssignDispute(r.ctx, aiko, c.ID))
	if _, err := r.EraseVisitor(r.ctx, me); err != nil {
		t.Fatal(err)
	}
	if n := r.count("SELECT count(*) FROM dispute WHERE id = $1 AND state = 'erased' AND answer = '' AND assigned = ''", c.ID); n != 1 {
		t.Error("the case is not bare")
	}
	if _, err := r.RefundDispute(r.ctx, r.desk, kaopass.Key{}, aiko, c.ID, ""); stateIs(err) != string(kaopass.DisputeForgets) {
		t.Error(err)
	}
	if f, err := r.DisputeFile(r.ctx, kaopass.Staff{ID: aiko}, c.ID); err != nil || f.Visitor.ID != "" {
		t.Errorf("%+v %v", f.Visitor, err)
	}
	if _, err := r.pool.Exec("UPDATE dispute SET state = 'open', decided_at = NULL WHERE id = $1", c.ID); !breaks(err, "a_case_ends_once") {
		t.Error(err)
	}
	if _, err := r.pool.Exec("DELETE FROM dispute"); err == nil {
		t.Error("a case was deleted")
	}
}

// Two members of staff who decide at once: one does, and the money moves once.
func TestTwoDecideAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _, c := r.contested(1200, false)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 {
				_, errs[i] = r.RefundDispute(r.ctx, r.desk, kaopass.Key{}, aiko, c.ID, "")
			} else {
				errs[i] = r.RejectDispute(r.ctx, kaopass.Key{}, aiko, c.ID, "no")
			}
		})
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if stateIs(err) == "" {
			t.Error(err)
		}
	}
	refunded := r.count("SELECT count(*) FROM dispute WHERE state = 'refunded'")
	if done != 1 || r.balance(me) != 18_800+int64(refunded)*1200 {
		t.Errorf("%d decided, balance %d", done, r.balance(me))
	}
	r.sound()
}
