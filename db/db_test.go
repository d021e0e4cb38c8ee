package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
)

// openTest opens a migrated database that is the test's alone, with keys of its own.
func openTest(t testing.TB) *DB {
	t.Helper()
	return openAt(t, migrated(t), t.TempDir())
}

// migrated answers the connection string of a migrated database that is the test's alone.
func migrated(t testing.TB) string {
	t.Helper()
	return dbtest.Migrated(t, SchemaSum(), func(url string) error { return Migrate(context.Background(), url) })
}

func openAt(t testing.TB, url, keys string) *DB {
	t.Helper()
	d, err := Open(t.Context(), Config{URL: url, Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestEveryStatementIsUsed(t *testing.T) {
	named, err := readQueries()
	if err != nil {
		t.Fatal(err)
	}
	used := usedStatements(new(queries))
	for name := range named {
		if !used[name] {
			t.Errorf("queries/*.sql names %q, and no field uses it", name)
		}
	}
}

func TestOpenRefusesASchemaThatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	cfg := Config{URL: dbtest.URL(t), Keys: t.TempDir()}
	if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrSchema) {
		t.Fatalf("an empty database: %v", err)
	}
	if err := Migrate(t.Context(), cfg.URL); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), cfg.URL); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	d, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, d, `INSERT INTO schema_step (version_id, is_applied) VALUES (9999, true)`)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrSchema) {
		t.Errorf("a newer schema: %v", err)
	}
}

func TestOpenRefusesOtherKeys(t *testing.T) {
	t.Parallel()
	url, keys := migrated(t), t.TempDir()
	openAt(t, url, keys)
	openAt(t, url, keys) // a second process with the same keys
	if _, err := Open(t.Context(), Config{URL: url, Keys: t.TempDir()}); !errors.Is(err, ErrKeys) {
		t.Errorf("keys missing: %v", err)
	}
	other := t.TempDir()
	openAt(t, migrated(t), other)
	if _, err := Open(t.Context(), Config{URL: url, Keys: other}); !errors.Is(err, ErrKeys) {
		t.Errorf("another venue's keys: %v", err)
	}
}

func TestOpenWithoutAServer(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Config{URL: "postgres://nobody@127.0.0.1:1/none?sslmode=disable", Keys: t.TempDir()})
	if !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	if err := openTest(t).Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTxUndoesAll(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	broken := errors.New("broken half-way")
	err := d.tx(t.Context(), func(t *tx) error {
		if _, err := t.event(kaopass.Event{Kind: kaopass.VisitorCreated, Actor: "venue"}); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	if seq, err := d.LastSeq(t.Context()); err != nil || seq != 0 {
		t.Errorf("event %d is left behind, %v", seq, err)
	}
}

func TestTxEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.tx(ctx, func(t *tx) error {
		cancel()
		_, err := t.do(t.q.Venue.Ready)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if err := d.Ready(ctx); !errors.Is(err, ErrUnavailable) {
		t.Errorf("out of time: %v", err)
	}
}

// exec runs a statement of the test's own.
func exec(t testing.TB, d *DB, text string, args ...any) {
	t.Helper()
	if _, err := d.pool.ExecContext(context.WithoutCancel(t.Context()), text, args...); err != nil {
		t.Fatal(err)
	}
}
