package matcher

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"

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
// The feed says who comes and goes, and which of them are on the site. It is safe for concurrent use. A second model has
// a second gallery: what one feed tells can be told to both, and each keeps what is its own.
type gallery struct {
	model  string // see Model.ID
	people *index.Index
	onSite *index.Set // of people: those who are present

	means   means
	loading atomic.Bool  // who is in it is not known yet
	changes atomic.Int64 // since the start: whether a snapshot would say something new

	mu        sync.Mutex                       // orders what follows; never held while searching
	reached   int64                            // how far the feed of templates has been followed
	present   map[kaopass.EnrolmentID]struct{} // on the site, in the index or not yet
	forgotten map[kaopass.EnrolmentID]int64    // whom nothing brings back that was said before this event number
}

func newGallery(model string, dim int) *gallery {
	g := &gallery{model: model, people: index.New(dim), means: newMeans(), present: map[kaopass.EnrolmentID]struct{}{},
		forgotten: map[kaopass.EnrolmentID]int64{}}
	g.onSite = g.people.NewSet()
	return g
}

// found is one search's answer: the nearest of those on the site and of everyone, nearest first, hitsMax of each where
// there are so many, and how many people each was chosen from: the prior that makes 1:N safe.
type found struct {
	onSite, all             []index.Hit
	onSitePeople, allPeople int
}

// search finds the nearest to a unit vector. No floor is applied: what is near enough is the policy's to say. Those on
// the site are compared exactly, one by one; among everyone whoever is enrolled is found as surely, and a stranger's
// nearest may be a little under-reported (see [index.Index.Search]).
func (g *gallery) search(vector []float32) found {
	return found{
		onSite: g.people.Within(g.onSite, vector, hitsMax, -1), onSitePeople: g.onSite.Len(),
		all: g.people.Search(vector, hitsMax, -1), allPeople: g.people.Len(),
	}
}

// apply follows the feed of templates. One of another model, or of another length, cannot be compared: whoever has it is
// not to be found.
func (g *gallery) apply(change kaopass.TemplateChange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reached = max(g.reached, change.Seq)
	if upto, ok := g.forgotten[change.Enrolment]; ok {
		if change.Seq < upto {
			return // said before the person was forgotten here
		}
		delete(g.forgotten, change.Enrolment)
	}
	g.changes.Add(1)
	if change.Removed || change.Template.Model != g.model || !g.people.Put(change.Enrolment, change.Template.Fused()) {
		g.people.Remove(change.Enrolment)
		g.means.gone()
		return
	}
	if _, here := g.present[change.Enrolment]; here {
		g.onSite.Add(change.Enrolment)
	}
	g.means.want(change.Enrolment)
}

// presence follows the feed of comings and goings. It may be ahead of the feed of templates, or behind.
func (g *gallery) presence(change kaopass.PresenceChange) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case change.Enrolment == "":
		clear(g.present)
		g.onSite.Clear()
	case change.OnSite:
		g.present[change.Enrolment] = struct{}{}
		g.onSite.Add(change.Enrolment)
	default:
		delete(g.present, change.Enrolment)
		g.onSite.Remove(change.Enrolment)
	}
}

// forget takes somebody out at once, ahead of the feed; what the feed said before the event number seq, and has yet to
// tell here, does not bring them back.
func (g *gallery) forget(id kaopass.EnrolmentID, seq int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if seq > g.reached {
		g.forgotten[id] = max(seq, g.forgotten[id])
	}
	g.changes.Add(1)
	g.people.Remove(id)
	g.means.gone()
}

// adopt takes over everyone of an index that was read, but for those who have been forgotten meanwhile.
func (g *gallery) adopt(from *index.Index) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.people.Adopt(from) {
		return errors.New("matcher: a gallery of another dimension, or one that is not empty")
	}
	for id := range g.forgotten {
		g.people.Remove(id)
	}
	for id := range g.present {
		g.onSite.Add(id)
	}
	g.means.all()
	return nil
}

// Apply follows the feed: an enrolment may now be found for a purpose, or no longer. Only payment has a gallery:
// admission compares with the one template that the ticket names, so nobody's is kept here for it.
func (m *Matcher) Apply(change kaopass.TemplateChange) {
	if change.Purpose != kaopass.ForPayment {
		return
	}
	m.gallery.apply(change)
	if f := m.beside.Load(); f != nil {
		f.apply(change)
	}
}

// ApplyPresence follows the feed: somebody is on the site now, or has left.
func (m *Matcher) ApplyPresence(change kaopass.PresenceChange) {
	m.gallery.presence(change)
	if f := m.beside.Load(); f != nil {
		f.people.presence(change)
	}
}

// Forget takes somebody out of the gallery before it returns, and the numbers with them, without waiting for the feed:
// whoever serves a withdrawal calls it before the answer. seq is the removal's event number; nothing that was said
// before it brings the person back.
func (m *Matcher) Forget(id kaopass.EnrolmentID, seq int64) {
	if id == "" {
		return
	}
	m.gallery.forget(id, seq)
	if f := m.beside.Load(); f != nil {
		f.forget(id, seq)
	}
}

// GallerySize is how many people can be found for a purpose.
func (m *Matcher) GallerySize(p kaopass.Purpose) int {
	if p != kaopass.ForPayment {
		return 0
	}
	return m.gallery.people.Len() + m.beside.Load().left()
}

// OnSite is how many of the payment gallery are on the site.
func (m *Matcher) OnSite() int { return m.gallery.onSite.Len() }

// HoldGallery says that the gallery is being loaded: until OpenGallery, [Matcher.Identify] is ErrBusy. Gates go on.
func (m *Matcher) HoldGallery() { m.gallery.loading.Store(true) }

// OpenGallery says that the gallery is loaded, and true of the event number seq.
func (m *Matcher) OpenGallery(seq int64) {
	m.gallery.mu.Lock()
	defer m.gallery.mu.Unlock()
	m.gallery.reached = max(m.gallery.reached, seq)
	m.gallery.loading.Store(false)
}

// GalleryOpen reports whether the gallery is loaded.
func (m *Matcher) GalleryOpen() bool { return !m.gallery.loading.Load() }

// GallerySeq is the event number up to which the feed of templates has been followed.
func (m *Matcher) GallerySeq() int64 {
	m.gallery.mu.Lock()
	defer m.gallery.mu.Unlock()
	return m.gallery.reached
}

// VectorLen is how many numbers the vectors of this matcher's model have.
func (m *Matcher) VectorLen() int { return m.gallery.people.Dim() }

// GalleryChanges counts what has changed in the gallery since the start.
func (m *Matcher) GalleryChanges() int64 { return m.gallery.changes.Load() }

// WriteGallery writes the gallery of payment as it is, while people come and go. What it writes are templates in the
// clear: seal it.
func (m *Matcher) WriteGallery(w io.Writer) error { return m.gallery.people.Write(w) }

// ReadGallery fills an empty gallery with what WriteGallery wrote under the same [Matcher.Model]. An error leaves it
// empty.
func (m *Matcher) ReadGallery(r io.Reader) error {
	read, err := index.Read(r)
	if err != nil {
		return err
	}
	if left, err := io.Copy(io.Discard, r); err != nil || left > 0 { // only at its end is a sealed file known to be whole
		return errors.Join(index.ErrForm, err)
	}
	return m.gallery.adopt(read)
}
