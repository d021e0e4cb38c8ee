package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
)

// fees runs `kaopass fee …` and reads what it printed.
func fees(t *testing.T, args ...string) (out feesOutput, text, log string, err error) {
	t.Helper()
	var said, logged bytes.Buffer
	err = run(t.Context(), append([]string{"fee"}, args...), &said, &logged)
	if strings.HasPrefix(said.String(), "{") {
		if bad := json.Unmarshal(said.Bytes(), &out); bad != nil {
			t.Error(bad)
		}
	}
	return out, said.String(), logged.String(), err
}

// A store's rates by command: what the console's page refuses is refused, what is replaced is not to come, and whoever set a
// rate stands beside it.
func TestFeesByCommand(t *testing.T) {
	t.Setenv("DATABASE_URL", dbtest.URL(t))
	t.Setenv("KAOPASS_DATA", t.TempDir())
	if out, _, log, err := fees(t, "list"); err != nil || len(out.Stores) != 0 || !strings.Contains(log, "No store yet") {
		t.Error(log, err)
	}
	for _, args := range []string{"device add --role till --name ramen-1 --zone ramen", "device add --role till --name tea-1 --zone tea",
		"staff add --login hana --role admin", "staff add --login jun --role manager"} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err != nil {
			t.Fatal(args, err)
		}
	}
	today := kaopass.TradeDayOf(time.Now())
	tomorrow, later := string(today.Add(1)), string(today.Add(7))
	for _, c := range []struct {
		args string
		want error
	}{
		{"--store ramen --points 250 --from " + string(today), errFrom},
		{"--store ramen --points 250 --from " + string(today.Add(kaopass.FeeAheadMax+1)), errFrom},
		{"--store ramen --points 250 --from soon", errFrom},
		{"--store ramen --points 3001 --from " + tomorrow, errPoints},
		{"--store ramen --points=-1 --from " + tomorrow, errPoints},
		{"--store sushi --points 250 --from " + tomorrow, errNoStore},
		{"--store ramen --points 250 --by jun --from " + tomorrow, errBy},
		{"--store ramen --points 250 --by nobody --from " + tomorrow, errBy},
	} {
		if _, text, _, err := fees(t, append([]string{"set"}, strings.Fields(c.args)...)...); !errors.Is(err, c.want) || text != "" {
			t.Errorf("%s: %v %s", c.args, err, text)
		}
	}
	for _, args := range []string{"--points 900 --from " + tomorrow, "--points 0 --from " + later, "--points 250 --by hana --from " + tomorrow} {
		if _, text, _, err := fees(t, append([]string{"set", "--store", "ramen"}, strings.Fields(args)...)...); err != nil || !strings.Contains(text, " % from ") {
			t.Fatal(args, text, err)
		}
	}
	all, text, _, err := fees(t, "list", "--json")
	if err != nil || all.Today != today || len(all.Stores) != 2 || all.Stores[1].Store != "tea" || len(all.Stores[1].Next) != 0 {
		t.Fatal(text, err)
	}
	for _, key := range []string{"today", "stores", "store", "points", "in_force", "next", "from", "set_at", "set_by", "login"} {
		if !strings.Contains(text, `"`+key+`":`) {
			t.Errorf("no %s in %s", key, text)
		}
	}
	ramen := all.Stores[0]
	if ramen.Store != "ramen" || ramen.Points != 0 || ramen.InForce != nil || len(ramen.Next) != 2 {
		t.Fatal(text)
	}
	if soon, then := ramen.Next[0], ramen.Next[1]; soon.Points != 250 || string(soon.From) != tomorrow || soon.Login != "hana" ||
		!kaopass.PrefixStaff.Is(soon.SetBy) || time.Since(soon.SetAt) > time.Hour || then.Points != 0 || then.SetBy != operator || then.Login != "" {
		t.Errorf("%+v", ramen.Next)
	}
	if _, text, _, err := fees(t, "list", "--store", "ramen"); err != nil || !strings.Contains(text, "2.50 % from "+tomorrow) ||
		!strings.Contains(text, "by hana") || !strings.Contains(text, "none was set") || strings.Contains(text, "tea") || strings.Contains(text, "9.00") {
		t.Error(text, err)
	}
	if _, _, _, err := fees(t, "list", "--store", "sushi"); !errors.Is(err, errNoStore) {
		t.Error(err)
	}
	if _, text, _, err := fees(t, "set", "--store", "tea", "--points", "100", "--from", later, "--json"); err != nil ||
		strings.Contains(text, "ramen") || !strings.Contains(text, `"points":100,"from":"`+later+`"`) {
		t.Error(text, err)
	}
}

// In force is the rate of today, not the last that was set.
func TestTheRateInForceIsListed(t *testing.T) {
	today := kaopass.TradeDay("2026-07-02")
	rates := []kaopass.FeeRate{{Store: "tea", Points: 500, From: "2026-07-03", SetBy: "stf_gone"}, {Store: "tea", Points: 300, From: "2026-07-01", SetBy: operator}}
	out := feesJSON([]db.StoreFee{{Store: "tea", Points: 300, Rates: rates}}, nil, today)
	if tea := out.Stores[0]; tea.InForce == nil || tea.InForce.Points != 300 || tea.InForce.SetBy != operator || len(tea.Next) != 1 || tea.Next[0].SetBy != "stf_gone" {
		t.Errorf("%+v", tea)
	}
}
