package matcher

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

// twoModels is a matcher with the 512-number original beside the model in force, and templates of one man by either.
func twoModels(t *testing.T) (m *Matcher, before, after kaopass.Template) {
	t.Helper()
	cfg := testConfig(t)
	manifest, err := DefaultManifest()
	if err != nil {
		t.Fatal(err)
	}
	for i, model := range manifest.Models {
		if model.Stage == stageEmbed {
			manifest.Models[i].Role = map[bool]string{true: RoleFormer, false: ""}[model.Role == ""]
		}
	}
	old := cfg
	old.Manifest = &manifest
	was := opened(t, old)
	m = opened(t, cfg)
	before, after = templateOf(t, was, enrolling...), templateOf(t, m, enrolling...)
	if before.Model != was.Model() || len(before.Frames[0]) == len(after.Frames[0]) {
		t.Fatalf("%s made %d numbers", before.Model, len(before.Frames[0]))
	}
	return m, before, after
}

// Photos of one man of two days, as it were, and of another.
var (
	enrolling = []string{"franck_01829.jpg", "franck_02045.jpg", "franck_02159.jpg"}
	coming    = []string{"franck_03909.jpg", "franck_04117.jpg"}
)

func opened(t *testing.T, cfg Config) *Matcher {
	t.Helper()
	m, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func photosOf(t *testing.T, names ...string) (out [][]byte) {
	t.Helper()
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(mediaDir, name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func templateOf(t *testing.T, m *Matcher, names ...string) kaopass.Template {
	t.Helper()
	template, reason, err := m.Template(t.Context(), photosOf(t, names...))
	if err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	return template
}

func probeOf(t *testing.T, m *Matcher, names ...string) Probe {
	t.Helper()
	p, err := m.Read(t.Context(), UseGate, photosOf(t, names...))
	if err != nil || p.Reason != "" {
		t.Fatal(p.Reason, err)
	}
	return p
}

func TestAFormerModelsTemplate(t *testing.T) {
	m, before, after := twoModels(t)
	alone := probeOf(t, m, coming...)
	if reason := alone.Against(before); reason != kaopass.NotEnrolled {
		t.Errorf("with one model: %q", reason)
	}
	if _, ok := alone.Renew(before); ok || alone.aside.former != nil {
		t.Error("one model did the work of two")
	}
	if err := m.Beside(before.Model); err != nil || m.Former() != before.Model {
		t.Fatal(m.Former(), err)
	}
	him, other := probeOf(t, m, coming...), probeOf(t, m, "audrey.jpg")
	for name, c := range map[string]struct {
		probe Probe
		of    kaopass.Template
		want  kaopass.Reason
	}{
		"the man, by the former model":    {him, before, ""},
		"the man, by the one in force":    {him, after, ""},
		"another, by the former model":    {other, before, kaopass.FaceMismatch},
		"another, by the one in force":    {other, after, kaopass.FaceMismatch},
		"a third model's template":        {him, kaopass.Template{Model: "third", Frames: before.Frames}, kaopass.NotEnrolled},
		"the former's name, other length": {him, kaopass.Template{Model: before.Model, Frames: after.Frames}, kaopass.FaceMismatch},
		"no frames":                       {him, kaopass.Template{Model: before.Model}, kaopass.NotEnrolled},
	} {
		if got := c.probe.Against(c.of); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	renewed, ok := him.Renew(before)
	if !ok || renewed.Model != m.Model() || len(renewed.Frames) == 0 || len(renewed.Frames[0]) != m.VectorLen() {
		t.Fatalf("renewed %v: %q", ok, renewed.Model)
	}
	if reason := probeOf(t, m, enrolling[:2]...).Against(renewed); reason != "" {
		t.Errorf("the new template does not know him: %s", reason)
	}
	if _, ok := other.Renew(before); ok {
		t.Error("another took over his template")
	}
	if _, ok := him.Renew(after); ok {
		t.Error("a template of the model in force was renewed")
	}
	him.fit = nil
	if _, ok := him.Renew(before); ok {
		t.Error("renewed without a frame that is good enough to enrol")
	}
}

func TestTwoGalleries(t *testing.T) {
	m, before, after := twoModels(t)
	if err := m.Beside(before.Model); err != nil {
		t.Fatal(err)
	}
	add := func(id kaopass.EnrolmentID, of kaopass.Template) {
		m.Apply(kaopass.TemplateChange{Enrolment: id, Purpose: kaopass.ForPayment, Template: of})
	}
	list := func() []kaopass.EnrolmentID {
		t.Helper()
		found, err := m.Identify(t.Context(), kaopass.ForPayment, photosOf(t, coming...))
		if err != nil {
			t.Fatal(err)
		}
		return found.ShortList
	}
	him := person(1)
	add(him, before)
	if m.GallerySize(kaopass.ForPayment) != 1 || !slices.Equal(list(), []kaopass.EnrolmentID{him}) {
		t.Fatalf("%d people, found %v", m.GallerySize(kaopass.ForPayment), list())
	}
	if m.Shadow() != (Shadow{}) {
		t.Error("there is nobody whom both know")
	}
	add(him, after)
	if m.GallerySize(kaopass.ForPayment) != 1 || !slices.Equal(list(), []kaopass.EnrolmentID{him}) || m.Shadow().Agreed != 1 {
		t.Errorf("%d people, found %v, %+v", m.GallerySize(kaopass.ForPayment), list(), m.Shadow())
	}
	m.ApplyPresence(kaopass.PresenceChange{Enrolment: him, OnSite: true})
	if !slices.Equal(list(), []kaopass.EnrolmentID{him}) {
		t.Error("not found on the site")
	}
	m.Forget(him, 1)
	if m.GallerySize(kaopass.ForPayment) != 0 || len(list()) != 0 {
		t.Error("found after being forgotten")
	}
	add(him, before)
	m.Apply(kaopass.TemplateChange{Enrolment: him, Purpose: kaopass.ForPayment, Removed: true, Seq: 2})
	if m.GallerySize(kaopass.ForPayment) != 0 || len(list()) != 0 {
		t.Error("found after being removed")
	}
}

func TestTogether(t *testing.T) {
	a, b := person(1), person(2)
	enough := func(id ...kaopass.EnrolmentID) kaopass.Identification {
		return kaopass.Identification{Identity: kaopass.Enough, ShortList: id}
	}
	ask := func(id ...kaopass.EnrolmentID) kaopass.Identification {
		return kaopass.Identification{Identity: kaopass.AskCode, ShortList: id}
	}
	nobody := kaopass.Identification{Identity: kaopass.Nobody, Reason: kaopass.FaceUnknown}
	for name, c := range map[string][3]kaopass.Identification{
		"nobody":               {nobody, nobody, nobody},
		"one knows":            {nobody, enough(a), enough(a)},
		"the other knows":      {enough(a), nobody, enough(a)},
		"both name somebody":   {enough(a), enough(b), ask(a, b)},
		"one names":            {ask(b), enough(a), enough(a, b)},
		"both have candidates": {ask(a), ask(b), ask(a, b)},
		"the same":             {ask(a), ask(a), ask(a)},
	} {
		got := together(c[0], c[1])
		if got.Identity != c[2].Identity || got.Reason != c[2].Reason || !slices.Equal(got.ShortList, c[2].ShortList) {
			t.Errorf("%s: %+v, want %+v", name, got, c[2])
		}
	}
	var many []kaopass.EnrolmentID
	for i := range kaopass.ShortListMax {
		many = append(many, person(10+i))
	}
	if got := together(ask(many...), ask(a, b)); len(got.ShortList) != kaopass.ShortListMax || !slices.Contains(got.ShortList, b) {
		t.Errorf("%d on the list", len(got.ShortList))
	}
}

func TestBesideRefuses(t *testing.T) {
	m, before, _ := twoModels(t)
	if err := m.Beside("nobody's"); err == nil {
		t.Error("a model that the manifest does not name")
	}
	if err := m.Beside(m.Model()); err == nil {
		t.Error("the model in force beside itself")
	}
	if err := errors.Join(m.Beside(before.Model), m.Beside(before.Model)); err == nil {
		t.Error("a third")
	}
}
