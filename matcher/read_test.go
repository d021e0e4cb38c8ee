package matcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

func TestTheSameManInAnotherTake(t *testing.T) {
	m := open(t)
	template, reason, err := m.Template(t.Context(), stills(t, cap12, 1, 3, 8, 9, 10))
	if err != nil || reason != "" {
		t.Fatalf("template of five frames: %q, %v", reason, err)
	}
	for i := range 4 {
		probe, err := m.Read(t.Context(), UseGate, stills(t, cap13, i))
		if err != nil {
			t.Fatal(err)
		}
		if got := probe.Against(template); got != "" {
			t.Errorf("frame %d of his other take: %s", i, got)
		}
		t.Logf("cosine of frame %d: %.3f", i, cosine(probe.vector, template.Fused()))
	}
	for _, i := range []int{0, 3, 8, 19} {
		probe, err := m.Read(t.Context(), UseGate, stills(t, franck, i))
		if err != nil {
			t.Fatal(err)
		}
		if got := probe.Against(template); got != kaopass.FaceMismatch {
			t.Errorf("another man's frame %d: %q, want face_mismatch", i, got)
		}
		t.Logf("cosine of another man: %.3f", cosine(probe.vector, template.Fused()))
	}
}

func TestFramesOfOneApproachAreFused(t *testing.T) {
	m := open(t)
	probe, err := m.Read(t.Context(), UseTill, stills(t, franck, 0, 3, 8))
	if err != nil || probe.Reason != "" || probe.frames != 3 {
		t.Fatalf("three good frames: %d used, %q, %v", probe.frames, probe.Reason, err)
	}
	both := append(stills(t, franck, 0), stills(t, cap12, 1)...)
	if probe, err = m.Read(t.Context(), UseTill, both); err != nil || probe.Reason != kaopass.FaceMany {
		t.Errorf("frames of two men: %q, %v; want face_many", probe.Reason, err)
	}
	if _, reason, err := m.Template(t.Context(), both); err != nil || reason != kaopass.FaceChanged {
		t.Errorf("a template of two men: %q, %v; want face_changed", reason, err)
	}
	one := append([][]byte{jpegOf(t, grey(320, 240, 120))}, stills(t, franck, 3)...)
	if probe, err = m.Read(t.Context(), UseGate, one); err != nil || probe.Reason != "" || probe.frames != 1 {
		t.Errorf("one good frame of two: %d used, %q, %v", probe.frames, probe.Reason, err)
	}
}

func TestReadRefusesWrongRequests(t *testing.T) {
	m := open(t)
	if _, err := m.Read(t.Context(), UseGate, nil); err == nil {
		t.Error("no image was read")
	}
	if _, err := m.Read(t.Context(), UseGate, make([][]byte, FramesMax+1)); err == nil {
		t.Error("too many images were read")
	}
	var wrong *ImageError
	if _, err := m.Read(t.Context(), UseGate, [][]byte{[]byte("GIF89a")}); !errors.As(err, &wrong) || wrong.Kind != ImageType {
		t.Errorf("a GIF: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Read(ctx, UseGate, stills(t, franck, 0)); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: %v", err)
	}
}

func TestATemplateOfAnotherModelIsNotCompared(t *testing.T) {
	m := open(t)
	images := stills(t, franck, 0)
	template, _, err := m.Template(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	probe, err := m.Read(t.Context(), UseGate, images)
	if err != nil {
		t.Fatal(err)
	}
	if got := probe.Against(template); got != "" {
		t.Errorf("his own photo: %s", got)
	}
	template.Model = "another.onnx@000000000000"
	if got := probe.Against(template); got != kaopass.NotEnrolled {
		t.Errorf("another model's template: %q, want not_enrolled", got)
	}
	if got := probe.Against(kaopass.Template{}); got != kaopass.NotEnrolled {
		t.Errorf("no template: %q, want not_enrolled", got)
	}
}

func TestIdentifyInASmallVenue(t *testing.T) {
	m := open(t)
	put := func(id kaopass.EnrolmentID, images [][]byte) {
		template, reason, err := m.Template(t.Context(), images)
		if err != nil || reason != "" {
			t.Fatalf("%s: %q, %v", id, reason, err)
		}
		m.Apply(kaopass.TemplateChange{Enrolment: id, Purpose: kaopass.ForPayment, Template: template})
		t.Cleanup(func() {
			m.Apply(kaopass.TemplateChange{Enrolment: id, Purpose: kaopass.ForPayment, Removed: true})
		})
	}
	put("enr_franck", stills(t, franck, 0, 3, 8))
	others := []string{"audrey.jpg", "cage.jpg", "obama4_crop.jpg", "kim1_crop.jpg"}
	for _, name := range others {
		put(kaopass.EnrolmentID("enr_"+name), [][]byte{photo(t, name)})
	}
	if got := m.GallerySize(kaopass.ForPayment); got != 1+len(others) {
		t.Fatalf("gallery of %d", got)
	}
	if got := m.GallerySize(kaopass.ForAdmission); got != 0 {
		t.Errorf("admission has a gallery of %d", got)
	}
	found, err := m.Identify(t.Context(), kaopass.ForPayment, stills(t, franck, 14))
	if err != nil || found.Identity != kaopass.Enough || found.ShortList[0] != "enr_franck" {
		t.Errorf("franck at a till: %+v, %v", found, err)
	}
	for i := range 4 {
		found, err = m.Identify(t.Context(), kaopass.ForPayment, stills(t, cap13, i))
		if err != nil || found.Identity != kaopass.Nobody || found.Reason != kaopass.FaceUnknown || len(found.ShortList) != 0 {
			t.Errorf("a stranger at a till: %+v, %v", found, err)
		}
	}
	m.Apply(kaopass.TemplateChange{Enrolment: "enr_franck", Purpose: kaopass.ForPayment, Removed: true})
	found, err = m.Identify(t.Context(), kaopass.ForPayment, stills(t, franck, 14))
	if err != nil || found.Identity != kaopass.Nobody {
		t.Errorf("franck after he withdrew: %+v, %v", found, err)
	}
	found, err = m.Identify(t.Context(), kaopass.ForPayment, [][]byte{jpegOf(t, grey(320, 240, 120))})
	if err != nil || found.Identity != kaopass.Nobody || found.Reason != kaopass.FaceNone {
		t.Errorf("nobody before a till: %+v, %v", found, err)
	}
}

func TestAdmissionIsNeverIndexed(t *testing.T) {
	m := open(t)
	before := m.gallery.people.Len()
	m.Apply(kaopass.TemplateChange{Enrolment: "enr_1", Purpose: kaopass.ForAdmission,
		Template: kaopass.Template{Model: m.model, Frames: [][]float32{make([]float32, 512)}}})
	m.Apply(kaopass.TemplateChange{Enrolment: "enr_2", Purpose: kaopass.ForPayment,
		Template: kaopass.Template{Model: "another", Frames: [][]float32{make([]float32, 512)}}})
	if got := m.gallery.people.Len(); got != before {
		t.Errorf("the payment gallery grew by %d", got-before)
	}
}

func TestAProbeShowsNothing(t *testing.T) {
	p := Probe{vector: []float32{0.123456}, frames: 1, policy: DefaultPolicy()}
	for _, s := range []string{fmt.Sprint(p), fmt.Sprintf("%v %+v %#v %s", p, p, p, p), fmt.Sprintf("%+v", struct{ P Probe }{p})} {
		if strings.Contains(s, "0.12") || strings.Contains(s, "0.4") {
			t.Errorf("printed %q", s)
		}
	}
	if b, err := json.Marshal(p); err == nil {
		t.Errorf("marshalled %s", b)
	}
}
