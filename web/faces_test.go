package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/matcher"
)

// swapped is a manifest in which the 512-number embedder is in force.
func swapped(t *testing.T) string {
	t.Helper()
	m, err := matcher.DefaultManifest()
	if err != nil {
		t.Fatal(err)
	}
	for i, model := range m.Models {
		switch {
		case model.Stage == "embed" && model.Role == "":
			m.Models[i].Role = matcher.RoleFormer
		case model.Stage == "embed":
			m.Models[i].Role = ""
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "models.json")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTwoModelsSideBySide enrols a man with one embedder, changes to another by a line of configuration, and lets him
// come: he is let in and found by the old template, gets new ones at the gate and at the till, and the next start needs
// the new embedder only.
func TestTwoModelsSideBySide(t *testing.T) {
	slow(t)
	cfg := demoConfig(t)
	cfg.Data = filepath.Join(dbtest.Dir(t), "var")
	old := cfg
	old.Manifest = swapped(t)
	p, _ := opened(t, old)
	s, ticket := regular(t, p, old)
	before := p.faces.Model()
	p.ends(t)

	p, said := opened(t, cfg)
	s.venue = &venue{program: p, cfg: cfg, log: said}
	after := p.faces.Model()
	if after == before || p.faces.Former() != before || p.faces.GallerySize(kaopass.ForPayment) != 1 {
		t.Fatalf("%s in force, %q beside it, %d in the gallery", after, p.faces.Former(), p.faces.GallerySize(kaopass.ForPayment))
	}
	later := s.photos(t, "02683", "03909", "04117")
	if model, verdict := s.attempt(t, ticket, later[1:]); model != before || verdict != kaopass.Admit {
		t.Fatalf("compared with %q: %s", model, verdict)
	}
	s.templates(t, before, 1, after, 1)
	if model, verdict := s.attempt(t, ticket, later[:2]); model != after || verdict != kaopass.Admit {
		t.Fatalf("the second time compared with %q: %s", model, verdict)
	}
	s.pay(t, s.code(t, s.shown(t, kaopass.CodeAbove, later), pupilCode))
	eventually(t, "a template of the new model at the till", func() bool { return s.lessons(t) == 1 })
	s.templates(t, before, 0, after, 2)
	if p.faces.GallerySize(kaopass.ForPayment) != 1 {
		t.Errorf("%d people of one man", p.faces.GallerySize(kaopass.ForPayment))
	}
	if shown := s.shown(t, 500, later); shown.Status != kaopass.AwaitingConfirmation && shown.Status != kaopass.AwaitingCode {
		t.Errorf("not found by the new template: %+v", shown)
	}
	if shadow := p.faces.Shadow(); shadow.Agreed+shadow.Disagreed == 0 {
		t.Errorf("both models know him, and nothing was counted: %+v", shadow)
	}
	s.log.keepsQuiet(t, pupilCode)
	p.ends(t)

	p, said = opened(t, cfg)
	defer p.ends(t)
	if p.faces.Former() != "" || strings.Contains(said.String(), "side by side") {
		t.Errorf("%q is still asked", p.faces.Former())
	}
	found, err := p.faces.Identify(t.Context(), kaopass.ForPayment, later)
	if err != nil || len(found.ShortList) != 1 || found.ShortList[0] != s.enrolment {
		t.Errorf("%+v, %v", found, err)
	}
}

// regular is a man with a season ticket who enrolled when the program ran another model.
func regular(t *testing.T, p *program, cfg Config) (*school, string) {
	t.Helper()
	s := &school{venue: &venue{program: p, cfg: cfg}}
	_, code, err := s.store.AddDevice(t.Context(), kaopass.Till, "ramen-1", "Ramen East", "venue")
	if err != nil {
		t.Fatal(err)
	}
	if s.till, _, err = s.store.ClaimDevice(t.Context(), code, "test", "test"); err != nil {
		t.Fatal(err)
	}
	tickets, err := s.store.IssueTickets(t.Context(), db.IssueTickets{Kind: kaopass.Season, Count: 1, Actor: "test"})
	if err != nil {
		t.Fatal(err)
	}
	template, reason, err := s.faces.Template(t.Context(), s.photos(t, "01829", "02045", "02159"))
	if err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	papers := enrolCommand{Config: cfg, Name: "Taro Yamada", Language: kaopass.Japanese, Code: pupilCode, Wallet: 200_000,
		Consent: kaopass.Purposes(), ConsentRef: "form 12", Ticket: tickets[0].QR}
	in, err := papers.read()
	if err != nil {
		t.Fatal(err)
	}
	in.Template = template
	made, err := s.store.Import(t.Context(), in)
	if err != nil || made.Reason != "" {
		t.Fatal(made.Reason, err)
	}
	s.visitor, s.enrolment = made.Visitor, made.Enrolment
	return s, tickets[0].QR
}

// attempt is one at a gate, taken back at once: which model's template was compared, and the verdict.
func (s *school) attempt(t *testing.T, ticket string, photos [][]byte) (model string, _ kaopass.Decision) {
	t.Helper()
	gate, code, err := s.store.AddDevice(t.Context(), kaopass.Gate, "east", "east", "venue")
	if err != nil {
		t.Fatal(err)
	}
	if gate, _, err = s.store.ClaimDevice(t.Context(), code, "test", "test"); err != nil {
		t.Fatal(err)
	}
	probe, err := s.faces.Read(t.Context(), matcher.UseGate, photos)
	if err != nil || probe.Reason != "" {
		t.Fatal(probe.Reason, err)
	}
	s.keys++
	a, err := s.store.Admit(t.Context(), db.Admit{Key: s.key(), Device: gate.ID, QR: ticket, Renew: probe.Renew,
		Compare: func(template kaopass.Template) kaopass.Reason {
			model = template.Model
			return probe.Against(template)
		}})
	if err != nil {
		t.Fatal(err)
	}
	if a.Verdict.Decision == kaopass.Admit {
		if _, err := s.store.Undo(t.Context(), s.key(), gate.ID, a.ID, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return model, a.Verdict.Decision
}

// templates checks how many templates of two models are kept.
func (s *school) templates(t *testing.T, before string, olds int, after string, news int) {
	t.Helper()
	got, err := s.store.Models(t.Context())
	if err != nil || got[before] != olds || got[after] != news {
		t.Fatalf("%v, %v; want %d of %s and %d of %s", got, err, olds, before, news, after)
	}
}
