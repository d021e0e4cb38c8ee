package matcher

import (
	"errors"
	"math"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/internal/permit"
)

// What is measured is what a till and an enrolment compute, to the bit.
func TestRawFacesAreTheProductsOwn(t *testing.T) {
	m := open(t)
	image := stills(t, franck, 3)
	raw, err := m.Raw(permit.Measuring{}).Face(t.Context(), image[0], RawWish{Vectors: true, Live: true})
	if err != nil {
		t.Fatal(err)
	}
	probe, err := m.Read(t.Context(), UseTill, image)
	if err != nil || probe.Reason != "" {
		t.Fatal(probe.Reason, err)
	}
	template, reason, err := m.Template(t.Context(), image)
	if err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	if near := cosine(raw.Probe, probe.vector); math.Abs(near-1) > 1e-6 {
		t.Errorf("the probe's vector is another one: %v", near)
	}
	if near := cosine(raw.Frame, template.Frames[0]); math.Abs(near-1) > 1e-6 {
		t.Errorf("the template's vector is another one: %v", near)
	}
	if raw.Faces != 1 || len(raw.Refused) != 0 || raw.Live < m.policy.LiveMin {
		t.Errorf("%d faces, refused for %v", raw.Faces, raw.Refused)
	}
}

func TestRawSaysWhatAUseWouldRefuse(t *testing.T) {
	m := open(t)
	r := m.Raw(permit.Measuring{})
	turned, err := r.Face(t.Context(), jpegOf(t, clip(t, franck)[35]), RawWish{Middle: true})
	if err != nil || turned.Refused[UseEnrol] != kaopass.FaceTurned || turned.Refused[UseGate] != "" || turned.Probe != nil {
		t.Errorf("refused for %v, %v", turned.Refused, err)
	}
	wall, err := r.Face(t.Context(), jpegOf(t, grey(320, 240, 128)), RawWish{Vectors: true, Live: true})
	if err != nil || wall.Faces != 0 || wall.Probe != nil {
		t.Errorf("a wall has %d faces, %v", wall.Faces, err)
	}
	var image *ImageError
	if _, err := r.Face(t.Context(), []byte("no image"), RawWish{}); !errors.As(err, &image) {
		t.Errorf("err = %v", err)
	}
	if r.Model() != m.Model() || r.Workers() < 1 {
		t.Error("the measuring side is not the matcher's")
	}
}
