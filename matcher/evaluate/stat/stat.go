// Package stat says how often a face model errs, and how sure one can be of that (ISO/IEC 19795-1, 30107-3).
//
// Start at [Set]: the similarities of many comparisons with whose faces were compared. [Set.Points] reads error rates
// off it, [Set.EER] where the two kinds of error are equal, and [FitTail] carries the strangers' curve beyond what was
// observed. What stays true: people are resampled, never comparisons, because a person who is easily mistaken spoils
// many comparisons at once; a rate of nothing in so many is told with the highest rate that would still be likely.
//
// Nothing here reads a file or a face.
package stat

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Comparison is one similarity and the two people compared, by number. Both are the same where it is genuine.
type Comparison struct {
	Score           float32
	Probe, Template int32
}

// Set is what a trial of comparisons gave. Sort it before anything is read off.
type Set struct {
	People  int          // numbered from 0
	Genuine []Comparison // of one person

	Tail      []Comparison // of two people: all those of at least Floor
	Floor     float32
	Impostors int64     // comparisons of two people altogether
	Below     Histogram // of those under Floor

	// Weight is the sum over all comparisons of two people of the product of their weights; nil means that Tail holds
	// all of them, and they are added up.
	Weight func(weights []float64) float64
}

// Sort brings the comparisons into the order that everything else expects: the most similar strangers first, the least
// similar genuine ones first.
func (s *Set) Sort() {
	slices.SortFunc(s.Tail, func(a, b Comparison) int { return order(b, a) })
	slices.SortFunc(s.Genuine, order)
}

// order is total, so that a result does not depend on which thread was faster.
func order(a, b Comparison) int {
	switch {
	case a.Score != b.Score:
		if a.Score < b.Score {
			return -1
		}
		return 1
	case a.Probe != b.Probe:
		return int(a.Probe - b.Probe)
	}
	return int(a.Template - b.Template)
}

// Threshold is the smallest similarity that at most a share fmr of strangers reaches, and how many of them do. With
// none left (fmr under 1 in Impostors) it lies just above the most similar pair of strangers.
func (s *Set) Threshold(fmr float64) (threshold float64, reached int64) {
	allowed := int64(fmr * float64(s.Impostors))
	if allowed < int64(len(s.Tail)) {
		return above(s.Tail[allowed].Score), s.reached(s.Tail[allowed].Score)
	}
	return s.Below.descend(allowed-int64(len(s.Tail)), float64(s.Floor)), allowed
}

// reached counts the strangers above a similarity.
func (s *Set) reached(score float32) int64 {
	n, _ := slices.BinarySearchFunc(s.Tail, score, func(c Comparison, t float32) int {
		if c.Score > t {
			return -1
		}
		return 1
	})
	return int64(n)
}

func above(score float32) float64 { return float64(math.Nextafter32(score, 2)) }

// FMR is the share of strangers that reach a similarity.
func (s *Set) FMR(threshold float64) float64 {
	if s.Impostors == 0 {
		return 0
	}
	if threshold >= float64(s.Floor) {
		n, _ := slices.BinarySearchFunc(s.Tail, threshold, func(c Comparison, t float64) int {
			if float64(c.Score) >= t {
				return -1
			}
			return 1
		})
		return float64(n) / float64(s.Impostors)
	}
	return float64(int64(len(s.Tail))+s.Below.atLeast(threshold)) / float64(s.Impostors)
}

// FNMR is the share of genuine comparisons under a similarity.
func (s *Set) FNMR(threshold float64) float64 {
	if len(s.Genuine) == 0 {
		return 0
	}
	return float64(s.missed(threshold)) / float64(len(s.Genuine))
}

func (s *Set) missed(threshold float64) int {
	n, _ := slices.BinarySearchFunc(s.Genuine, threshold, func(c Comparison, t float64) int {
		if float64(c.Score) < t {
			return -1
		}
		return 1
	})
	return n
}

// EER is the rate at which strangers accepted and genuine refused are equally frequent, and the similarity where.
func (s *Set) EER() (rate, threshold float64) {
	if len(s.Genuine) == 0 || s.Impostors == 0 {
		return 0, 0
	}
	low, high := -1.0, math.Nextafter(1, 2) // above every similarity no stranger is accepted
	for range 60 {
		middle := (low + high) / 2
		if s.FMR(middle) > s.FNMR(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return (s.FMR(high) + s.FNMR(high)) / 2, high
}

// Quantile is the similarity under which a share of the genuine comparisons lies.
func (s *Set) Quantile(share float64) float64 {
	if len(s.Genuine) == 0 {
		return 0
	}
	at := share * float64(len(s.Genuine)-1)
	low := int(at)
	high := min(low+1, len(s.Genuine)-1)
	part := at - float64(low)
	return float64(s.Genuine[low].Score)*(1-part) + float64(s.Genuine[high].Score)*part
}

// GenuinePeople is how many people were compared with themselves.
func (s *Set) GenuinePeople() int {
	seen := map[int32]bool{}
	for _, c := range s.Genuine {
		seen[c.Probe] = true
	}
	return len(seen)
}

// total is the weight of all comparisons of strangers.
func (s *Set) total(weights []float64) float64 {
	if s.Weight != nil {
		return s.Weight(weights)
	}
	var sum float64
	for _, c := range s.Tail {
		sum += weights[c.Probe] * weights[c.Template]
	}
	return sum
}

// resample draws as many people as there are, with replacement, and answers how often each was drawn.
func resample(r *rand.Rand, people int) []float64 {
	weights := make([]float64, people)
	for range people {
		weights[r.IntN(people)]++
	}
	return weights
}
