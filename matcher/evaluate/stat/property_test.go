package stat

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// anySet is a set of a few comparisons with many ties, and the same comparisons as plain lists.
func anySet(t *rapid.T) (s *Set, genuine, strangers []float32) {
	score := rapid.Custom(func(t *rapid.T) float32 { return float32(rapid.IntRange(-20, 20).Draw(t, "score")) / 20 })
	genuine = rapid.SliceOfN(score, 1, 40).Draw(t, "genuine")
	strangers = rapid.SliceOfN(score, 1, 80).Draw(t, "strangers")
	s = &Set{People: 5, Floor: -2, Impostors: int64(len(strangers))}
	for i, v := range genuine {
		s.Genuine = append(s.Genuine, Comparison{v, int32(i % 5), int32(i % 5)})
	}
	for i, v := range strangers {
		s.Tail = append(s.Tail, Comparison{v, int32(i % 5), int32((i + 1) % 5)})
	}
	s.Sort()
	return s, genuine, strangers
}

// share counts one by one.
func share(all []float32, counts func(float64) bool) float64 {
	n := 0
	for _, v := range all {
		if counts(float64(v)) {
			n++
		}
	}
	return float64(n) / float64(len(all))
}

// Rates are what counting says, at any threshold and with any ties.
func TestRatesAreCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, genuine, strangers := anySet(t)
		at := float64(float32(rapid.IntRange(-21, 21).Draw(t, "threshold")) / 20)
		if got, want := s.FMR(at), share(strangers, func(v float64) bool { return v >= at }); got != want {
			t.Fatalf("FMR %v, want %v", got, want)
		}
		if got, want := s.FNMR(at), share(genuine, func(v float64) bool { return v < at }); got != want {
			t.Fatalf("FNMR %v, want %v", got, want)
		}
	})
}

// No more strangers reach a threshold than it was asked for, as many as it says do, and just below it more would.
func TestThresholdsKeepTheirPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _, strangers := anySet(t)
		fmr := rapid.Float64Range(0, 0.99).Draw(t, "fmr")
		threshold, reached := s.Threshold(fmr)
		if s.FMR(threshold) > fmr {
			t.Fatalf("%v reach %v, asked for %v", s.FMR(threshold), threshold, fmr)
		}
		if got := s.FMR(threshold) * float64(len(strangers)); math.Abs(got-float64(reached)) > 1e-9 {
			t.Fatalf("%v reach it, it says %d", got, reached)
		}
		below := float64(math.Nextafter32(float32(threshold), -2))
		if s.FMR(below) <= fmr {
			t.Fatalf("%v would do as well as %v", below, threshold)
		}
	})
}

// A rarer stranger is never cheaper, and the equal error rate lies between the two errors on either side of it.
func TestTheCurveHasOneDirection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _, _ := anySet(t)
		a, b := rapid.Float64Range(-1, 1).Draw(t, "a"), rapid.Float64Range(-1, 1).Draw(t, "b")
		low, high := min(a, b), max(a, b)
		if s.FMR(high) > s.FMR(low) || s.FNMR(high) < s.FNMR(low) {
			t.Fatalf("from %v to %v: strangers %v, %v; refused %v, %v", low, high, s.FMR(low), s.FMR(high), s.FNMR(low), s.FNMR(high))
		}
		rate, at := s.EER()
		if rate < 0 || rate > 1 || s.FMR(at) > s.FNMR(at) {
			t.Fatalf("EER %v at %v, where strangers are %v and refused %v", rate, at, s.FMR(at), s.FNMR(at))
		}
		before := math.Nextafter(at, -2) - 1e-9
		if s.FMR(before) < s.FNMR(before) {
			t.Fatalf("at %v already as many are refused", before)
		}
	})
}

// The order in which comparisons were made changes nothing.
func TestOrderSaysNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _, _ := anySet(t)
		other := &Set{People: s.People, Floor: s.Floor, Impostors: s.Impostors}
		other.Genuine = rapid.Permutation(s.Genuine).Draw(t, "genuine")
		other.Tail = rapid.Permutation(s.Tail).Draw(t, "strangers")
		other.Sort()
		if !slices.Equal(s.Genuine, other.Genuine) || !slices.Equal(s.Tail, other.Tail) {
			t.Fatal("sorting leaves two orders")
		}
		b := Bootstrap{Rounds: 5, Seed: 3}
		if s.Missed(0.3, b) != other.Missed(0.3, b) || s.Reach(0.3, b) != other.Reach(0.3, b) {
			t.Fatal("the same seed says two things")
		}
	})
}

// Quantiles lie between the least and the highest, in order; half of them is the median.
func TestQuantiles(t *testing.T) {
	s := &Set{}
	if s.Quantile(0.5) != 0 {
		t.Error("nothing has a median")
	}
	for i := range 5 {
		s.Genuine = append(s.Genuine, Comparison{Score: float32(i)})
	}
	for at, want := range map[float64]float64{0: 0, 0.5: 2, 1: 4, 0.125: 0.5, 0.9: 3.6} {
		near(t, "quantile", s.Quantile(at), want, 1e-6)
	}
}

// An interval of people holds what was measured, and one of the same person over and over is wide however many the
// comparisons are.
func TestIntervalsAreOfPeople(t *testing.T) {
	of := func(people int) Interval {
		s := &Set{People: people}
		for i := range 1000 {
			who := int32(i % people)
			v := float32(0.9)
			if who < int32(people)/5 { // a fifth of the people is never recognised
				v = 0.1
			}
			s.Genuine = append(s.Genuine, Comparison{v, who, who})
		}
		s.Sort()
		near(t, "refused", s.FNMR(0.5), 0.2, 1e-9)
		return s.Missed(0.5, Bootstrap{Rounds: 400, Seed: 1})
	}
	few, many := of(10), of(500)
	if few[0] > 0.2 || few[1] < 0.2 || many[0] > 0.2 || many[1] < 0.2 {
		t.Errorf("%v and %v do not hold 0.2", few, many)
	}
	if few[1]-few[0] < 4*(many[1]-many[0]) {
		t.Errorf("ten people %v, five hundred %v, a thousand comparisons each", few, many)
	}
}
