package stat

import (
	"math"
	"slices"
)

// Judged is one pair of a labelled list: its fold, whether it shows one person, and the similarity found.
type Judged struct {
	Fold  string
	Same  bool
	Score float32
}

// Accuracy is the share of pairs told rightly, averaged over folds, with its standard error: the threshold for each fold
// is the best of all the others (the "View 2" protocol of Labeled Faces in the Wild). With one fold only there are no
// others, and the threshold is that of the same pairs, which flatters.
func Accuracy(pairs []Judged) (mean, standardError float64) {
	folds := map[string][]Judged{}
	for _, p := range pairs {
		folds[p.Fold] = append(folds[p.Fold], p)
	}
	if len(folds) == 0 {
		return 0, 0
	}
	var shares []float64
	for name, own := range folds {
		others := own
		if len(folds) > 1 {
			others = slices.DeleteFunc(slices.Clone(pairs), func(p Judged) bool { return p.Fold == name })
		}
		shares = append(shares, right(own, bestThreshold(others)))
	}
	slices.Sort(shares) // a map has no order, a sum of floats has
	for _, s := range shares {
		mean += s / float64(len(shares))
	}
	for _, s := range shares {
		standardError += (s - mean) * (s - mean)
	}
	if len(shares) < 2 {
		return mean, 0
	}
	return mean, math.Sqrt(standardError / float64(len(shares)-1) / float64(len(shares)))
}

func right(pairs []Judged, threshold float32) float64 {
	n := 0
	for _, p := range pairs {
		if (p.Score >= threshold) == p.Same {
			n++
		}
	}
	return float64(n) / float64(len(pairs))
}

// bestThreshold tells most pairs rightly: the middle between two neighbouring scores.
func bestThreshold(pairs []Judged) float32 {
	sorted := slices.Clone(pairs)
	slices.SortFunc(sorted, func(a, b Judged) int { return compare(float64(a.Score), float64(b.Score)) })
	rightly := 0 // with the threshold under all scores
	for _, p := range sorted {
		if p.Same {
			rightly++
		}
	}
	best, threshold := rightly, float32(-1)
	for i, p := range sorted {
		if p.Same {
			rightly--
		} else {
			rightly++
		}
		last := i == len(sorted)-1
		if rightly <= best || !last && sorted[i+1].Score == p.Score {
			continue
		}
		best, threshold = rightly, p.Score+1e-3
		if !last {
			threshold = (p.Score + sorted[i+1].Score) / 2
		}
	}
	return threshold
}
