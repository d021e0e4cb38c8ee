package matcher

import (
	"fmt"
	"math"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

func TestThresholdFollowsItsCurve(t *testing.T) {
	p := DefaultPolicy()
	for _, c := range []struct {
		fmr  float64
		n, m int
		want float64
	}{
		{1e-3, 1, 1, 0.341}, {1e-4, 1, 1, 0.419}, {1e-5, 1, 1, 0.489}, {8.3e-9, 1, 1, 0.650}, // the measured points
		{math.Sqrt(1e-4 * 1e-5), 1, 1, 0.454},                         // half way between two
		{1e-2, 1, 1, 0.263},                                           // the first slope goes on
		{8.3e-9 * 8.3e-3, 1, 1, 0.760},                                // and the last
		{1e-4, 3, 1, 0.440}, {1e-4, 3, 3, 0.461}, {1e-4, 5, 8, 0.461}, // fused frames; more than three count as three
		{1e-4, 0, 0, 0.419},
		{1e-300, 3, 3, 1},
	} {
		if got := p.Threshold(c.fmr, c.n, c.m); math.Abs(got-c.want) > 0.0006 {
			t.Errorf("FMR %g, %d×%d: %.4f, want %.3f", c.fmr, c.n, c.m, got, c.want)
		}
	}
}

func TestThresholdOnlyRises(t *testing.T) {
	p := DefaultPolicy()
	for n := 1; n <= 3; n++ {
		last := 0.0
		for people := 1; people <= 100_000_000; people *= 3 {
			got := p.Enough(people, n)
			if got < last || got < p.EnoughMin {
				t.Errorf("%d people, %d frames: %.3f after %.3f", people, n, got, last)
			}
			last = got
		}
	}
}

// What a till does with a good frame in a small venue, and in one with 1.2 million people.
func TestEnoughGrowsWithTheGallery(t *testing.T) {
	p := DefaultPolicy()
	if got := p.Enough(12, 3); got > 0.56 {
		t.Errorf("a dozen people: %.3f; a good frame reaches 0.7", got)
	}
	if got := p.Enough(1_200_000, 1); got < 0.7 || got > 0.85 {
		t.Errorf("1.2 million people: %.3f; two of three single frames should be asked for the code", got)
	}
	calibrated := p
	calibrated.Caution = 1
	if got := calibrated.Threshold(0.01/1_200_000, 1, 1); math.Abs(got-0.65) > 0.001 {
		t.Errorf("1.2 million people, calibrated: %.3f, want what was measured, 0.65", got)
	}
}

func TestDecide(t *testing.T) {
	p := DefaultPolicy()
	many := make([]index.Hit, 40)
	for i := range many {
		many[i] = index.Hit{ID: kaopass.EnrolmentID(fmt.Sprint("enr_", i)), Score: 0.5}
	}
	hits := func(scores ...float32) (h []index.Hit) {
		for i, s := range scores {
			h = append(h, index.Hit{ID: kaopass.EnrolmentID(fmt.Sprint("enr_", i)), Score: s})
		}
		return h
	}
	for name, c := range map[string]struct {
		hits   []index.Hit
		people int
		want   kaopass.Identity
		list   int
		reason kaopass.Reason
	}{
		"an empty gallery":                {nil, 0, kaopass.Nobody, 0, kaopass.FaceUnknown},
		"a stranger":                      {hits(0.3), 12, kaopass.Nobody, 0, kaopass.FaceUnknown},
		"a good frame in a small venue":   {hits(0.72, 0.2), 12, kaopass.Enough, 1, ""},
		"a poor frame in a small venue":   {hits(0.5, 0.44, 0.1), 12, kaopass.AskCode, 2, ""},
		"a good frame among very many":    {hits(0.72, 0.55, 0.5), 1_200_000, kaopass.AskCode, 3, ""},
		"an excellent one among many":     {hits(0.9, 0.55, 0.5), 1_200_000, kaopass.Enough, 3, ""},
		"twins":                           {hits(0.9, 0.88), 12, kaopass.AskCode, 2, ""},
		"more than a short list may hold": {many, 1_200_000, kaopass.AskCode, kaopass.ShortListMax, ""},
	} {
		got := p.decide(c.hits, c.people, 1)
		if got.Identity != c.want || len(got.ShortList) != c.list || got.Reason != c.reason {
			t.Errorf("%s: %+v", name, got)
		}
		if len(got.ShortList) > 0 && got.ShortList[0] != "enr_0" {
			t.Errorf("%s: %s is first", name, got.ShortList[0])
		}
	}
}

func TestAPolicyThatCannotDecideIsRefused(t *testing.T) {
	cfg := testConfig(t)
	for name, spoil := range map[string]func(*Policy){
		"one point":           func(p *Policy) { p.Curve = p.Curve[:1] },
		"a curve that rises":  func(p *Policy) { p.Curve = []Point{{1e-5, 0.4}, {1e-3, 0.3}} },
		"no caution":          func(p *Policy) { p.Caution = 0 },
		"every stranger paid": func(p *Policy) { p.TillFPIR = 0 },
	} {
		cfg.Policy = DefaultPolicy()
		spoil(&cfg.Policy)
		if m, err := Open(cfg); err == nil {
			t.Errorf("%s was accepted", name)
			_ = m.Close()
		}
	}
}
