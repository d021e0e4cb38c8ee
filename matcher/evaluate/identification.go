package evaluate

import (
	"slices"

	"github.com/kaopass/kaopass"
)

// Identification is 1:N in the gallery at hand: everybody has one template in it, and a probe's own is masked to see
// what a stranger would meet.
type Identification struct {
	Gallery   int         `json:"gallery"`   // people
	Mated     int         `json:"mated"`     // searches by those enrolled
	NonMated  int         `json:"non_mated"` // searches by strangers
	Rank1     float64     `json:"rank1"`     // share of the enrolled who come first
	ShortList float64     `json:"short_list"`
	Points    []OpenPoint `json:"points"`
}

// OpenPoint is one operating point of an open-set search.
type OpenPoint struct {
	FPIR      float64 `json:"fpir"`      // share of strangers for whom somebody is found
	Threshold float64 `json:"threshold"` // cosine
	FNIR      float64 `json:"fnir"`      // share of the enrolled who do not come first above it
}

// identify searches every probe of a trial.
func identify(t *trial, near *neighbourhoods) *Identification {
	own := t.ownScores()
	var top []float64
	first, listed, mated := 0, 0, 0
	type search struct{ score, other float64 }
	var searches []search
	for i, others := range near.probes {
		if len(others) == 0 {
			continue
		}
		top = append(top, float64(others[0].score))
		if own[i] < -1 {
			continue
		}
		mated++
		s := search{float64(own[i]), float64(others[0].score)}
		searches = append(searches, s)
		if s.score > s.other {
			first++
		}
		if last := min(len(others), kaopass.ShortListMax) - 1; own[i] > others[last].score {
			listed++
		}
	}
	slices.Sort(top)
	out := &Identification{Gallery: near.people, Mated: mated, NonMated: len(top),
		Rank1: float64(first) / max(float64(mated), 1), ShortList: float64(listed) / max(float64(mated), 1)}
	for _, fpir := range []float64{0.1, 0.01, 0.001} {
		if float64(len(top))*fpir < 1 {
			break
		}
		p := OpenPoint{FPIR: fpir, Threshold: top[len(top)-1-int(fpir*float64(len(top)))]}
		missed := 0
		for _, s := range searches {
			if s.score < p.Threshold || s.score <= s.other {
				missed++
			}
		}
		p.FNIR = float64(missed) / max(float64(mated), 1)
		out.Points = append(out.Points, p)
	}
	return out
}

// ownScores is each probe's cosine to a template of its owner that shares no photo with it; under −1 where there is none.
func (t *trial) ownScores() []float32 {
	templates := map[int32][]int{}
	for j := range t.templates.len() {
		templates[t.templates.owner[j]] = append(templates[t.templates.owner[j]], j)
	}
	out := make([]float32, t.probes.len())
	for i := range out {
		out[i] = -2
		for _, j := range templates[t.probes.owner[i]] {
			if t.mates(i, j) {
				out[i] = dot(t.probes.at(i), t.templates.at(j))
				break
			}
		}
	}
	return out
}

// mates reports whether template j is of probe i's owner and shares no photo with it.
func (t *trial) mates(i, j int) bool {
	if t.each {
		return i != j
	}
	genuine, counts := t.relation(i, j)
	return genuine && counts
}
