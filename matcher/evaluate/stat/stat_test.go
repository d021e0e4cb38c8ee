package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// trial is a set whose genuine and strangers' similarities are normal, every pair of people compared once.
func trial(r *rand.Rand, people, genuineEach int, genuineMean, strangerMean, deviation float64) *Set {
	s := &Set{People: people, Floor: -1}
	for a := range people {
		for range genuineEach {
			s.Genuine = append(s.Genuine, Comparison{float32(genuineMean + deviation*r.NormFloat64()), int32(a), int32(a)})
		}
		for b := range a {
			s.Tail = append(s.Tail, Comparison{float32(strangerMean + deviation*r.NormFloat64()), int32(a), int32(b)})
		}
	}
	s.Impostors = int64(len(s.Tail))
	s.Sort()
	return s
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s is %v, want %v ± %v", what, got, want, within)
	}
}

// Two normal distributions a distance d apart have their equal error rate at Φ(−d/2).
func TestEERofTwoNormals(t *testing.T) {
	s := trial(rand.New(rand.NewPCG(1, 1)), 600, 200, 0.4, 0, 0.1)
	rate, threshold := s.EER()
	near(t, "EER", rate, Cumulative(-2), 0.001)
	near(t, "its threshold", threshold, 0.2, 0.002)
	near(t, "FMR at 0.2", s.FMR(0.2), Cumulative(-2), 0.001)
	near(t, "FNMR at 0.3", s.FNMR(0.3), Cumulative(-1), 0.004)
	near(t, "median", s.Quantile(0.5), 0.4, 0.002)
	threshold, reached := s.Threshold(1e-3)
	near(t, "threshold of 1e-3", threshold, -0.1*Probit(1e-3), 0.008)
	if want := int64(1e-3 * float64(s.Impostors)); reached > want || reached < want-3 {
		t.Errorf("%d reach it, want %d", reached, want)
	}
}

func TestWhatIsKeptAsAHistogramReadsTheSame(t *testing.T) {
	whole := trial(rand.New(rand.NewPCG(2, 1)), 400, 5, 0.4, 0, 0.1)
	cut := *whole
	cut.Floor, cut.Tail = 0.2, nil
	for _, c := range whole.Tail {
		if c.Score >= cut.Floor {
			cut.Tail = append(cut.Tail, c)
		} else {
			cut.Below.Add(c.Score)
		}
	}
	for _, fmr := range []float64{0.3, 0.05, 1e-2, 1e-3} {
		want, _ := whole.Threshold(fmr)
		got, _ := cut.Threshold(fmr)
		near(t, "threshold", got, want, 2e-3)
		near(t, "FMR", cut.FMR(want), whole.FMR(want), 0.01*fmr+1e-6)
	}
	a, _ := whole.EER()
	b, _ := cut.EER()
	near(t, "EER", b, a, 1e-4)
}

func TestNothingComparedIsNoRate(t *testing.T) {
	s := &Set{}
	rate, _ := s.EER()
	if rate != 0 || s.FMR(0) != 0 || s.FNMR(0) != 0 || s.Quantile(0.5) != 0 {
		t.Error("rates of nothing")
	}
	if _, err := FitTail(s); err == nil {
		t.Error("a tail of nothing")
	}
}

// pareto draws from a generalised Pareto distribution.
func pareto(r *rand.Rand, sigma, xi float64) float64 {
	u := 1 - r.Float64()
	if xi == 0 {
		return -sigma * math.Log(u)
	}
	return sigma / xi * (math.Pow(u, -xi) - 1)
}

func TestTailOfKnownDistributions(t *testing.T) {
	for _, c := range []struct{ sigma, xi float64 }{{0.04, -0.3}, {0.04, -0.1}, {0.04, 0}, {0.04, 0.2}, {0.1, -0.5}} {
		r := rand.New(rand.NewPCG(3, 1))
		y, w := make([]float64, 20_000), make([]float64, 20_000)
		for i := range y {
			y[i], w[i] = pareto(r, c.sigma, c.xi), 1
		}
		sigma, xi := fitPareto(y, w)
		near(t, "scale", sigma, c.sigma, 0.03*c.sigma)
		near(t, "shape", xi, c.xi, 0.03)
		for i := range w { // twice the weight is the same distribution
			w[i] = 2
		}
		again, _ := fitPareto(y, w)
		near(t, "scale under weights", again, sigma, 1e-6)
	}
}

// A tail fitted to what one trial shows must foretell a rarer threshold of the same strangers.
func TestTailForetellsWhatWasNotSeen(t *testing.T) {
	s := trial(rand.New(rand.NewPCG(4, 1)), 1500, 1, 0.5, 0, 0.1)
	tail, err := FitTail(s)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "threshold of 1e-7", tail.Threshold(1e-7), -0.1*Probit(1e-7), 0.03)
	for _, fmr := range []float64{1e-4, 1e-6, 1e-8} {
		near(t, "there and back", math.Log10(tail.FMR(tail.Threshold(fmr))), math.Log10(fmr), 1e-6)
	}
	if tail.Exceeds < 200 || tail.End() <= tail.Threshold(1e-8) || (Tail{Xi: 0}).End() != 1 {
		t.Errorf("%+v", tail)
	}
	if (Tail{U: 0.3, Share: 1e-3, Sigma: 0.05, Xi: -0.5}).FMR(0.5) != 0 {
		t.Error("beyond its end a tail has nobody")
	}
}

// Of a hundred trials the interval of about ninety-five must hold the true rate, also where people differ: resampling
// comparisons instead of people would call far narrower ones certain.
func TestIntervalsHoldTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	const trials, people, each, threshold = 100, 150, 12, 0.3
	truth := Cumulative(-0.1 / math.Hypot(0.08, 0.06)) // P(mean 0.4, both deviations, < 0.3)
	held := 0
	for i := range trials {
		s := &Set{People: people, Floor: -1}
		for a := range int32(people) {
			own := 0.4 + 0.08*r.NormFloat64() // some people match badly every time
			for range each {
				s.Genuine = append(s.Genuine, Comparison{float32(own + 0.06*r.NormFloat64()), a, a})
			}
			s.Tail = append(s.Tail, Comparison{threshold, a, (a + 1) % people})
		}
		s.Impostors = people
		s.Sort()
		points := s.Points([]float64{1e-9}, nil, Bootstrap{Rounds: 200, Seed: uint64(i)})
		if ci := points[0].FNMRCI95; ci[0] <= truth && truth <= ci[1] {
			held++
		}
	}
	if held < 88 || held > 100 {
		t.Errorf("%d of %d intervals hold the truth", held, trials)
	}
}

func TestPoints(t *testing.T) {
	s := trial(rand.New(rand.NewPCG(6, 1)), 500, 4, 0.6, 0, 0.1)
	tail, err := FitTail(s)
	if err != nil {
		t.Fatal(err)
	}
	points := s.Points(FMRs(), &tail, Bootstrap{Rounds: 100, Seed: 1})
	for i, p := range points {
		want := -0.1 * Probit(p.FMR)
		near(t, "threshold", p.Threshold, want, 0.03)
		if p.ThresholdCI95[0] > p.Threshold || p.ThresholdCI95[1] < p.Threshold || p.FNMRCI95[0] > p.FNMR || p.FNMRCI95[1] < p.FNMR {
			t.Errorf("a point outside its own interval: %+v", p)
		}
		if p.Extrapolated != (p.Reached < reachedMin) || i > 0 && p.Threshold <= points[i-1].Threshold {
			t.Errorf("%+v", p)
		}
	}
	if !points[4].Extrapolated || points[1].Extrapolated {
		t.Error("1e-6 of 125,000 comparisons was not seen, 1e-3 was")
	}
	same := s.Points(FMRs(), &tail, Bootstrap{Rounds: 100, Seed: 1})
	if same[2] != points[2] {
		t.Error("the same seed gave other intervals")
	}
}

// A given weight of all comparisons must be what adding them up gives.
func TestWeightOfAllPairs(t *testing.T) {
	s := trial(rand.New(rand.NewPCG(7, 1)), 60, 1, 0.6, 0, 0.1)
	weights := resample(rand.New(rand.NewPCG(8, 1)), 60)
	var sum, square float64
	for _, w := range weights {
		sum, square = sum+w, square+w*w
	}
	near(t, "weight", s.total(weights), (sum*sum-square)/2, 1e-9)
	s.Weight = func([]float64) float64 { return 42 }
	near(t, "given weight", s.total(weights), 42, 0)
}

func TestAccuracy(t *testing.T) {
	var pairs []Judged
	for _, fold := range []string{"1", "2", "3"} {
		for i := range 10 {
			pairs = append(pairs, Judged{fold, true, 0.6 + float32(i)/100}, Judged{fold, false, 0.1 + float32(i)/100})
		}
	}
	mean, se := Accuracy(pairs)
	near(t, "accuracy", mean, 1, 0)
	near(t, "its error", se, 0, 0)
	pairs[0].Score = -1 // one genuine pair of the first fold is missed
	mean, se = Accuracy(pairs)
	near(t, "accuracy", mean, 59.0/60, 1e-9)
	near(t, "its error", se, math.Sqrt((2*math.Pow(1.0/60, 2)+math.Pow(2.0/60, 2))/2/3), 1e-9)
	if mean, _ := Accuracy(nil); mean != 0 {
		t.Error("accuracy of nothing")
	}
	if mean, _ := Accuracy(pairs[:20]); mean != 0.95 {
		t.Errorf("one fold: %v", mean)
	}
}

func TestPAD(t *testing.T) {
	var all []Presentation
	for subject := range 8 {
		for i := range 50 {
			p := Presentation{Subject: subject, Live: 0.9, Answered: i > 0}
			if subject == 0 {
				p.Live = 0.1 // one subject is always refused
			}
			all = append(all, p)
		}
	}
	b := Bootstrap{Rounds: 400, Seed: 1}
	refused := Refused(all, 0.3, b)
	near(t, "BPCER", refused.Rate, 1.0/8, 1e-9)
	near(t, "non-response", refused.NonResponse, 1.0/50, 1e-9)
	if refused.CI95[0] != 0 || refused.CI95[1] < 0.25 || refused.Subjects != 8 || refused.Presentations != 400 {
		t.Errorf("one of eight subjects: %+v", refused)
	}
	none := Attacked(all[:50], 0.3, b)
	near(t, "upper end of none of one subject", none.CI95[1], 0.95, 1e-9)
	if got := Attacked(nil, 0.3, b); got.Rate != 0 || got.CI95[1] != 1 {
		t.Errorf("no attacks: %+v", got)
	}
	near(t, "none of 8", NoneOf(8), 0.312, 0.001)
}

func TestBars(t *testing.T) {
	var below Histogram
	below.Add(-0.5)
	below.Add(0.1)
	bars := Bars([]float32{0.5, 0.55}, &below, -1, 1, 4)
	for i, want := range []float64{0, 0.25, 0.25, 0.5} {
		near(t, "bar", bars[i], want, 1e-9)
	}
}

func TestNormal(t *testing.T) {
	for _, p := range []float64{1e-9, 1e-6, 0.01, 0.3, 0.5, 0.9} {
		near(t, "there and back", Cumulative(Probit(p))/p, 1, 1e-6)
	}
	near(t, "97.5 %", Probit(0.975), 1.959964, 1e-6)
}
