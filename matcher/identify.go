package matcher

import (
	"context"

	"github.com/kaopass/kaopass"
)

// Identify reads a face and searches it in the gallery of a purpose. The errors are Read's.
func (m *Matcher) Identify(ctx context.Context, purpose kaopass.Purpose, images [][]byte) (kaopass.Identification, error) {
	if !m.GalleryOpen() {
		return kaopass.Identification{}, ErrBusy
	}
	probe, err := m.Read(ctx, UseTill, images)
	switch {
	case err != nil:
		return kaopass.Identification{}, err
	case probe.Reason != "":
		return kaopass.Identification{Identity: kaopass.Nobody, Reason: probe.Reason}, nil
	case purpose != kaopass.ForPayment:
		return kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnknown}, nil
	}
	return probe.policy.decide(m.gallery.search(probe.vector), probe.frames), nil
}
