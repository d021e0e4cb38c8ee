package db

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// is compares a probe of the person with whatever template it is given, as a gate's matcher would.
func is(n int) func(kaopass.Template) kaopass.Reason {
	probe := faceOf(n).Fused()
	return func(k kaopass.Template) kaopass.Reason {
		var dot float32
		for i, v := range k.Fused() {
			dot += v * probe[i]
		}
		if dot < 0.5 {
			return kaopass.FaceMismatch
		}
		return ""
	}
}

func unasked(t testing.TB) func(kaopass.Template) kaopass.Reason {
	return func(kaopass.Template) kaopass.Reason { t.Error("a face was compared"); return "" }
}

// admit is one attempt at the rig's gate, with the person's own face.
func (r *rig) admit(n int, qr string, direction kaopass.Direction) Admission {
	r.Helper()
	out, err := r.Admit(r.ctx, Admit{Key: r.key(string(r.gate.ID)), Device: r.gate.ID, QR: qr, Direction: direction,
		Started: r.clock.now(), Compare: is(n)})
	r.ok(err)
	return out
}

func (r *rig) pass(a Admission) Admission {
	r.Helper()
	out, err := r.Passed(r.ctx, r.key(string(r.gate.ID)), r.gate.ID, a.ID)
	r.ok(err)
	return out
}

func stateOf(err error) string {
	var state *StateError
	if !errors.As(err, &state) {
		return ""
	}
	return state.Status
}

func TestADayAtTheGate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro Yamada", 0)
	k := r.ticket(kaopass.Season, me)

	a := r.admit(1, k.QR, "")
	if a.Verdict != (kaopass.Verdict{Decision: kaopass.Admit, Reason: kaopass.Admitted}) || a.Name != "T. Y." ||
		a.Language != kaopass.Japanese || a.Number != k.Masked() || a.GateName != "east-07" || a.Direction != kaopass.Entry ||
		!a.PassBy.Equal(opening.Add(kaopass.PassWithin)) {
		t.Errorf("%+v", a)
	}
	if e := r.lastEvent(); e.Kind != kaopass.AdmissionDecided || e.Visitor != me || e.Zone != "east" || e.Decision != kaopass.Admit {
		t.Errorf("%+v", e)
	}
	if s, err := r.GateStatus(r.ctx, r.gate.ID); err != nil || s.Inside != 0 || s.LastMinute != 0 || len(s.Recent) != 1 {
		t.Errorf("admitted is not inside: %+v %v", s, err)
	}
	west := r.device(kaopass.Gate, "west-01", "west")
	if out, err := r.Admit(r.ctx, Admit{Device: west.ID, QR: k.QR, Compare: is(1)}); err != nil || out.Verdict.Reason != kaopass.AlreadyInside {
		t.Error("at another gate a moment later:", out.Verdict, err)
	}
	if in := r.pass(a); !in.PassedAt.Equal(opening) || in.Name != "T. Y." {
		t.Errorf("%+v", in)
	}
	if s, err := r.GateStatus(r.ctx, r.gate.ID); err != nil || s.Inside != 1 || s.LastMinute != 1 {
		t.Errorf("%+v %v", s, err)
	}
	if again := r.admit(1, k.QR, kaopass.Entry); again.Verdict.Reason != kaopass.AlreadyInside {
		t.Error(again.Verdict)
	}
	out := r.admit(1, k.QR, kaopass.Exit)
	if r.pass(out); out.Verdict.Decision != kaopass.Admit {
		t.Error(out.Verdict)
	}
	if s, err := r.GateStatus(r.ctx, r.gate.ID); err != nil || s.Inside != 0 {
		t.Errorf("%+v %v", s, err)
	}
	if gone := r.admit(1, k.QR, kaopass.Exit); gone.Verdict.Reason != kaopass.NotInside {
		t.Error(gone.Verdict)
	}
}

func TestWhoNeverPassesIsNotInside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	first := r.admit(1, k.QR, "")
	r.clock.turn(kaopass.PassWithin + kaopass.PassGrace + time.Second)
	if _, err := r.Passed(r.ctx, kaopass.Key{}, r.gate.ID, first.ID); stateOf(err) != "expired" {
		t.Error("passed a minute later:", err)
	}
	second := r.admit(1, k.QR, "")
	if second.Verdict.Decision != kaopass.Admit {
		t.Error(second.Verdict)
	}
	if _, err := r.Passed(r.ctx, kaopass.Key{}, r.gate.ID, first.ID); stateOf(err) != "replaced" {
		t.Error("the first, after the second:", err)
	}
	r.clock.turn(kaopass.PassWithin + time.Second) // the report was slow, the guest was not
	r.pass(second)
	if n := r.count("SELECT entries FROM ticket WHERE id = $1", k.ID); n != 1 {
		t.Error(n, "entries")
	}
}

func TestUndo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	undo := func(a Admission) Admission {
		t.Helper()
		out, err := r.Undo(r.ctx, r.key("g"), r.gate.ID, a.ID, "turned around "+strings.Repeat("い", 100))
		r.ok(err)
		return out
	}
	before := r.admit(1, k.QR, "")
	if out := undo(before); out.UndoneAt.IsZero() {
		t.Error(out)
	}
	if _, err := r.Passed(r.ctx, kaopass.Key{}, r.gate.ID, before.ID); stateOf(err) != "undone" {
		t.Error(err)
	}
	after := r.admit(1, k.QR, "")
	r.pass(after)
	undo(after)
	undo(after) // again: the same
	if n := r.count("SELECT entries + inside::int FROM ticket WHERE id = $1", k.ID); n != 0 {
		t.Error("still inside or counted")
	}
	refused := r.admit(2, k.QR, "")
	if _, err := r.Undo(r.ctx, kaopass.Key{}, r.gate.ID, refused.ID, ""); stateOf(err) != "refuse" {
		t.Error(err)
	}
	other := r.device(kaopass.Gate, "west-01", "west")
	if _, err := r.Undo(r.ctx, kaopass.Key{}, other.ID, after.ID, ""); !errors.Is(err, ErrNotFound) {
		t.Error("another gate took it back:", err)
	}
	// In, out, in again: taking the first entry back changes nothing.
	first := r.admit(1, k.QR, "")
	r.pass(first)
	r.clock.turn(time.Second)
	r.pass(r.admit(1, k.QR, kaopass.Exit))
	r.clock.turn(time.Second)
	r.pass(r.admit(1, k.QR, ""))
	undo(first)
	if n := r.count("SELECT inside::int FROM ticket WHERE id = $1", k.ID); n != 1 {
		t.Error("a later entry was taken back")
	}
}

func TestEveryRefusalIsStored(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k, unbound, day, revoked := r.ticket(kaopass.Season, me), r.ticket(kaopass.Season, ""), r.ticket(kaopass.Day, me), r.ticket(kaopass.Season, me)
	r.ok(r.RevokeTicket(r.ctx, revoked.ID, "venue"))
	var unknown string // signed by us, and not in the book
	r.ok(r.tx(r.ctx, func(t *tx) error {
		unknown = t.keys.SignTicket(kaopass.TicketID(t.newID(kaopass.PrefixTicket)))
		return nil
	}))
	for qr, want := range map[string]kaopass.Reason{
		"https://example.com/\x00": kaopass.TicketUnreadable,
		k.QR[:len(k.QR)-2] + "zz":  kaopass.TicketForged,
		unknown:                    kaopass.TicketUnknown,
		unbound.QR:                 kaopass.NotEnrolled,
		day.QR:                     kaopass.TicketNotForFace,
		revoked.QR:                 kaopass.TicketRevoked,
	} {
		out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: qr, Compare: unasked(t)})
		if r.ok(err); out.Verdict.Reason != want || out.Name != "" || out.Language != "" {
			t.Errorf("%.20q: %+v", qr, out)
		}
		if e := r.lastEvent(); e.Reason != want || e.Subject != string(out.ID) {
			t.Errorf("%+v", e)
		}
	}
	if n := r.count("SELECT count(*) FROM admission WHERE decision = 'refuse'"); n != 6 {
		t.Error(n, "refusals stored")
	}
	if _, err := r.Admit(r.ctx, Admit{Device: r.till.ID, QR: k.QR, Compare: unasked(t)}); !errors.Is(err, ErrNotFound) {
		t.Error("a till is no gate:", err)
	}
	r.ok(r.RevokeDevice(r.ctx, r.gate.ID, "venue"))
	if _, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: k.QR, Compare: unasked(t)}); !errors.Is(err, ErrNotFound) {
		t.Error("a revoked gate:", err)
	}
}

func TestThreeMissesBringStaffUntilTheHolderComes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	want := []kaopass.Decision{kaopass.Refuse, kaopass.Refuse, kaopass.AskStaff}
	for _, decision := range want {
		if out := r.admit(2, k.QR, ""); out.Verdict != (kaopass.Verdict{Decision: decision, Reason: kaopass.FaceMismatch}) {
			t.Error(out.Verdict)
		}
		r.clock.turn(time.Second)
	}
	r.admit(1, k.QR, "")
	r.clock.turn(time.Second)
	if out := r.admit(2, k.QR, ""); out.Verdict.Decision != kaopass.Refuse {
		t.Error("after the holder came, misses count anew:", out.Verdict)
	}
	r.clock.turn(kaopass.StaffWindow)
	if out := r.admit(2, k.QR, ""); out.Verdict.Decision != kaopass.Refuse {
		t.Error(out.Verdict)
	}
}

func TestWithdrawalHoldsAtTheVeryNextAttempt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	_, err := r.Withdraw(r.ctx, me, kaopass.ForAdmission)
	r.ok(err)
	out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: k.QR, Compare: unasked(t)})
	if r.ok(err); out.Verdict.Reason != kaopass.ConsentWithdrawn {
		t.Error(out.Verdict)
	}
	r.ok(r.GiveConsents(r.ctx, me, consents(kaopass.ForAdmission)))
	if out := r.admit(1, k.QR, ""); out.Verdict.Decision != kaopass.Admit {
		t.Error("given again:", out.Verdict)
	}
	_, err = r.EraseFace(r.ctx, me)
	r.ok(err)
	if out := r.admit(1, k.QR, ""); out.Verdict.Reason != kaopass.ConsentWithdrawn {
		t.Error(out.Verdict)
	}
	r.ok(r.GiveConsents(r.ctx, me, consents(kaopass.ForAdmission)))
	if out := r.admit(1, k.QR, ""); out.Verdict.Reason != kaopass.NotEnrolled {
		t.Error(out.Verdict)
	}
}

func TestTheSameKeyHasTheSameVerdict(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro Yamada", 0)
	in := Admit{Key: r.key(string(r.gate.ID)), Device: r.gate.ID, QR: r.ticket(kaopass.Season, me).QR, Compare: is(1)}
	first, err := r.Admit(r.ctx, in)
	r.ok(err)
	r.pass(first)
	in.Compare = unasked(t)
	again, err := r.Admit(r.ctx, in)
	if r.ok(err); !again.Replayed || again.ID != first.ID || again.Verdict != first.Verdict || again.Name != "T. Y." {
		t.Errorf("%+v", again)
	}
	in.Key.Body[0]++
	if _, err := r.Admit(r.ctx, in); !errors.Is(err, ErrKeyReused) {
		t.Error(err)
	}
}

func TestTwoGatesAtOnceAdmitOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	gates := []kaopass.Device{r.gate, r.device(kaopass.Gate, "west-01", "west"), r.device(kaopass.Gate, "north-01", "north")}
	var all sync.WaitGroup
	verdicts := make([]kaopass.Verdict, len(gates))
	for i, gate := range gates {
		all.Go(func() {
			out, err := r.Admit(r.ctx, Admit{Device: gate.ID, QR: k.QR, Compare: is(1)})
			if err != nil {
				t.Error(err)
			}
			verdicts[i] = out.Verdict
		})
	}
	all.Wait()
	admitted := 0
	for _, v := range verdicts {
		if v.Decision == kaopass.Admit {
			admitted++
		} else if v.Reason != kaopass.AlreadyInside {
			t.Error(v)
		}
	}
	if admitted != 1 {
		t.Error(admitted, "gates let one ticket in")
	}
}

func TestAClockAnHourOffIsKeptAndNotTrusted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: k.QR, Compare: is(1), Started: opening.Add(-50 * time.Millisecond),
		CapturedAt: opening.Add(time.Hour)})
	r.ok(err)
	if !out.DecidedAt.Equal(opening) || out.Took != 50*time.Millisecond || r.lastEvent().Took != out.Took || !r.lastEvent().At.Equal(opening) {
		t.Errorf("%+v", out)
	}
	if s, err := r.GateStatus(r.ctx, r.gate.ID); err != nil || s.Skew != time.Hour+50*time.Millisecond {
		t.Error(s.Skew, err)
	}
}

func TestVerdictsAreNeverChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	r.admit(2, r.ticket(kaopass.Season, me).QR, "")
	for _, forgery := range []string{"UPDATE admission SET decision = 'admit', pass_by = now()", "UPDATE admission SET passed_at = now()", "DELETE FROM admission"} {
		if _, err := r.pool.ExecContext(r.ctx, forgery); err == nil {
			t.Error(forgery)
		}
	}
}

func TestPractice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	r.pass(r.admit(1, k.QR, "")) // inside already: practice is as if outside
	v, err := r.Practice(r.ctx, me, k.ID, is(1))
	if r.ok(err); v.Decision != kaopass.Admit {
		t.Error(v)
	}
	if v, err := r.Practice(r.ctx, me, k.ID, is(2)); err != nil || v.Reason != kaopass.FaceMismatch {
		t.Error(v, err)
	}
	if e := r.lastEvent(); e.Kind != kaopass.AdmissionPractised || e.Reason != kaopass.FaceMismatch {
		t.Errorf("%+v", e)
	}
	if n := r.count("SELECT count(*) FROM admission"); n != 1 {
		t.Error("practice is stored as an attempt")
	}
	other, _ := r.visitor(2, "Hanako", 0)
	for who, ticket := range map[kaopass.VisitorID]kaopass.TicketID{other: k.ID, me: "tkt_none"} {
		if _, err := r.Practice(r.ctx, who, ticket, unasked(t)); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	}
}

// A withdrawal that came first is seen by an attempt that had to wait for it, although that attempt began before.
func TestAnAttemptWaitsForAWithdrawal(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	locked, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- r.tx(r.ctx, func(t *tx) error {
			if _, err := t.lockVisitor(me); err != nil {
				return err
			}
			close(locked)
			<-goOn
			_, err := t.eraseFace(me)
			return err
		})
	}()
	<-locked
	verdict := make(chan kaopass.Verdict)
	go func() {
		out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: k.QR, Compare: unasked(t)})
		if err != nil {
			t.Error(err)
		}
		verdict <- out.Verdict
	}()
	for r.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
		time.Sleep(time.Millisecond)
	}
	close(goOn)
	r.ok(<-done)
	if v := <-verdict; v.Reason != kaopass.ConsentWithdrawn {
		t.Error(v)
	}
}

// A withdrawal that comes while a face is compared waits until that attempt is decided.
func TestAWithdrawalWaitsForAnAttempt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, me)
	done := make(chan error, 1)
	out, err := r.Admit(r.ctx, Admit{Device: r.gate.ID, QR: k.QR, Compare: func(kaopass.Template) kaopass.Reason {
		go func() { done <- second(r.Withdraw(r.ctx, me, kaopass.ForAdmission)) }()
		for r.count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
			time.Sleep(time.Millisecond)
		}
		return ""
	}})
	r.ok(err)
	r.ok(<-done)
	if out.Verdict.Decision != kaopass.Admit {
		t.Error(out.Verdict)
	}
	if next := r.admit(1, k.QR, ""); next.Verdict.Reason != kaopass.ConsentWithdrawn {
		t.Error(next.Verdict)
	}
}
