package evaluate

import (
	"math"
	"slices"
	"testing"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// stranger is somebody whose nearest 21 have these scores: the first, and the rest.
func stranger(nearest, others float64) seen {
	return seen{score: nearest, c: nearest - others, others: append([]float64{nearest}, slices.Repeat([]float64{others}, 20)...)}
}

// Everybody has one fate, and a guessed code opens for one in ten thousand of each on the short list.
func TestOneStep(t *testing.T) {
	near, far := stranger(0.7, 0.45), stranger(0.3, 0.2)
	s := &simulated{options: Options{Population: 1000}, listMin: 0.4}
	for _, x := range []struct {
		own float64
		met seen
	}{
		{0.9, far},  // the face alone
		{0.5, far},  // on the list, asked for the code
		{0.35, far}, // under the list's least
		{0.65, near},
		{0.44, near}, // twenty others are nearer
	} {
		s.own = append(s.own, mate{x.own, 0.2})
		s.judges = append(s.judges, encounter{all: x.met, onSite: far})
	}
	got := s.step("a step", s.everyone(), lock{0.6, notAsked})
	want := Step{Name: "a step", Searched: 1000, Probes: 5, Strange: 5, Threshold: 0.6, C: notAsked,
		FaceOnly: 0.2, AskCode: 0.2, NotFound: 0.2, Wrong: 0.4, FPIR: 0.4, FPIRCode: 0.4}
	for _, c := range [][2]float64{{got.FaceOnly, want.FaceOnly}, {got.AskCode, want.AskCode}, {got.NotFound, want.NotFound},
		{got.Wrong, want.Wrong}, {got.FPIR, want.FPIR}, {got.FPIRCode, want.FPIRCode}} {
		if math.Abs(c[0]-c[1]) > 1e-9 {
			t.Fatalf("%+v, want %+v", got, want)
		}
	}
	high := s.step("nobody by the face", s.everyone(), lock{0.95, notAsked})
	if listed := 2.0 / 5 * 20 / codes; high.FPIR != 0 || math.Abs(high.FPIRCode-listed) > 1e-9 || high.FaceOnly != 0 || high.Wrong != 0 {
		t.Errorf("%+v, strangers with a code %v", high, listed)
	}
	byC := s.step("by c", s.everyone(), lock{rawFloor, 0.6})
	if byC.Wrong != 0 || math.Abs(byC.FaceOnly-0.2) > 1e-9 {
		t.Errorf("the one at 0.7 among others at 0.45 is told by c: %+v", byC)
	}
}

// A venue that sets its threshold by a hundred made-up strangers lets one of them through, and by c none under the floor.
func TestLocks(t *testing.T) {
	s := &simulated{frames: Frames{1, 1}, options: Options{Population: 100, OnSite: 50}}
	for i := range 100 {
		e := stranger(0.5+float64(i)/1000, 0.4)
		s.sample = append(s.sample, encounter{all: e, onSite: stranger(0.4, 0.3)})
	}
	raw, relative := s.rawLock(s.everyone()), s.relativeLock(s.everyone())
	through := func(l lock) (n int) {
		for _, e := range s.sample {
			if l.opens(e.all.score, e.all.c) {
				n++
			}
		}
		return n
	}
	if through(raw) != 1 || through(relative) != 1 || raw.c != notAsked || relative.score != rawFloor {
		t.Errorf("%v lets %d through, %v %d", raw, through(raw), relative, through(relative))
	}
	if here := s.relativeLock(s.here()); here.c > -8 {
		t.Errorf("nobody reaches the floor on the site, and c is asked: %v", here)
	}
	s.judges, s.own = s.sample[:1], []mate{{0.9, 0.3}}
	if with, without := s.steps(&Cell{Raw: Distribution{Tail: &stat.Tail{U: 0.4, Share: 0.01, Sigma: 0.03, Xi: -0.1}}}), s.steps(&Cell{}); len(with) != 5 || len(without) != 4 {
		t.Errorf("%d steps with a tail, %d without", len(with), len(without))
	}
	s.options.OnSite = 0
	if got := s.steps(&Cell{}); len(got) != 2 {
		t.Errorf("%d steps with nobody on the site", len(got))
	}
}

func TestWhomAProbeMeets(t *testing.T) {
	double := stretch{made: []float64{0.1, 0.2, 0.3}, real: []float64{0.2, 0.4, 0.6}}
	m := met{all: append([]float64{0.3}, slices.Repeat([]float64{0.2}, 20)...), onSite: slices.Repeat([]float64{0.1}, 21), allMean: 0.1, onSiteMean: 0.1}
	e := encounterOf(m, double, double)
	if math.Abs(e.all.score-0.6) > 1e-9 || math.Abs(e.all.c-(0.6-(0.4+0.2)/2)) > 1e-9 || math.Abs(e.onSite.score-0.2) > 1e-9 || math.Abs(e.onSite.c) > 1e-9 {
		t.Errorf("%v %v, on the site %v %v", e.all.score, e.all.c, e.onSite.score, e.onSite.c)
	}
	if m.all[0] != 0.3 {
		t.Error("what the index found is changed")
	}
}
