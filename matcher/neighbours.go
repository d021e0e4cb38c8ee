package matcher

import (
	"slices"

	"github.com/kaopass/kaopass"
)

// Neighbours says who of the payment gallery is near a template, by an exact search of everyone: look-alikes are
// strangers to each other, and a search that is quick for the enrolled may overlook them. own are left out: enrolments of
// the same person that the gallery may still hold. A template of another model has no neighbours.
func (m *Matcher) Neighbours(t kaopass.Template, own ...kaopass.EnrolmentID) (near kaopass.Neighbourhood) {
	vector := t.Fused()
	if t.Model != m.gallery.model || vector == nil {
		return near
	}
	people := m.gallery.people.Len()
	policy := m.Policy()
	alike, twice := policy.Alike(people), policy.Twice(people)
	for _, h := range m.gallery.people.Exact(vector, kaopass.NearestMax+len(own), -1) {
		if slices.Contains(own, h.ID) || len(near.Nearest) == kaopass.NearestMax {
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
