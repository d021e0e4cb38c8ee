package stat

import (
	"errors"
	"math"
)

// Tail is the strangers' curve beyond a similarity U: a generalised Pareto distribution over what exceeds it (Pickands,
// 1975; Balkema and de Haan, 1974). It says how to go on beyond what was observed. It decides nothing.
type Tail struct {
	U       float64 `json:"u"`       // similarity from which on the model holds
	Share   float64 `json:"share"`   // of strangers' comparisons that reach U
	Sigma   float64 `json:"sigma"`   // scale
	Xi      float64 `json:"xi"`      // shape: under 0 the curve ends, at 0 it falls exponentially
	Exceeds int     `json:"exceeds"` // comparisons it was fitted to
}

// What a fit rests on: enough comparisons to know a slope, few enough to be in the tail.
const (
	tailExceeds  = 200
	tailShare    = 5e-4
	tailShareMax = 0.05
)

// Shapes outside are not those of similarities that end at 1; a likelihood has no maximum under −1.
const (
	xiMin = -0.9
	xiMax = 0.5
)

var errTail = errors.New("stat: too few comparisons of strangers to fit a tail")

// FitTail fits the upper tail of the strangers: the highest 1 in 2,000, and at least 200 comparisons.
func FitTail(s *Set) (Tail, error) {
	n := max(tailExceeds, int(tailShare*float64(s.Impostors)))
	n = min(n, len(s.Tail)-1)
	if n < tailExceeds || float64(n) > tailShareMax*float64(s.Impostors) {
		return Tail{}, errTail
	}
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1
	}
	t := Tail{U: float64(s.Tail[n].Score), Share: float64(n) / float64(s.Impostors), Exceeds: n}
	t.Sigma, t.Xi = fitPareto(excesses(s, t.U, n), weights)
	return t, nil
}

func excesses(s *Set, u float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = max(float64(s.Tail[i].Score)-u, 0)
	}
	return out
}

// refit is the tail under people's weights: its share, scale and shape, above the same similarity.
func (t Tail) refit(s *Set, excess, people []float64) Tail {
	weights := make([]float64, len(excess))
	var sum float64
	for i := range weights {
		c := s.Tail[i]
		weights[i] = people[c.Probe] * people[c.Template]
		sum += weights[i]
	}
	if sum == 0 {
		return t
	}
	t.Share = sum / s.total(people)
	t.Sigma, t.Xi = fitPareto(excess, weights)
	return t
}

// Threshold is the similarity that a share fmr of strangers reaches.
func (t Tail) Threshold(fmr float64) float64 {
	if math.Abs(t.Xi) < 1e-9 {
		return t.U + t.Sigma*math.Log(t.Share/fmr)
	}
	return t.U + t.Sigma/t.Xi*(math.Pow(fmr/t.Share, -t.Xi)-1)
}

// FMR is the share of strangers that reach a similarity of at least U.
func (t Tail) FMR(threshold float64) float64 {
	y := max(threshold-t.U, 0)
	if math.Abs(t.Xi) < 1e-9 {
		return t.Share * math.Exp(-y/t.Sigma)
	}
	base := 1 + t.Xi*y/t.Sigma
	if base <= 0 {
		return 0
	}
	return t.Share * math.Pow(base, -1/t.Xi)
}

// End is the similarity that no stranger reaches by the model: 1 where it has no end before.
func (t Tail) End() float64 {
	if t.Xi >= 0 {
		return 1
	}
	return min(t.U-t.Sigma/t.Xi, 1)
}

// fitPareto is the likeliest scale and shape for weighted excesses. The likelihood is profiled over θ = ξ/σ (Grimshaw,
// 1993): for each θ the best shape is the mean of log(1+θy).
func fitPareto(y, weights []float64) (sigma, xi float64) {
	var mean, sum, top float64
	for i, v := range y {
		mean, sum = mean+weights[i]*v, sum+weights[i]
		if weights[i] > 0 {
			top = max(top, v)
		}
	}
	mean /= sum
	if mean == 0 || top == 0 {
		return 1e-6, 0
	}
	shape := func(theta float64) float64 {
		var l float64
		for i, v := range y {
			if weights[i] > 0 {
				l += weights[i] * math.Log1p(theta*v)
			}
		}
		return l / sum
	}
	likelihood := func(theta float64) float64 {
		if math.Abs(theta*mean) < 1e-7 {
			return -math.Log(mean) - 1
		}
		k := shape(theta)
		if k < xiMin || k > xiMax {
			return math.Inf(-1)
		}
		return -math.Log(k/theta) - k - 1
	}
	theta := maximise(likelihood, -1/top*(1-1e-9), 2/mean)
	if math.Abs(theta*mean) < 1e-7 {
		return mean, 0
	}
	xi = shape(theta)
	return xi / theta, xi
}

// maximise is where a function of one peak is highest: a coarse look, then a golden section.
func maximise(f func(float64) float64, low, high float64) float64 {
	const looks = 40
	best, top := low, math.Inf(-1)
	step := (high - low) / looks
	for i := range looks + 1 {
		if v := f(low + float64(i)*step); v > top {
			best, top = low+float64(i)*step, v
		}
	}
	a, b := max(low, best-step), min(high, best+step)
	const golden = 0.6180339887498949
	for range 60 {
		c, d := b-golden*(b-a), a+golden*(b-a)
		if f(c) > f(d) {
			b = d
		} else {
			a = c
		}
	}
	return (a + b) / 2
}
