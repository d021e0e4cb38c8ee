package matcher

import (
	"cmp"
	"math"
	"slices"
)

// searchCurve makes a curve of the best that each of many strangers reached among so many people. A share f of searches
// that reach a score says that a share −ln(1 − f)/people of single comparisons does: several may reach it in one search.
func searchCurve(best []float64, people int) Curve {
	slices.SortFunc(best, func(a, b float64) int { return cmp.Compare(b, a) })
	n := float64(len(best))
	single := func(share float64) float64 { return -math.Log1p(-min(share, 1-1/n)) / float64(people) }
	c := Curve{Comparisons: int64(len(best)) * int64(people), Decade: decade(best)}
	for step := 0; ; step++ {
		share := math.Pow(10, -(float64(step)+0.5)/stepsADecade)
		count := int(math.Round(share * n))
		if count < reachFewest {
			return c
		}
		low, high := wilson(float64(count), n)
		c.Strangers = append(c.Strangers, Reach{single(float64(count) / n), best[count-1], single(low), single(high)})
	}
}

// wide joins a curve of random pairs, for large shares, with one of searches, for the small ones that pairs cannot count.
func wide(pairs []float64, searches Curve) Curve {
	bulk := NewCurve(pairs, int64(len(pairs)), nil)
	from := searches.Strangers[0]
	joined := slices.DeleteFunc(bulk.Strangers, func(r Reach) bool { return r.FMR <= from.FMR*2 || r.Score > from.Score })
	searches.Strangers = append(joined, searches.Strangers...)
	searches.Comparisons += bulk.Comparisons
	return searches
}

// Loosens answers by how much a new calibration would lower a threshold at most, for so many people of whom so many are
// on the site: over gates and tills, few frames and many, with and without c. It is negative where all rise.
func (p Policy) Loosens(next Calibration, onSite, people int) float64 {
	q := p
	q.Calibration, q.Foreign = next, false
	most := math.Inf(-1)
	lower := func(before, after float64) {
		if before < scoreMax || after < scoreMax {
			most = max(most, before-after)
		}
	}
	for _, f := range [][2]int{{1, 1}, {1, 3}, {3, 3}, {5, 5}} {
		lower(p.gate(f[0], f[1]), q.gate(f[0], f[1]))
	}
	for _, n := range []int{1, 3, 5} {
		was, is := p.Till(n, onSite, people), q.Till(n, onSite, people)
		for _, l := range [][2]Limits{{was.OnSite, is.OnSite}, {was.Everyone, is.Everyone}} {
			if l[0].People == 0 {
				continue
			}
			lower(l[0].Alone, l[1].Alone)
			lower(l[0].cosine(), l[1].cosine())
			if l[0].C < scoreMax && l[1].C < scoreMax {
				lower(l[0].C, l[1].C)
			}
		}
	}
	return most
}

// cosine is the least that the bare score must be, whether c is asked or not.
func (l Limits) cosine() float64 {
	if l.C >= scoreMax {
		return l.Alone
	}
	return l.Raw
}
