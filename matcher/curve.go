package matcher

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Curve says what a score means: which share of strangers reaches it, and which share of genuine comparisons does not.
// Scores are cosines, or the statistic c of [Relative].
type Curve struct {
	Comparisons int64      `json:"comparisons"`       // of strangers, behind Strangers
	Strangers   []Reach    `json:"strangers"`         // the largest share first; scores rise
	Decade      float64    `json:"decade"`            // the tail model, beyond the last of Strangers: a tenth of the share, so much more score
	Pairs       int        `json:"genuine_pairs"`     // behind Genuine; 0 where nobody's second visit could be looked at
	Genuine     []Quantile `json:"genuine,omitempty"` // shares and scores rise
}

// Reach is a share of strangers' comparisons and the score that this share reaches.
type Reach struct {
	FMR   float64 `json:"fmr"`
	Score float64 `json:"score"`
	Low   float64 `json:"fmr_low"` // 95 % interval of FMR
	High  float64 `json:"fmr_high"`
}

// Quantile is a share of genuine comparisons and the score that this share stays under.
type Quantile struct {
	Share float64 `json:"share"`
	Score float64 `json:"score"`
}

// Of what NewCurve makes of scores.
const (
	stepsADecade = 2    // points of Strangers for each tenth of the share
	reachFewest  = 10   // strangers behind the last point; beyond it is the tail model
	tailMost     = 200  // strangers behind the tail model
	decadeLeast  = 0.01 // score a decade: a tail is never taken for steeper
	z95          = 1.96 // of the normal distribution, for 95 %
)

// NewCurve makes a curve of strangers' scores, of which only the highest need be given, out of how many comparisons they
// are, and of genuine scores. Both slices are put in order. Intervals are those of independent comparisons (Wilson);
// who resamples by person knows better and may replace them.
//
// The tail model is exponential, fitted to the mean excess of the highest scores. Cosines of faces fall off faster than
// that, so shares beyond the data are over- and never underestimated (measured on LFW and CFP: 0.078, 0.070, 0.051 a
// decade from 1e-3 down).
func NewCurve(strangers []float64, comparisons int64, genuine []float64) Curve {
	slices.SortFunc(strangers, func(a, b float64) int { return cmp.Compare(b, a) })
	slices.Sort(genuine)
	c := Curve{Comparisons: comparisons, Pairs: len(genuine), Decade: decade(strangers)}
	for step := 1; ; step++ {
		fmr := math.Pow(10, -float64(step)/stepsADecade)
		count := int(math.Round(fmr * float64(comparisons)))
		if count < reachFewest {
			break
		}
		if count <= len(strangers) {
			low, high := wilson(float64(count), float64(comparisons))
			c.Strangers = append(c.Strangers, Reach{FMR: float64(count) / float64(comparisons), Score: strangers[count-1], Low: low, High: high})
		}
	}
	for _, share := range genuineShares() {
		if at := int(share * float64(len(genuine))); at > 0 {
			c.Genuine = append(c.Genuine, Quantile{share, genuine[at-1]})
		}
	}
	return c
}

// decade is how much higher the score is that a tenth as many strangers reach, from the highest scores, best first.
func decade(best []float64) float64 {
	best = best[:min(len(best), tailMost)]
	if len(best) < 2 {
		return decadeLeast
	}
	var excess float64
	for _, s := range best {
		excess += s - best[len(best)-1]
	}
	return max(math.Ln10*excess/float64(len(best)-1), decadeLeast)
}

// genuineShares are the shares that a curve keeps of the genuine side: fine where few are missed, and at the far end.
func genuineShares() []float64 {
	return []float64{.0005, .001, .002, .003, .005, .0075, .01, .015, .02, .03, .04, .05, .06, .08, .1, .125, .15, .2, .25, .3, .35, .4,
		.45, .5, .55, .6, .65, .7, .75, .8, .85, .9, .95, .98, .99, 1}
}

// wilson is the 95 % interval of a share of which k in n were counted.
func wilson(k, n float64) (low, high float64) {
	p, z := k/n, z95
	middle := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return max((middle-half)/(1+z*z/n), 0), min((middle+half)/(1+z*z/n), 1)
}

// At is the score that a share fmr of strangers reaches. Between two points it goes by the logarithm of the share; beyond
// the last by the tail model; before the first it is the first's.
func (c Curve) At(fmr float64) float64 {
	i := slices.IndexFunc(c.Strangers, func(r Reach) bool { return r.FMR <= fmr })
	if i == 0 {
		return c.Strangers[0].Score
	}
	if i < 0 {
		last := c.Strangers[len(c.Strangers)-1]
		return last.Score + c.Decade*math.Log10(last.FMR/fmr)
	}
	from, to := c.Strangers[i-1], c.Strangers[i]
	return from.Score + (to.Score-from.Score)*math.Log(fmr/from.FMR)/math.Log(to.FMR/from.FMR)
}

// Share is the share of strangers who reach a score: what At turns round.
func (c Curve) Share(score float64) float64 {
	i := slices.IndexFunc(c.Strangers, func(r Reach) bool { return r.Score >= score })
	if i == 0 {
		return c.Strangers[0].FMR
	}
	if i < 0 {
		last := c.Strangers[len(c.Strangers)-1]
		return last.FMR * math.Pow(10, -(score-last.Score)/c.Decade)
	}
	from, to := c.Strangers[i-1], c.Strangers[i]
	return from.FMR * math.Pow(to.FMR/from.FMR, (score-from.Score)/(to.Score-from.Score))
}

// Missed is the share of genuine comparisons under a score; NaN where none were looked at. Under the first quantile it
// is the first's share: less was not measured.
func (c Curve) Missed(score float64) float64 {
	if len(c.Genuine) == 0 {
		return math.NaN()
	}
	i := slices.IndexFunc(c.Genuine, func(q Quantile) bool { return q.Score >= score })
	switch i {
	case -1:
		return 1
	case 0:
		return c.Genuine[0].Share
	}
	from, to := c.Genuine[i-1], c.Genuine[i]
	return from.Share + (to.Share-from.Share)*(score-from.Score)/(to.Score-from.Score)
}

// Measured is the smallest share of strangers that was counted; less is the tail model's.
func (c Curve) Measured() float64 { return c.Strangers[len(c.Strangers)-1].FMR }

// check says what keeps the curve from being read.
func (c Curve) check() error {
	if len(c.Strangers) < 2 || c.Comparisons <= 0 || !within(c.Decade, 0, 2) {
		return errors.New("fewer than two points, no comparisons, or no tail")
	}
	last := Reach{FMR: 1.1, Score: math.Inf(-1)}
	for _, r := range c.Strangers {
		if !within(r.FMR, 0, last.FMR) || r.FMR == last.FMR || !within(r.Score, -2, 2) || r.Score < last.Score || !(r.Low <= r.FMR && r.FMR <= r.High) {
			return errors.New("strangers: shares fall, scores rise, and each interval holds its share")
		}
		last = r
	}
	before := Quantile{0, -2}
	for _, q := range c.Genuine {
		if !within(q.Share, before.Share, 1) || !within(q.Score, before.Score, 2) || q.Share == before.Share {
			return errors.New("genuine: shares and scores rise")
		}
		before = q
	}
	return nil
}

// within reports whether v is above low, or is it, and at most high; NaN is not, and neither is zero where low is zero.
func within(v, low, high float64) bool { return v >= low && v <= high && (low != 0 || v > 0) }
