package matcher

import (
	"context"

	"github.com/kaopass/kaopass"
)

// Identify reads a face and searches it in the gallery of a purpose. The errors are Read's.
func (m *Matcher) Identify(ctx context.Context, purpose kaopass.Purpose, images [][]byte) (kaopass.Identification, error) {
	probe, err := m.readAtTill(ctx, images)
	switch {
	case err != nil:
		return kaopass.Identification{}, err
	case probe.Reason == "" && purpose != kaopass.ForPayment:
		return kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnknown}, nil
	}
	return m.name(probe), nil
}

// readAtTill reads a face that is to be searched: ErrBusy while there is nobody to search among.
func (m *Matcher) readAtTill(ctx context.Context, images [][]byte) (Probe, error) {
	if !m.GalleryOpen() {
		return Probe{}, ErrBusy
	}
	return m.Read(ctx, UseTill, images)
}

// name says who it is. Whoever the face alone would name is looked at once more, now beside everyone: the first search
// may overlook some of a stranger's nearest, and c is about them.
func (m *Matcher) name(p Probe) kaopass.Identification {
	if p.Reason != "" {
		return kaopass.Identification{Identity: kaopass.Nobody, Reason: p.Reason}
	}
	found := m.gallery.search(p.vector)
	out := p.policy.decide(found, p.frames)
	if out.Identity != kaopass.Enough {
		return out
	}
	found.all = m.gallery.people.Exact(p.vector, hitsMax, -1)
	return p.policy.decide(found, p.frames)
}
