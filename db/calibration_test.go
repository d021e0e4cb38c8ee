package db

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

func (r *rig) measured(loosens float64, base kaopass.CalibrationID) kaopass.Calibration {
	r.Helper()
	c, err := r.KeepCalibration(r.ctx, kaopass.Calibration{By: "venue", Model: "m", People: 1000, Strangers: 900, Loosens: loosens, Body: []byte("{}")}, base)
	r.ok(err)
	r.clock.turn(time.Minute)
	return c
}

func (r *rig) admin() kaopass.StaffID {
	r.Helper()
	s, err := r.AddStaff(r.ctx, kaopass.Staff{Login: "boss", Name: "Boss", Role: kaopass.Admin}, "a password", "venue")
	r.ok(err)
	return s.ID
}

func (r *rig) inForce() kaopass.Calibration {
	r.Helper()
	c, err := r.CalibrationInForce(r.ctx, "m")
	r.ok(err)
	return c
}

func TestACalibrationThatLoosensWaits(t *testing.T) {
	r := newRig(t)
	if c := r.inForce(); c.ID != "" {
		t.Fatalf("%+v", c)
	}
	first := r.measured(0.01, "")
	if c := r.inForce(); c.ID != first.ID || c.State != kaopass.CalibrationStands || string(c.Body) != "{}" || c.DecidedBy != "venue" {
		t.Fatalf("%+v", c)
	}
	loose := r.measured(0.1, first.ID)
	if loose.State != kaopass.CalibrationWaits || r.inForce().ID != first.ID {
		t.Fatalf("%+v", loose)
	}
	admin := r.admin()
	approved, err := r.DecideCalibration(r.ctx, loose.ID, true, admin)
	if err != nil || approved.State != kaopass.CalibrationStands || r.inForce().ID != loose.ID || r.inForce().DecidedBy != string(admin) {
		t.Fatalf("%v, %+v", err, r.inForce())
	}
	var state *StateError
	if _, err := r.DecideCalibration(r.ctx, loose.ID, true, admin); !errors.As(err, &state) {
		t.Errorf("approved twice: %v", err)
	}
	if _, err := r.DecideCalibration(r.ctx, "cal_none", true, admin); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	if all, err := r.Calibrations(r.ctx, 10); err != nil || len(all) != 2 || all[1].State != kaopass.CalibrationPast {
		t.Errorf("%v, %+v", err, all)
	}
}

func TestACalibrationIsDeclinedOrOvertaken(t *testing.T) {
	r := newRig(t)
	first := r.measured(0.5, "")
	second := r.measured(0.5, "")
	admin := r.admin()
	var state *StateError
	if _, err := r.DecideCalibration(r.ctx, first.ID, true, admin); !errors.As(err, &state) {
		t.Errorf("one that a newer took the place of: %v", err)
	}
	if c, err := r.DecideCalibration(r.ctx, second.ID, false, admin); err != nil || c.State != kaopass.CalibrationDropped || r.inForce().ID != "" {
		t.Errorf("%v, %+v", err, c)
	}
	third := r.measured(0, "")
	if _, err := r.KeepCalibration(r.ctx, kaopass.Calibration{Model: "m", Body: []byte("{}")}, first.ID); !errors.Is(err, ErrCalibrationBase) {
		t.Errorf("compared with one that is not in force: %v", err)
	}
	kinds := map[kaopass.EventKind]int{}
	events, _, err := r.Events(r.ctx, EventFilter{Kind: "calibration"}, Page{})
	r.ok(err)
	for _, e := range events {
		kinds[e.Kind]++
	}
	if kinds[kaopass.CalibrationMade] != 2 || kinds[kaopass.CalibrationLeft] != 1 || kinds[kaopass.CalibrationForced] != 1 {
		t.Errorf("%v", kinds)
	}
	if r.inForce().ID != third.ID {
		t.Error("the tighter one is not in force")
	}
}

// Of many administrators who press at once, one decides.
func TestOneAdministratorDecides(t *testing.T) {
	r := newRig(t)
	waits := r.measured(0.5, "")
	admin := r.admin()
	var wins sync.Map
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if _, err := r.DecideCalibration(r.ctx, waits.ID, i%2 == 0, admin); err == nil {
				wins.Store(i, true)
			}
		})
	}
	all.Wait()
	n := 0
	wins.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d decided", n)
	}
}

// Of several processes one measures, once a night.
func TestCalibrationTurn(t *testing.T) {
	r := newRig(t)
	night := r.clock.now()
	over, mine, err := r.CalibrationTurn(r.ctx, night)
	if err != nil || !mine {
		t.Fatal(mine, err)
	}
	if _, second, err := r.CalibrationTurn(r.ctx, night); err != nil || second {
		t.Errorf("a second process: %v, %v", second, err)
	}
	r.clock.turn(time.Minute)
	r.measured(0, "")
	r.ok(over())
	if _, again, err := r.CalibrationTurn(r.ctx, night); err != nil || again {
		t.Errorf("again in the same night: %v, %v", again, err)
	}
	over, mine, err = r.CalibrationTurn(r.ctx, r.clock.now().Add(24*time.Hour))
	if err != nil || !mine {
		t.Fatalf("the next night: %v, %v", mine, err)
	}
	r.ok(over())
}

func TestFollowCalibrations(t *testing.T) {
	r := newRig(t)
	first := r.measured(0, "")
	seen := make(chan kaopass.CalibrationID, 10)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- r.FollowCalibrations(ctx, "m", func(c kaopass.Calibration) error { seen <- c.ID; return nil })
	}()
	if got := <-seen; got != first.ID {
		t.Errorf("%s at the start", got)
	}
	second := r.measured(0.01, first.ID)
	for got := range seen {
		if got == second.ID {
			break
		}
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
