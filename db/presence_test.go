package db

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kaopass/kaopass"
)

// watch is a follower's own idea of who is on the site.
type watch struct {
	mu   sync.Mutex
	here map[kaopass.EnrolmentID]bool
	stop func()
}

func (w *watch) each(change kaopass.PresenceChange) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case change.Enrolment == "":
		clear(w.here)
	case change.OnSite:
		w.here[change.Enrolment] = true
	default:
		delete(w.here, change.Enrolment)
	}
	return nil
}

func (w *watch) list() []kaopass.EnrolmentID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.here))
}

// watch loads and follows, as the gallery does.
func (r *rig) watch() *watch {
	r.Helper()
	w := &watch{here: map[kaopass.EnrolmentID]bool{}}
	seq, err := r.OnSite(r.ctx, w.each)
	r.ok(err)
	ctx, cancel := context.WithCancel(r.ctx)
	done := make(chan error, 1)
	go func() { done <- r.FollowOnSite(ctx, seq, w.each) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			r.Error(err)
		}
	})
	r.Cleanup(w.stop)
	return w
}

// here is what the tables say, past every verb: inside by a ticket, a template for payment, a consent that stands.
func (r *rig) here() (ids []kaopass.EnrolmentID) {
	r.Helper()
	r.ok(r.pool.SelectContext(r.ctx, &ids, `SELECT e.id FROM enrolment e WHERE EXISTS (SELECT FROM ticket WHERE holder = e.visitor AND inside)
		AND EXISTS (SELECT FROM template WHERE enrolment = e.id AND purpose = 'payment')
		AND EXISTS (SELECT FROM consent c WHERE c.visitor = e.visitor AND c.purpose = 'payment' AND c.withdrawn_at IS NULL) ORDER BY id`))
	return ids
}

// agrees waits until the follower has heard of everything: well within a second.
func (w *watch) agrees(r *rig) error {
	until := time.Now().Add(5 * time.Second)
	want, got := r.here(), w.list()
	for ; !slices.Equal(want, got); want, got = r.here(), w.list() {
		if time.Now().After(until) {
			return fmt.Errorf("the follower has %v on the site, the tables %v", got, want)
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

// guest is a person in the hands of chance.
type guest struct {
	n    int
	who  kaopass.VisitorID
	qr   []string
	last Admission
}

type randomDay struct {
	*rig
	guests []*guest
	watch  *watch
}

func (m *randomDay) arrive() *guest {
	n := len(m.guests)
	g := &guest{n: n}
	g.who, _ = m.visitor(n, "Taro", 0)
	g.qr = []string{m.ticket(kaopass.Season, g.who).QR, m.ticket(kaopass.Summer, g.who).QR}
	m.guests = append(m.guests, g)
	return g
}

// comeBack is what most people do: they consent to everything, show their face, and walk in.
func (m *randomDay) comeBack(_ *rapid.T, g *guest) (err error) {
	if err := m.GiveConsents(m.ctx, g.who, consents(kaopass.Purposes()...)); err != nil {
		return err
	}
	if err := second(m.Enrol(m.ctx, Enrol{Visitor: g.who, Template: faceOf(g.n), By: "self"})); err != nil {
		return err
	}
	g.last, err = m.Admit(m.ctx, Admit{Device: m.gate.ID, QR: g.qr[0], Compare: is(g.n)})
	if err != nil || g.last.Verdict.Decision != kaopass.Admit {
		return err
	}
	return second(m.Passed(m.ctx, kaopass.Key{}, m.gate.ID, g.last.ID))
}

// tolerate lets a verb say that it makes no sense now.
func tolerate(t *rapid.T, err error) {
	if err != nil && stateOf(err) == "" && !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
}

func (m *randomDay) actions() map[string]func(*rapid.T) {
	with := func(do func(*rapid.T, *guest) error) func(*rapid.T) {
		return func(t *rapid.T) { tolerate(t, do(t, rapid.SampledFrom(m.guests).Draw(t, "guest"))) }
	}
	through := func(direction kaopass.Direction) func(*rapid.T) {
		return with(func(t *rapid.T, g *guest) (err error) {
			g.last, err = m.Admit(m.ctx, Admit{Device: m.gate.ID, QR: rapid.SampledFrom(g.qr).Draw(t, "ticket"), Direction: direction, Compare: is(g.n)})
			if err == nil && g.last.Verdict.Decision == kaopass.Admit && rapid.IntRange(0, 4).Draw(t, "turns") > 0 {
				_, err = m.Passed(m.ctx, kaopass.Key{}, m.gate.ID, g.last.ID)
			}
			return err
		})
	}
	purpose := rapid.SampledFrom(kaopass.Purposes())
	return map[string]func(*rapid.T){
		"": func(*rapid.T) {}, "in": through(kaopass.Entry), "in again": through(kaopass.Entry), "out": through(kaopass.Exit),
		"undo": with(func(_ *rapid.T, g *guest) error {
			return second(m.Undo(m.ctx, kaopass.Key{}, m.gate.ID, g.last.ID, "mistake"))
		}),
		"withdraw": with(func(t *rapid.T, g *guest) error {
			return second(m.Withdraw(m.ctx, g.who, purpose.Draw(t, "purpose")))
		}),
		"consent": with(func(t *rapid.T, g *guest) error {
			return m.GiveConsents(m.ctx, g.who, consents(purpose.Draw(t, "purpose")))
		}),
		"erase":     with(func(_ *rapid.T, g *guest) error { return second(m.EraseFace(m.ctx, g.who)) }),
		"come back": with(m.comeBack), "come back, too": with(m.comeBack), "and come back": with(m.comeBack),
		"enrol": with(func(_ *rapid.T, g *guest) error {
			return second(m.Enrol(m.ctx, Enrol{Visitor: g.who, Template: faceOf(g.n), By: "self"}))
		}),
		"leave for good": with(func(t *rapid.T, g *guest) error {
			if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
				return nil
			}
			err := second(m.EraseVisitor(m.ctx, g.who))
			if err == nil {
				m.guests[slices.Index(m.guests, g)] = m.arrive()
				m.guests = m.guests[:len(m.guests)-1]
			}
			return err
		}),
		"wait": func(t *rapid.T) {
			m.clock.turn(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 3 * time.Hour, 17 * time.Hour}).Draw(t, "time"))
		},
		"timer":   func(t *rapid.T) { tolerate(t, second(m.EndDay(m.ctx))) },
		"restart": func(*rapid.T) { m.watch.stop(); m.watch = m.rig.watch() },
	}
}

// Whatever happens, in whatever order, the followed set is what the tables say, and so is a fresh load.
func TestAnyDayKeepsTheSetOfThoseOnTheSite(t *testing.T) {
	t.Parallel()
	m := &randomDay{rig: newRig(t)}
	for range 4 {
		m.arrive()
	}
	m.watch = m.rig.watch()
	most := 0
	rapid.Check(t, func(t *rapid.T) {
		t.Repeat(m.actions())
		if err := m.watch.agrees(m.rig); err != nil {
			t.Fatal(err)
		}
		fresh := &watch{here: map[kaopass.EnrolmentID]bool{}}
		if _, err := m.OnSite(m.ctx, fresh.each); err != nil || !slices.Equal(fresh.list(), m.here()) {
			t.Fatal("a fresh load: ", err, fresh.list())
		}
		most = max(most, len(fresh.list()))
	})
	if most < 2 {
		t.Error("hardly anybody was ever on the site: the day is not random enough")
	}
}

// Where everyone on the site pays by face, the gate's own count and the set's size are the same number.
func TestTheGateCountsTheSamePeople(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	w := r.watch()
	for n := range 5 {
		me, _ := r.visitor(n, "Taro", 0)
		a := r.admit(n, r.ticket(kaopass.Season, me).QR, "")
		if n < 4 { // the fifth was let in and never passed: not inside
			r.pass(a)
		}
	}
	r.ok(w.agrees(r))
	status := must(r.GateStatus(r.ctx, r.gate.ID))
	if len(w.list()) != 4 || status.Inside != 4 {
		t.Error(w.list(), status.Inside)
	}
}

func TestTheDayEndsForWhoDidNotLeaveThroughAGate(t *testing.T) {
	t.Parallel()
	r := newRig(t) // noon
	w := r.watch()
	early, _ := r.visitor(1, "Taro", 0)
	k := r.ticket(kaopass.Season, early)
	r.pass(r.admit(1, k.QR, ""))
	if left, err := r.EndDay(r.ctx); err != nil || left != 0 {
		t.Error("noon is no end of a day that began at noon:", left, err)
	}
	r.clock.turn(17 * time.Hour) // five in the morning
	late, enr := r.visitor(2, "Hanako", 0)
	r.pass(r.admit(2, r.ticket(kaopass.Season, late).QR, ""))
	for i, want := range []int64{1, 0} {
		if left, err := r.EndDay(r.ctx); err != nil || left != want {
			t.Errorf("try %d: %d counted out, %v", i, left, err)
		}
	}
	if n := r.count("SELECT count(*) FROM event WHERE kind = 'day.ended'"); n != 2 {
		t.Error(n, "days ended, of two")
	}
	r.ok(w.agrees(r))
	if got := w.list(); !slices.Equal(got, []kaopass.EnrolmentID{enr}) {
		t.Error(got)
	}
	if a := r.admit(1, k.QR, ""); a.Verdict.Decision != kaopass.Admit {
		t.Error("the next morning:", a.Verdict)
	}
}
