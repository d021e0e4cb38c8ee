package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
)

func TestAuditCommands(t *testing.T) {
	t.Setenv("DATABASE_URL", dbtest.URL(t))
	t.Setenv("KAOPASS_DATA", t.TempDir())
	said := func(args ...string) (string, string, error) {
		t.Helper()
		var out, log bytes.Buffer
		err := run(t.Context(), append([]string{"audit"}, args...), &out, &log)
		return out.String(), log.String(), err
	}
	for command, keys := range map[string][]string{
		"ledger": {"ok", "breaches", "accounts", "transfers", "payments", "keys"},
		"verify": {"ok", "breaches", "links", "events", "unsealed", "head"},
	} {
		text, _, err := said(command, "--json")
		var object map[string]any
		if err := errors.Join(err, json.Unmarshal([]byte(text), &object)); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if _, ok := object[key]; !ok {
				t.Errorf("%s: no %q in %s", command, key, text)
			}
		}
		if object["ok"] != true {
			t.Error(text)
		}
		if text, _, err := said(command); err != nil || !strings.Contains(text, "breaches") {
			t.Error(text, err)
		}
	}
}

func TestABreachIsNamedAndFails(t *testing.T) {
	cfg := &Config{Database: dbtest.URL(t), Data: t.TempDir()}
	var out, log bytes.Buffer
	o := output{stdout: &out, stderr: &log}
	err := audited(t.Context(), cfg, o, func(s *store) (bool, error) {
		_, err := s.IssueTickets(t.Context(), db.IssueTickets{Kind: kaopass.Season, Count: 1, Actor: operator})
		return false, errors.Join(err, o.findings([]string{"wallet acc_1 is below zero"}, nil))
	})
	if !errors.Is(err, errSaid) || !strings.Contains(log.String(), "wallet acc_1") || !strings.Contains(out.String(), "1") {
		t.Errorf("%v %q %q", err, out.String(), log.String())
	}
	fault := errors.New("no such place")
	if err := audited(t.Context(), cfg, o, func(*store) (bool, error) { return false, fault }); !errors.Is(err, fault) {
		t.Error(err)
	}
}
