package main

import (
	"bytes"
	"database/sql"
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

// Somebody fills a wallet past every trigger: the command names the wallet, shows both sides, and fails.
func TestAuditLedgerExplains(t *testing.T) {
	url := dbtest.URL(t)
	t.Setenv("DATABASE_URL", url)
	t.Setenv("KAOPASS_DATA", t.TempDir())
	audit := func(more ...string) (string, string, error) {
		var out, log bytes.Buffer
		err := run(t.Context(), append([]string{"audit", "ledger"}, more...), &out, &log)
		return out.String(), log.String(), err
	}
	if out, log, err := audit(); err != nil {
		t.Fatal(out, log, err)
	}
	pool, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	_, err = pool.ExecContext(t.Context(), `SET session_replication_role = replica;
		INSERT INTO account (id, kind, owner, currency, balance, held, opened_at) VALUES ('acc_forged', 'wallet', 'vis_1', 'JPY', 900, 0, now())`)
	if err != nil {
		t.Fatal(err)
	}
	out, log, err := audit()
	if !errors.Is(err, errSaid) || !strings.Contains(log, "says balance 900") || !strings.Contains(log, "\n    transfers of acc_forged: 0 posted in") {
		t.Errorf("%v\n%s\n%s", err, out, log)
	}
	text, _, err := audit("--json")
	var found db.Audit
	if wrong := json.Unmarshal([]byte(text), &found); wrong != nil || !errors.Is(err, errSaid) || found.OK ||
		len(found.Explained) != 1 || found.Explained[0].Kind != "wallets" || len(found.Explained[0].Rows) != 2 {
		t.Errorf("%v %v %s", err, wrong, text)
	}
}
