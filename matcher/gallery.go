package matcher

import (
	"sync"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

// A search answers so many of the nearest, whatever their cosine: the candidate, and the neighbours whose mean says how
// crowded the place is (DESIGN, section 7: m_p is the mean of ranks 2 to 21).
const (
	neighboursMax = 20
	hitsMax       = 1 + neighboursMax
)

// gallery is who can be found by the face: those who consented to payment and whose template one embedding model made.
// The feed says who comes and goes, and which of them are on the site. It is safe for concurrent use.
type gallery struct {
	model  string // see Model.ID
	people *index.Index

	mu      sync.RWMutex
	present map[kaopass.EnrolmentID]struct{} // on the site, in the index or not yet
}

func newGallery(model string, dim int) *gallery {
	return &gallery{model: model, people: index.New(dim), present: map[kaopass.EnrolmentID]struct{}{}}
}

// found is one search's answer: the nearest of those on the site and of everyone, nearest first, hitsMax of each where
// there are so many, and how many people each was chosen from: the prior that makes 1:N safe.
type found struct {
	onSite, all             []index.Hit
	onSitePeople, allPeople int
}

// search finds the nearest to a unit vector. No floor is applied: what is near enough is the policy's to say.
func (g *gallery) search(vector []float32) found {
	out := found{all: g.people.Search(vector, hitsMax, -1), allPeople: g.people.Len()}
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, h := range out.all {
		if _, here := g.present[h.ID]; here {
			out.onSite = append(out.onSite, h)
		}
	}
	out.onSitePeople = len(g.present)
	return out
}

// apply follows the feed of templates. One of another model, or of another length, cannot be compared: whoever has it is
// not to be found.
func (g *gallery) apply(change kaopass.TemplateChange) {
	if change.Removed || change.Template.Model != g.model || !g.people.Put(change.Enrolment, change.Template.Fused()) {
		g.people.Remove(change.Enrolment)
	}
}

// presence follows the feed of comings and goings.
func (g *gallery) presence(change kaopass.PresenceChange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case change.Enrolment == "":
		clear(g.present)
	case change.OnSite:
		g.present[change.Enrolment] = struct{}{}
	default:
		delete(g.present, change.Enrolment)
	}
}

// Apply follows the feed: an enrolment may now be found for a purpose, or no longer. Only payment has a gallery:
// admission compares with the one template that the ticket names, so nobody's is kept here for it.
func (m *Matcher) Apply(change kaopass.TemplateChange) {
	if change.Purpose == kaopass.ForPayment {
		m.gallery.apply(change)
	}
}

// ApplyPresence follows the feed: somebody is on the site now, or has left.
func (m *Matcher) ApplyPresence(change kaopass.PresenceChange) { m.gallery.presence(change) }

// GallerySize is how many people can be found for a purpose.
func (m *Matcher) GallerySize(p kaopass.Purpose) int {
	if p != kaopass.ForPayment {
		return 0
	}
	return m.gallery.people.Len()
}
