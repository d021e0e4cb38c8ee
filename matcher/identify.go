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

// name says who it is, of everyone in the gallery and of those whom only a former model knows.
func (m *Matcher) name(p Probe) kaopass.Identification {
	if p.Reason != "" {
		return kaopass.Identification{Identity: kaopass.Nobody, Reason: p.Reason}
	}
	f := p.aside.former
	if f == nil {
		return m.gallery.name(p.vector, p.policy, p.frames, population{})
	}
	now := m.gallery.name(p.vector, p.policy, p.frames, f.people.population())
	left, before := f.name(p.aside, p.frames, m.gallery.population())
	f.compare(now, before)
	return together(now, left)
}
