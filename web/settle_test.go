package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
)

// settles runs `kaopass settle` and reads what it printed.
func settles(t *testing.T, args ...string) (out settledOutput, text, log string, err error) {
	t.Helper()
	var said, logged bytes.Buffer
	err = run(t.Context(), append([]string{"settle"}, args...), &said, &logged)
	if strings.HasPrefix(said.String(), "{") {
		if bad := json.Unmarshal(said.Bytes(), &out); bad != nil {
			t.Error(bad)
		}
	}
	return out, said.String(), logged.String(), err
}

// A charge that only the card company knows fails the command by its id, on its own day and on no other.
func TestSettleFindsWhatOnlyTheCompanyHas(t *testing.T) {
	data := t.TempDir()
	t.Setenv("DATABASE_URL", dbtest.URL(t))
	t.Setenv("KAOPASS_DATA", data)
	day := kaopass.TradeDayOf(time.Now()).Add(-2)
	from, _ := day.Span()
	at := from.Add(time.Hour).Format(time.RFC3339)
	journal := `{"op":"hold","id":"chg_stray","amount":900,"at":"` + at + `"}
{"op":"capture","id":"chg_stray","amount":900,"at":"` + at + `"}
{"op":"capture","id":"chg_cut`
	if err := os.WriteFile(filepath.Join(data, cardJournal), []byte(journal), 0o600); err != nil {
		t.Fatal(err)
	}
	out, text, _, err := settles(t, "--day", string(day), "--json")
	if !errors.Is(err, errSaid) || out.OK || out.Day != day || out.Found != 1 || len(out.Differences) != 1 || !out.Closed {
		t.Fatal(text, err)
	}
	if d := out.Differences[0]; d.Kind != kaopass.NotInLedger || d.Charge != "chg_stray" || d.Theirs != 900 || d.Means == "" {
		t.Errorf("%+v", d)
	}
	for _, key := range []string{"ok", "day", "closed", "settlements", "card", "provider", "emoney", "tills", "differences", "settled", "settled_by_hand"} {
		if !strings.Contains(text, `"`+key+`":`) {
			t.Errorf("no %s in %s", key, text)
		}
	}
	if _, text, log, err := settles(t, "--day", string(day)); !errors.Is(err, errSaid) || !strings.Contains(log, "chg_stray") || !strings.Contains(text, "differences") {
		t.Error(text, log, err)
	}
	if out, text, _, err := settles(t, "--json"); err != nil || !out.OK || out.Day != day.Add(1) {
		t.Error("yesterday:", text, err)
	}
	if whole, err := os.ReadFile(filepath.Join(data, cardJournal)); err != nil || string(whole) != journal {
		t.Error("the journal was touched:", err)
	}
	if _, _, _, err := settles(t, "--day", "yesterday"); err == nil || errors.Is(err, errSaid) {
		t.Error("a day that is none:", err)
	}
}

func TestEachDifferenceIsSaid(t *testing.T) {
	for _, kind := range kaopass.DifferenceKinds() {
		if settleSays(kind) == "" {
			t.Errorf("nothing is said of %s", kind)
		}
	}
}

func TestARegistrationHasItsForm(t *testing.T) {
	for number, good := range map[string]bool{"T1234567890123": true, "1234567890123": false, "": true} {
		t.Setenv("KAOPASS_REGISTRATION", number)
		var out, log bytes.Buffer
		if err := run(t.Context(), []string{"config"}, &out, &log); (err == nil) != good {
			t.Errorf("%q: %v", number, err)
		}
	}
}
