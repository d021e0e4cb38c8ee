package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is a 95 % confidence interval, low and high.
type Interval [2]float64

// Point is one operating point of a DET curve.
type Point struct {
	FMR           float64  `json:"fmr"`
	Threshold     float64  `json:"threshold"`
	ThresholdCI95 Interval `json:"threshold_ci95"`
	FNMR          float64  `json:"fnmr"`
	FNMRCI95      Interval `json:"fnmr_ci95"`
	Reached       int64    `json:"reached"`      // comparisons of strangers that reach the threshold
	Extrapolated  bool     `json:"extrapolated"` // fewer than ten did: the threshold is the tail model's
}

// reachedMin is how many strangers must reach a threshold before it counts as observed; with 30 the rate is known to
// within 30 % (Doddington's rule), with ten to within 50 %.
const reachedMin = 10

// FMRs are the operating points that a report shows.
func FMRs() []float64 { return []float64{1e-2, 1e-3, 1e-4, 1e-5, 1e-6} }

// Bootstrap says how people are resampled.
type Bootstrap struct {
	Rounds int
	Seed   uint64 // the same seed, the same intervals
}

// Points reads operating points off a set, each with what resampling its people makes of it. Without a tail (nil) a
// point that was not observed lies above every stranger seen.
func (s *Set) Points(fmrs []float64, tail *Tail, b Bootstrap) []Point {
	out := make([]Point, len(fmrs))
	for i, fmr := range fmrs {
		p := Point{FMR: fmr}
		p.Threshold, p.Reached = s.Threshold(fmr)
		if p.Reached < reachedMin {
			p.Extrapolated = tail != nil
			if tail != nil {
				p.Threshold = tail.Threshold(fmr)
			}
		}
		p.FNMR = s.FNMR(p.Threshold)
		out[i] = p
	}
	s.intervals(out, tail, b)
	return out
}

// intervals draws people again and again; thresholds and rates move together, as they would on other people.
func (s *Set) intervals(points []Point, tail *Tail, b Bootstrap) {
	thresholds, rates := make([][]float64, len(points)), make([][]float64, len(points))
	var excess []float64
	if tail != nil {
		excess = excesses(s, tail.U, tail.Exceeds)
	}
	random := rand.New(rand.NewPCG(b.Seed, 19795))
	for range b.Rounds {
		weights := resample(random, s.People)
		again := s.thresholds(points, weights)
		refitted := false
		var other Tail
		for i, p := range points {
			if p.Extrapolated {
				if !refitted {
					other, refitted = tail.refit(s, excess, weights), true
				}
				again[i] = other.Threshold(p.FMR)
			}
			if rate, ok := s.missedShare(again[i], weights); ok {
				thresholds[i], rates[i] = append(thresholds[i], again[i]), append(rates[i], rate)
			}
		}
	}
	for i := range points {
		points[i].ThresholdCI95 = interval(thresholds[i], points[i].Threshold)
		points[i].FNMRCI95 = interval(rates[i], points[i].FNMR)
		if points[i].FNMR == 0 {
			points[i].FNMRCI95[1] = max(points[i].FNMRCI95[1], NoneOf(s.GenuinePeople()))
		}
	}
}

// thresholds are those of each point under people's weights.
func (s *Set) thresholds(points []Point, weights []float64) []float64 {
	out := make([]float64, len(points))
	total := s.total(weights)
	order := make([]int, len(points))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return compare(points[a].FMR, points[b].FMR) })
	var sum float64
	next := 0
	for _, c := range s.Tail {
		sum += weights[c.Probe] * weights[c.Template]
		for next < len(order) && sum > points[order[next]].FMR*total {
			out[order[next]] = above(c.Score)
			next++
		}
		if next == len(order) {
			return out
		}
	}
	for ; next < len(order); next++ { // beyond the tail that was kept: as it is without weights
		out[order[next]] = points[order[next]].Threshold
	}
	return out
}

func (s *Set) missedShare(threshold float64, weights []float64) (share float64, ok bool) {
	var missed, all float64
	for _, c := range s.Genuine {
		w := weights[c.Probe]
		all += w
		if float64(c.Score) < threshold {
			missed += w
		}
	}
	return missed / all, all > 0
}

// interval is the middle 95 % of what resampling gave.
func interval(values []float64, otherwise float64) Interval {
	if len(values) == 0 {
		return Interval{otherwise, otherwise}
	}
	slices.Sort(values)
	last := float64(len(values) - 1)
	return Interval{values[int(math.Round(0.025*last))], values[int(math.Round(0.975*last))]}
}

// NoneOf is the highest rate under which nobody among so many people being affected is still 5 % likely; with nobody
// observed, resampling alone would call the rate certain to be zero.
func NoneOf(people int) float64 {
	if people <= 0 {
		return 1
	}
	return 1 - math.Pow(0.05, 1/float64(people))
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Reach is the 95 % interval of the share of strangers that reach a similarity of at least Floor.
func (s *Set) Reach(threshold float64, b Bootstrap) Interval {
	random := rand.New(rand.NewPCG(b.Seed, 1))
	var shares []float64
	for range b.Rounds {
		weights := resample(random, s.People)
		var reach float64
		for _, c := range s.Tail {
			if float64(c.Score) < threshold {
				break
			}
			reach += weights[c.Probe] * weights[c.Template]
		}
		if total := s.total(weights); total > 0 {
			shares = append(shares, reach/total)
		}
	}
	return interval(shares, s.FMR(threshold))
}

// Missed is the 95 % interval of the share of genuine comparisons under a similarity.
func (s *Set) Missed(threshold float64, b Bootstrap) Interval {
	random := rand.New(rand.NewPCG(b.Seed, 2))
	var shares []float64
	for range b.Rounds {
		if share, ok := s.missedShare(threshold, resample(random, s.People)); ok {
			shares = append(shares, share)
		}
	}
	out := interval(shares, s.FNMR(threshold))
	if s.FNMR(threshold) == 0 {
		out[1] = max(out[1], NoneOf(s.GenuinePeople()))
	}
	return out
}
