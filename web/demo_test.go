package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass/handlers/camera/virtual"
	"github.com/kaopass/kaopass/matcher"
)

// demoConfig is a venue of its own in a temporary folder, on a port of its own; a machine without the packages skips.
func demoConfig(t *testing.T) Config {
	t.Helper()
	absolute := func(path string) string {
		full, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return full
	}
	cfg := Config{Addr: "127.0.0.1:0", Data: filepath.Join(t.TempDir(), "var"), Packages: absolute("../node_modules"),
		Models: absolute("../models"), Venue: "Demo Expo", Contact: "privacy@localhost", Seed: true, QueueMax: 64,
		Wait: 20 * time.Second, CapturesMax: 8, SnapshotEvery: 10 * time.Minute}
	for _, need := range []string{cfg.Packages, cfg.Models, virtual.MediaDir(cfg.Packages), matcher.LibraryPath(cfg.Packages)} {
		if _, err := os.Stat(need); err != nil {
			t.Skipf("%s is not here; `make setup` fetches it", need)
		}
	}
	if err := cfg.AfterApply(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestDemo starts the real program and lets the virtual visitors walk through it, twice: the second time finds the
// venue as the first left it.
func TestDemo(t *testing.T) {
	cfg := demoConfig(t)
	var log bytes.Buffer
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	p, err := start(t.Context(), &cfg, output{stdout: io.Discard, stderr: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		quiet(t, log.String())
	}()
	for range 2 {
		result := demo(t, cfg, p.url)
		for _, s := range result.Steps {
			if !s.OK || s.Detail == "" {
				t.Errorf("%s: %s", s.Name, s.Detail)
			}
		}
		if len(result.Steps) != len((&story{}).scenes()) {
			t.Errorf("%d steps", len(result.Steps))
		}
	}
}

func demo(t *testing.T, cfg Config, url string) (result demoResult) {
	t.Helper()
	var said bytes.Buffer
	command := demoCommand{Config: cfg, URL: url, JSON: true}
	if err := command.Run(t.Context(), output{stdout: &said, stderr: io.Discard}); err != nil {
		t.Errorf("demo: %v", err)
	}
	if err := json.Unmarshal(said.Bytes(), &result); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	if strings.Contains(said.String(), "already") {
		t.Error("the first demo left its face behind")
	}
	return result
}

// quiet checks what a day leaves in the log: no fault, and no number with the many digits of a vector or a similarity.
func quiet(t *testing.T, log string) {
	t.Helper()
	if strings.Contains(log, "level=ERROR") {
		t.Errorf("faults:\n%s", log)
	}
	if found := regexp.MustCompile(`\b0\.\d{4,}`).FindString(log); found != "" {
		t.Errorf("the log holds %s", found)
	}
}

func TestDemoNeedsAServer(t *testing.T) {
	cfg := Config{Addr: "127.0.0.1:1", Data: t.TempDir()}
	err := (&demoCommand{Config: cfg}).Run(t.Context(), output{stdout: io.Discard, stderr: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "make run") {
		t.Errorf("err = %v", err)
	}
}

func TestField(t *testing.T) {
	page := `<form><input type="hidden" name="key" value="k1"/><input name="amount"><input value="m1" name="method"></form>`
	for name, want := range map[string]string{"key": "k1", "method": "m1"} {
		if got, err := field(page, name); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"amount", "other"} {
		if got, err := field(page, name); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAddressOf(t *testing.T) {
	for want, cfg := range map[string]Config{
		"http://127.0.0.1:8080":  {Addr: ":8080"},
		"https://127.0.0.1:8080": {Addr: "0.0.0.0:8080", LAN: true},
		"http://10.1.2.3:80":     {Addr: "10.1.2.3:80"},
		"http://localhost:1":     {Addr: "localhost:1"},
	} {
		if got := addressOf(&cfg); got != want {
			t.Errorf("%s: %s", want, got)
		}
	}
}
