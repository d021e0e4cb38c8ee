package matcher

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// normal draws n scores of strangers or genuine comparisons.
func normal(r *rand.Rand, n int, mean, spread float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = mean + spread*r.NormFloat64()
	}
	return out
}

// measured is a calibration of made-up scores: strangers about 0, genuine about 0.6.
func measured(t *testing.T, frames ...[2]int) Calibration {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	c := Calibration{Version: CalibrationVersion, Models: []string{"m"}, Made: time.Unix(1, 0).UTC(), Source: "made up", People: 100, Gallery: 100}
	for i, f := range frames {
		up := 0.02 * float64(i)
		near := NewCurve(normal(r, 100_000, -0.2+up, 0.07), 100_000, normal(r, 2000, 0.4+up, 0.1))
		c.Cells = append(c.Cells, Cell{Probe: f[0], Template: f[1], C: &near,
			Raw: NewCurve(normal(r, 100_000, up, 0.1), 100_000, normal(r, 2000, 0.6+up, 0.1))})
	}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCurveOfKnownScores(t *testing.T) {
	c := measured(t, [2]int{1, 1}).Cells[0].Raw
	for fmr, want := range map[float64]float64{1e-1: 0.128, 1e-2: 0.233, 1e-3: 0.309} { // quantiles of the normal distribution
		if got := c.At(fmr); math.Abs(got-want) > 0.01 {
			t.Errorf("%g of strangers reach %.3f, want %.3f", fmr, got, want)
		}
	}
	if c.Measured() > 2e-4 || c.Measured() < 1e-4 {
		t.Errorf("the smallest share of 100,000 comparisons is %g", c.Measured())
	}
	if beyond := c.At(1e-8); beyond < 0.561 { // the true quantile: a tail that falls off faster is never underestimated
		t.Errorf("1e-8: %.3f", beyond)
	}
	if missed := c.Missed(0.6); math.Abs(missed-0.5) > 0.05 {
		t.Errorf("half of the genuine are under 0.6, got %.3f", missed)
	}
	if c.Missed(-1) > 0.001 || c.Missed(1.5) != 1 || !math.IsNaN((Curve{}).Missed(0)) {
		t.Error("the ends of the genuine side")
	}
	for _, fmr := range []float64{0.05, 1e-2, 3e-4, 1e-6} {
		if back := c.Share(c.At(fmr)); math.Abs(math.Log(back/fmr)) > 1e-6 {
			t.Errorf("%g comes back as %g", fmr, back)
		}
	}
	for _, r := range c.Strangers {
		if r.Low >= r.FMR || r.High <= r.FMR {
			t.Errorf("no interval at %g", r.FMR)
		}
	}
}

func TestACurveOfFewScoresIsRefused(t *testing.T) {
	for n := range 20 {
		if err := NewCurve(make([]float64, n), int64(n), nil).check(); err == nil {
			t.Errorf("a curve of %d comparisons", n)
		}
	}
}

func TestCalibrationIsWrittenAndRead(t *testing.T) {
	want := measured(t, [2]int{1, 1}, [2]int{3, 3})
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := ReadCalibration(strings.NewReader(b.String()))
	if err != nil || got.Cells[1].C.At(1e-3) != want.Cells[1].C.At(1e-3) || !got.For("m") || got.For("another") {
		t.Fatalf("%v, %+v", err, got.Models)
	}
	for name, spoil := range map[string]func(string) string{
		"another version": func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) },
		"unknown parts":   func(s string) string { return strings.Replace(s, `"own"`, `"his"`, 1) },
		"no model":        func(s string) string { return strings.Replace(s, `"m"`, ``, 1) },
		"cut off":         func(s string) string { return s[:len(s)/2] },
		"seven frames":    func(s string) string { return strings.Replace(s, `"probe_frames": 3`, `"probe_frames": 7`, 1) },
		"twice the same":  func(s string) string { return strings.NewReplacer(`frames": 3`, `frames": 1`).Replace(s) },
		"a rising share":  func(s string) string { return strings.Replace(s, `"fmr": 0.1`, `"fmr": 0.0001`, 1) },
		"no tail":         func(s string) string { return strings.Replace(s, `"decade": 0`, `"decade": -0`, 1) },
	} {
		if _, err := ReadCalibration(strings.NewReader(spoil(b.String()))); err == nil {
			t.Errorf("a file with %s was read", name)
		}
	}
}

func TestTheShippedCalibrationSaysWhatItIsWorth(t *testing.T) {
	c, err := DefaultCalibration()
	if err != nil || c.Own || len(c.Limits) == 0 {
		t.Errorf("%v, %+v", err, c)
	}
}

// More frames on a side never lower a threshold, and neither do fewer strangers.
func TestThresholdsOfMoreFramesAreNoLower(t *testing.T) {
	shipped, err := DefaultCalibration()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Calibration{shipped, measured(t, [2]int{1, 1}, [2]int{1, 3}, [2]int{3, 3}), measured(t, [2]int{1, 0}, [2]int{3, 0})} {
		for _, fmr := range []float64{1e-2, 1e-4, 1e-8} {
			for n := 1; n <= FramesMax; n++ {
				for m := 0; m <= 8; m++ {
					here, _, ok := c.threshold(rawCurve, fmr, n, m)
					next, _, _ := c.threshold(rawCurve, fmr, n+1, m)
					rarer, _, _ := c.threshold(rawCurve, fmr/2, n, m)
					if !ok || next < here || rarer < here {
						t.Errorf("%s, %d×%d at %g: %.3f, a frame more %.3f, rarer %.3f", c.Source, n, m, fmr, here, next, rarer)
					}
				}
			}
		}
	}
}

func TestFramesBeyondWhatWasMeasuredAreCounted(t *testing.T) {
	c := measured(t, [2]int{1, 1})
	for _, x := range []struct{ n, m, want int }{{1, 1, 0}, {3, 1, 2}, {3, 3, 4}, {5, 8, 4}, {0, 0, 2}} {
		if _, beyond, ok := c.threshold(cCurve, 1e-3, x.n, x.m); !ok || beyond != x.want {
			t.Errorf("%d×%d: %d frames more than measured, want %d", x.n, x.m, beyond, x.want)
		}
	}
}
