package measure

import (
	"runtime"
	"sync"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

// Accuracy compares answers with float32 over the long vectors of everyone.
type Accuracy struct {
	Probes      int     `json:"probes"`
	FloatFinds  float64 `json:"float_finds"` // share of probes whose own person float32 puts first: the model's limit
	Recall      float64 `json:"recall_at_1"` // of those: the share that Search puts first as well
	ExactRecall float64 `json:"exact_recall_at_1"`
	Same        float64 `json:"same_first"`       // of all probes, strangers' luck included: Search answers float32's first
	ExactSame   float64 `json:"exact_same_first"` // Exact does
	Again       float64 `json:"again_share"`      // of all probes: Search looked at everyone in the end
	ByFlat      int     `json:"truth_by_flat"`    // probes whose truth the flat search found, row by row
	ErrorMax    float64 `json:"score_error_max"`  // largest difference of an answer's cosine to float32's
}

// Who float32 puts first is found among the truthHits nearest of the exact search, compared again in float32: whoever is
// left out is more than truthMargin below the first, and bytes and the shorter vector together move a cosine by less
// (ErrorMax shows by how much). Where that is not so, and for truthChecked probes in any case, the flat search compares
// with everyone.
const (
	truthHits    = 64
	truthMargin  = 0.02
	truthChecked = 96
)

// answer is who was put first for a probe.
type answer struct {
	truth, search, exact int
	byFlat               bool
	off                  float64
}

func (b *bench) accuracy() {
	b.result.Accuracy, b.result.Single = b.accuracyOf(b.probes), b.accuracyOf(b.singles)
}

func (b *bench) accuracyOf(probes []question) Accuracy {
	answers := make([]answer, len(probes))
	searched, again := b.index.Searched()
	var all sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		all.Go(func() {
			for from := core * index.BatchMax; from < len(probes); from += cores * index.BatchMax {
				b.compare(answers[from:min(from+index.BatchMax, len(answers))], probes[from:])
			}
		})
	}
	all.Wait()
	searches, agains := b.index.Searched()
	b.check(answers[:min(truthChecked, len(answers))], probes)
	out := tally(answers, probes)
	out.Again = float64(agains-again) / float64(max(searches-searched, 1))
	return out
}

// compare asks the index, and finds the truth among its answers where that is certain.
func (b *bench) compare(answers []answer, probes []question) {
	queries := make([][]float32, len(answers))
	for i := range queries {
		queries[i] = probes[i].Short
	}
	for i, hits := range b.index.ExactAll(queries, truthHits, -1) {
		a := &answers[i]
		a.exact, a.search = rowOf(hits[0].ID), rowOf(b.index.Search(queries[i], hitsAsked, -1)[0].ID)
		nearest := -2.0
		for _, h := range hits {
			row := rowOf(h.ID)
			score := dot(b.rows.Row(row), probes[i].Long)
			a.off = max(a.off, score-float64(h.Score), float64(h.Score)-score)
			if score > nearest {
				a.truth, nearest = row, score
			}
		}
		if float64(hits[len(hits)-1].Score) > nearest-truthMargin && len(hits) < b.People {
			a.truth, a.byFlat = b.rows.Search(probes[i].Long, 1)[0].Row, true
		}
	}
}

// check finds the truth of some by comparing with everyone.
func (b *bench) check(answers []answer, probes []question) {
	for from := 0; from < len(answers); from += index.BatchMax {
		some := answers[from:min(from+index.BatchMax, len(answers))]
		queries := make([][]float32, len(some))
		for i := range some {
			queries[i] = probes[from+i].Long
		}
		for i, hits := range b.rows.SearchAll(queries, 1) {
			some[i].truth, some[i].byFlat = hits[0].Row, true
		}
	}
}

func tally(answers []answer, probes []question) (r Accuracy) {
	var found, search, exact, same, exactSame int
	for i, a := range answers {
		if a.truth == probes[i].who {
			found++
			search += one(a.search == a.truth)
			exact += one(a.exact == a.truth)
		}
		same += one(a.search == a.truth)
		exactSame += one(a.exact == a.truth)
		r.ByFlat += one(a.byFlat)
		r.ErrorMax = max(r.ErrorMax, a.off)
	}
	share := func(n, of int) float64 { return float64(n) / float64(max(of, 1)) }
	r.Probes, r.FloatFinds = len(answers), share(found, len(answers))
	r.Recall, r.ExactRecall = share(search, found), share(exact, found)
	r.Same, r.ExactSame = share(same, len(answers)), share(exactSame, len(answers))
	return r
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rowOf is the row that idOf made an id of.
func rowOf(id kaopass.EnrolmentID) (row int) {
	for _, digit := range id[len(kaopass.PrefixEnrolment):] {
		row = 10*row + int(digit-'0')
	}
	return row - 1
}
