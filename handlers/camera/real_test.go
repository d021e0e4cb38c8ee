package camera_test

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
)

const packages = "../../node_modules"

// faces opens the real models, or skips where they are not here.
func faces(t *testing.T) *matcher.Matcher {
	t.Helper()
	cfg := matcher.Config{Library: matcher.LibraryPath(packages), Models: "../../models", Wait: 30 * time.Second}
	for _, path := range []string{cfg.Library, cfg.Models, virtual.MediaDir(packages)} {
		if _, err := os.Stat(path); err != nil {
			t.Skip("no models or media here; `make setup` fetches them")
		}
	}
	m, err := matcher.Open(cfg)
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

// TestARealFace gives a real face to the real matcher, by video and by photos, and finds it again in other frames.
func TestARealFace(t *testing.T) {
	m := faces(t)
	k, err := camera.New(camera.Config{Faces: m, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	kept := make(chan kaopass.Template, 1)
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, ErrorHandler: respond.Error})
	k.Mount(app, camera.Host{
		Who: func(*fiber.Ctx) (string, error) { return "vis_1", nil },
		Finish: func(_ context.Context, _ string, t kaopass.Template) (kaopass.Reason, error) {
			kept <- t
			return "", nil
		},
	})
	enrolling, later, err := virtual.Franck(virtual.MediaDir(packages))
	if err != nil {
		t.Fatal(err)
	}
	var hints []kaopass.Hint
	v := virtual.Visitor{Person: enrolling, HTTP: http.DefaultClient, Base: serve(t, app),
		Saw: func(p camera.Progress) { hints = append(hints, p.Hint) }}
	for name, enrol := range map[string]func(context.Context) (camera.Progress, error){"video": v.Enrol, "photos": v.EnrolByStills} {
		hints = nil
		begun := time.Now()
		last, err := enrol(t.Context())
		if err != nil || !last.Done {
			t.Fatalf("by %s: %+v, %v; hints %v", name, last, err, hints)
		}
		t.Logf("by %s in %v: %v", name, time.Since(begun).Round(100*time.Millisecond), hints)
		recognised(t, m, <-kept, later)
	}
}

// recognised finds the person of a template in other frames, and nobody else in it.
func recognised(t *testing.T, m *matcher.Matcher, template kaopass.Template, later virtual.Person) {
	t.Helper()
	_, other, err := virtual.Laptop(virtual.MediaDir(packages))
	if err != nil {
		t.Fatal(err)
	}
	for want, person := range map[kaopass.Reason]virtual.Person{"": later, kaopass.FaceMismatch: other} {
		photos, err := person.JPEGs()
		if err != nil {
			t.Fatal(err)
		}
		for _, photo := range photos {
			probe, err := m.Read(t.Context(), matcher.UseGate, [][]byte{photo})
			if err != nil {
				t.Fatal(err)
			}
			if got := probe.Against(template); got != want {
				t.Errorf("a later frame: %q, want %q", got, want)
			}
		}
	}
}
