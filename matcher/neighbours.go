package matcher

import (
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

// Neighbours says who of the payment gallery is near a template, by an exact search of everyone: look-alikes are
// strangers to each other, and a search that is quick for the enrolled may overlook them. own are left out: enrolments of
// the same person that the gallery may still hold. A template of another model has no neighbours,
// and while the gallery is being loaded the answer says that it is Partial.
func (m *Matcher) Neighbours(t kaopass.Template, own ...kaopass.EnrolmentID) kaopass.Neighbourhood {
	vector := t.Fused()
	if t.Model != m.gallery.model || vector == nil {
		return kaopass.Neighbourhood{}
	}
	defer clear(vector)
	return m.neighbourhood(m.gallery.people.Exact(vector, kaopass.NearestMax+len(own), -1), own)
}

// NeighboursAll is Neighbours for many at once, each with its own enrolment left out: in one pass over the gallery for
// every few, so that comparing everyone again is done in an hour and not in a night.
func (m *Matcher) NeighboursAll(changes []kaopass.TemplateChange) []kaopass.Neighbourhood {
	vectors := make([][]float32, len(changes))
	for i, c := range changes {
		if c.Template.Model == m.gallery.model {
			vectors[i] = c.Template.Fused()
		}
	}
	out := make([]kaopass.Neighbourhood, len(changes))
	for i, hits := range m.gallery.people.ExactAll(vectors, kaopass.NearestMax+1, -1) {
		clear(vectors[i])
		out[i] = m.neighbourhood(hits, []kaopass.EnrolmentID{changes[i].Enrolment})
	}
	return out
}

// listMargin is how far under ListMin two templates can be whose people still come on one short list: the probe that is
// near to both lies between them. 1.5 % of strangers are nearer than that, so where there are a hundred thousand people
// the nearest thousand all are; in a small venue most people are not near anybody, and may have anybody's code.
const listMargin = 0.2

// neighbourhood sorts an exact search's hits by what they mean.
func (m *Matcher) neighbourhood(hits []index.Hit, own []kaopass.EnrolmentID) (near kaopass.Neighbourhood) {
	near.Partial = !m.GalleryOpen()
	people := m.gallery.people.Len()
	alike, twice, listed := m.policy.Alike(people), m.policy.Twice(people), m.policy.ListMin-listMargin
	for _, h := range hits {
		if slices.Contains(own, h.ID) || float64(h.Score) < listed || len(near.Nearest) == kaopass.NearestMax {
			continue
		}
		near.Nearest = append(near.Nearest, h.ID)
		if float64(h.Score) >= alike && len(near.Alike) < kaopass.AlikeMax {
			near.Alike = append(near.Alike, h.ID)
		}
		if float64(h.Score) >= twice && len(near.Same) < kaopass.AlikeMax {
			near.Same = append(near.Same, h.ID)
		}
	}
	return near
}
