package main

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
)

// venue is the real program with a database and a port of its own, and everything that it says.
type venue struct {
	*program
	cfg Config
	log *journal
}

// open starts a venue for one test. When the test ends, it must close without a fault.
func open(t *testing.T, change func(*Config)) *venue {
	t.Helper()
	slow(t)
	v := &venue{cfg: demoConfig(t), log: &journal{}}
	v.cfg.Data = filepath.Join(dbtest.Dir(t), "var")
	if change != nil {
		change(&v.cfg)
	}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(v.log, nil)))
	var err error
	if v.program, err = start(t.Context(), &v.cfg, output{stdout: v.log, stderr: v.log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
		slog.SetDefault(before)
	})
	return v
}

// slow marks a test that starts the whole program: -short, which the race detector's run is, does without.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the whole program is not started")
	}
}

// story is a gate, a till, tickets, and the people who come: franck as he enrols and as he comes back, and another man.
func (v *venue) story(t *testing.T) *story {
	t.Helper()
	d, err := newStory(v.store, &v.cfg, v.url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.stranger, err = d.laptop.JPEGs(); err != nil {
		t.Fatal(err)
	}
	return d
}

// journal is a log that many may write.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds to the log.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// inboxLine is the one line of a demonstration's log that holds a code, on purpose: it is how one signs in without mail.
var inboxLine = regexp.MustCompile(`(?m)^.*demo inbox: .*$`)

// keepsQuiet checks that the log has no fault, no number of a vector, and none of the secrets.
func (j *journal) keepsQuiet(t *testing.T, secrets ...string) {
	t.Helper()
	log := inboxLine.ReplaceAllString(j.String(), "")
	quiet(t, log)
	for _, secret := range secrets {
		if secret != "" && regexp.MustCompile(`\b`+regexp.QuoteMeta(secret)+`\b`).MatchString(log) {
			t.Errorf("the log holds the secret %s", secret)
		}
	}
}

// laptopLater are photos of the other man: as he enrols, and from another take.
func laptopLater(cfg *Config) (enrolling, later [][]byte, err error) {
	first, second, err := virtual.Laptop(virtual.MediaDir(cfg.Packages))
	if err != nil {
		return nil, nil, err
	}
	enrolling, err = first.JPEGs()
	if err == nil {
		later, err = second.JPEGs()
	}
	return enrolling, later, err
}
