package db

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/db/embedded"
)

// ownServer answers how to start, and how to stop, a server that is the test's alone.
func ownServer(t *testing.T) (start func() *embedded.Server, stop func(*embedded.Server)) {
	t.Helper()
	cfg := embedded.Config{Dir: dbtest.Dir(t), Binaries: filepath.Join(dbtest.Root(t), "node_modules"), Volatile: true}
	start = func() *embedded.Server {
		s, err := embedded.Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	stop = func(s *embedded.Server) {
		if err := s.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	return start, stop
}

// PostgreSQL stops in the middle: what was asked meanwhile is refused as unavailable, at once; when it is back all is
// well, nothing that was acknowledged is lost, and the followers go on by themselves.
func TestTheDatabaseStopsInTheMiddle(t *testing.T) {
	t.Parallel()
	start, stop := ownServer(t)
	server := start()
	url := server.URL("postgres")
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	d := openAt(t, url, t.TempDir())
	f := follow(t, d, 0)
	v, e := d.enrolled(t, "a@example.jp", 1, kaopass.ForAdmission)

	err := d.tx(t.Context(), func(t *tx) error {
		if _, err := t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: "venue", Subject: "half-way"}); err != nil {
			return err
		}
		stop(server)
		_, err := t.event(kaopass.Event{Kind: kaopass.TicketIssued, Actor: "venue", Subject: "too late"})
		return err
	})
	if !errors.Is(err, ErrUnavailable) {
		t.Errorf("in the middle of a verb: %v", err)
	}
	away := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	began := time.Now()
	away("ready", d.Ready(t.Context()))
	_, err = d.Profile(t.Context(), v.ID)
	away("a snapshot", err)
	_, err = d.Devices(t.Context())
	away("a read", err)
	away("a verb", d.Freeze(t.Context(), v.ID, true, "stf_1"))
	_, err = Open(t.Context(), Config{URL: url, Keys: t.TempDir()})
	away("a start", err)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to say so", took)
	}

	defer stop(start())
	if err := d.Ready(t.Context()); err != nil {
		t.Errorf("back again: %v", err)
	}
	p, err := d.Profile(t.Context(), v.ID)
	if err != nil || p.Enrolment == nil || p.Enrolment.ID != e.ID || p.Visitor.Frozen {
		t.Errorf("%+v %v", p, err)
	}
	d.note(t, "afterwards")
	for end := time.Now().Add(20 * time.Second); !slices.Contains(f.all(), "afterwards"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the follower has seen %v", f.all())
		}
	}
	if n := d.count(t, `SELECT count(*) FROM event WHERE subject IN ('half-way', 'too late')`); n != 0 {
		t.Errorf("%d events of a verb that was not committed", n)
	}
}
