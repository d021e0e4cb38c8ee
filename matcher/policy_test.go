package matcher

import (
	"math"
	"strings"
	"testing"
	"time"
)

// own is the default policy, calibrated on the venue's own gallery.
func own(t *testing.T) Policy {
	t.Helper()
	p := DefaultPolicy()
	p.Calibration = measured(t, [2]int{1, 0}, [2]int{3, 0})
	p.Calibration.Own, p.Calibration.Gallery = true, 1_000_000
	return p
}

// What a till does with a good frame in a small venue, and in one with 1.2 million people.
func TestEnoughGrowsWithTheGallery(t *testing.T) {
	p := DefaultPolicy()
	if got := p.Enough(12, 3); got > 0.60 {
		t.Errorf("a dozen people: %.3f; a good frame reaches 0.7", got)
	}
	if got := p.Enough(1_200_000, 1); got < 0.7 || got > 0.85 {
		t.Errorf("1.2 million people: %.3f; two of three single frames should be asked for the code", got)
	}
}

func TestCautionEndsWithTheVenuesOwnCalibration(t *testing.T) {
	p := DefaultPolicy()
	p.Calibration = measured(t, [2]int{1, 1}, [2]int{1, 0})
	cautious, gate := p.Enough(100_000, 1), p.gate(1, 1)
	p.Calibration.Own = true
	if own := p.Enough(100_000, 1); own >= cautious {
		t.Errorf("a till: %.3f, before %.3f", own, cautious)
	}
	if own := p.gate(1, 1); own >= gate || math.Abs(own-p.Threshold(p.GateFMR, 1, 1)) > 1e-9 {
		t.Errorf("a gate: %.3f, before %.3f", own, gate)
	}
}

func TestAGateIsStricterWithMoreFrames(t *testing.T) {
	p := DefaultPolicy()
	for n := 1; n < FramesMax; n++ {
		for m := 1; m <= 8; m++ {
			if p.gate(n+1, m) < p.gate(n, m) || p.gate(n, m+1) < p.gate(n, m) {
				t.Errorf("%d×%d frames", n, m)
			}
		}
	}
}

// A calibration of another model says nothing: nobody pays by the face, whoever they are.
func TestACalibrationOfAnotherModel(t *testing.T) {
	p, err := policyFor(Config{}, "another model")
	if err != nil || !p.Foreign {
		t.Fatalf("%v, %+v", err, p.Foreign)
	}
	if d := p.decide(search(1, 1, hit("enr_a", 1, 0)), 5); d.Identity != "ask_code" {
		t.Errorf("%s", d.Identity)
	}
	if p.gate(1, 1) <= DefaultPolicy().gate(1, 1) {
		t.Error("a gate is no stricter")
	}
	named := measured(t, [2]int{1, 1})
	if _, err := policyFor(Config{Calibration: &named}, "another model"); err == nil || !strings.Contains(err.Error(), "another model") {
		t.Errorf("a named calibration of another model: %v", err)
	}
	if p, err := policyFor(Config{Calibration: &named}, "m"); err != nil || p.Foreign || p.Calibration.Source != "made up" {
		t.Errorf("a named calibration of this model: %v, %+v", err, p)
	}
}

func TestACalibrationIsPutInForceWhileItRuns(t *testing.T) {
	m := &Matcher{policy: DefaultPolicy(), model: "m"}
	c := measured(t, [2]int{1, 1})
	c.Made = time.Unix(2, 0)
	if err := m.Calibrate(c); err != nil || m.Policy().Calibration.Source != "made up" {
		t.Errorf("%v", err)
	}
	c.Models = []string{"another"}
	if m.Calibrate(c) == nil {
		t.Error("another model's")
	}
	c.Cells = nil
	if m.Calibrate(c) == nil {
		t.Error("an empty one")
	}
}

func TestAPolicyThatCannotDecideIsRefused(t *testing.T) {
	cfg := testConfig(t)
	for name, spoil := range map[string]func(*Policy){
		"no calibration":      func(p *Policy) { p.Calibration = Calibration{} },
		"no caution":          func(p *Policy) { p.Caution = 0 },
		"every stranger paid": func(p *Policy) { p.TillFPIR = 0 },
		"no floor":            func(p *Policy) { p.EnoughMin = 0 },
		"a budget of none":    func(p *Policy) { p.OnSiteShare = 0 },
	} {
		cfg.Policy = DefaultPolicy()
		spoil(&cfg.Policy)
		if m, err := Open(cfg); err == nil {
			t.Errorf("%s was accepted", name)
			_ = m.Close()
		}
	}
}
