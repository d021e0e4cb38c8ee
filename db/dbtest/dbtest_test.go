package dbtest

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func connect(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func exists(t *testing.T, name string) (there bool) {
	t.Helper()
	h := server(t)
	if err := h.admin.QueryRowContext(t.Context(), h.queries["exists"].Query, name).Scan(&there); err != nil {
		t.Fatal(err)
	}
	return there
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := connect(t, URL(t))
			exec(t, db, "CREATE TABLE mine (n int)") // fails if it is another's
		})
	}
}

func TestADatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		db := connect(t, URL(t))
		if err := db.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
		// A session that the test forgets must not keep it.
		forgotten, err := sql.Open("postgres", server(t).url(name))
		if err != nil {
			t.Fatal(err)
		}
		exec(t, forgotten, "SELECT 1")
	})
	if exists(t, name) {
		t.Errorf("%s is still there", name)
	}
}

func TestMigratedRunsOnceForAKey(t *testing.T) {
	t.Parallel()
	key := fmt.Sprint("a key for this run only ", os.Getpid(), time.Now())
	var runs atomic.Int32
	migrate := func(url string) error {
		runs.Add(1)
		db, err := sql.Open("postgres", url)
		if err != nil {
			return err
		}
		_, err = db.Exec("CREATE TABLE made (n int); INSERT INTO made VALUES (42)")
		return errors.Join(err, db.Close())
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			begin := time.Now()
			db := connect(t, Migrated(t, key, migrate))
			t.Logf("a copy in %v", time.Since(begin).Round(time.Millisecond))
			exec(t, db, "DELETE FROM made WHERE n = 42")
		})
	}
	wg.Wait()
	if runs.Load() != 1 {
		t.Errorf("migrated %d times", runs.Load())
	}
}

func TestAbandoned(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		fmt.Sprintf("test_%d_x", os.Getpid()):  false,
		fmt.Sprintf("test_%d_x", os.Getppid()): false,
		"test_2147483646_x":                    true, // above every pid_max
		"test_x":                               false,
		"test_me_x":                            false,
	} {
		if got := abandoned(name); got != want {
			t.Errorf("abandoned(%q) = %v", name, got)
		}
	}
}

func TestURLOn(t *testing.T) {
	t.Parallel()
	url, err := urlOn("postgres://me:secret@db.example:5433/any?sslmode=require")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := url("other"), "postgres://me:secret@db.example:5433/other?sslmode=require"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := urlOn("host=db user=me"); err == nil {
		t.Error("a key=value string was taken for a URL")
	}
}

func BenchmarkURL(b *testing.B) {
	for b.Loop() {
		h, err := shared()
		if err != nil {
			b.Fatal(err)
		}
		if err := errors.Join(h.copy(b.Context(), "bench_copy", "template1"), h.drop(b.Context(), "bench_copy")); err != nil {
			b.Fatal(err)
		}
	}
}
