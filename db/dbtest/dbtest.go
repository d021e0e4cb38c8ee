// Package dbtest gives each test a PostgreSQL database of its own, on a real
// server, in parallel.
//
// Start at [Migrated], or [URL] for an empty database. What stays true:
//
//   - No test sees another's rows; a database goes when its test ends.
//   - One embedded server serves all test processes of a working copy. It is
//     started by the first to ask and stopped some seconds after the last.
//   - KAOPASS_TEST_DATABASE_URL names another server instead; its role must be
//     allowed to create databases.
package dbtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// External is the environment variable that names a server to test against.
const External = "KAOPASS_TEST_DATABASE_URL"

// dropWithin bounds the removal of a test's database.
const dropWithin = 30 * time.Second

// shared is this process's way to the server, opened when first asked for and
// given back by the process's end.
var shared = sync.OnceValues(open)

// URL returns the connection string of an empty database that is the test's
// alone.
func URL(t testing.TB) string {
	t.Helper()
	return private(t, server(t), "template1")
}

// Migrated returns the connection string of a database that is the test's
// alone and holds what migrate makes. Migrate runs once for each key, which
// must change whenever its outcome would, such as a hash of the migrations;
// every database is then a copy, which is far faster.
func Migrated(t testing.TB, key string, migrate func(url string) error) string {
	t.Helper()
	s := server(t)
	hash := sha256.Sum256([]byte(key))
	template := "template_" + hex.EncodeToString(hash[:8])
	if err := s.template(t.Context(), template, migrate); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return private(t, s, template)
}

// Dir returns a directory for a server of the test's own, removed when the
// test ends. The database's user can reach it even if the tests run as root,
// which it cannot with [testing.T.TempDir].
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kaopass-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Root is the directory of the working copy, where node_modules and models are.
func Root(t testing.TB) string {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func server(t testing.TB) *host {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	return s
}

// private copies a template for one test.
func private(t testing.TB, s *host, template string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d_%s", os.Getpid(), strings.ToLower(rand.Text()[:12]))
	if err := s.copy(t.Context(), name, template); err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		ctx, cancel := context.WithTimeout(context.Background(), dropWithin)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("dbtest: %v", err)
		}
	})
	return s.url(name)
}

func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no package-lock.json above the test's directory")
		}
		dir = parent
	}
}

// ping makes sure that a connection string leads somewhere.
func ping(ctx context.Context, db *sql.DB) error {
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("the test server does not answer: %w", err)
	}
	return nil
}
