package main

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
)

// A venue with a database server of its own names the owner for migrations, and another role to work as.
func TestAVenueOfTwoRoles(t *testing.T) {
	owner := dbtest.URL(t)
	pool, err := sql.Open("postgres", owner)
	if err != nil {
		t.Fatal(err)
	}
	const role = "venue_of_two_roles"
	exec := func(statement string) error {
		_, err := pool.Exec(statement)
		return err
	}
	if err := exec("DROP ROLE IF EXISTS " + role + "; CREATE ROLE " + role + " LOGIN PASSWORD 'hunter2'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := exec("DROP OWNED BY " + role + "; DROP ROLE " + role); err != nil {
			t.Error(err)
		}
		_ = pool.Close()
	})
	as, err := url.Parse(owner)
	if err != nil {
		t.Fatal(err)
	}
	as.User = url.UserPassword(role, "hunter2")
	cfg := &Config{Database: as.String(), Owner: owner, Data: t.TempDir()}
	for range 2 { // the second start changes nothing
		s, err := openStore(t.Context(), cfg, t.Output())
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.IssueTickets(t.Context(), db.IssueTickets{Kind: kaopass.Season, Count: 1, Actor: operator})
		if err != nil {
			t.Error(err)
		}
		if audit, err := s.AuditLedger(t.Context()); err != nil || !audit.OK {
			t.Error(audit, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if shown := cfg.Printable(); strings.Contains(shown.Database+shown.Owner, "hunter2") {
		t.Error(shown.Database, shown.Owner)
	}
	cfg.Owner = "" // as long as there is nothing to migrate, its address may be kept elsewhere
	s, err := openStore(t.Context(), cfg, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
