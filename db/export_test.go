package db

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// personal are the columns by which a row may be somebody's.
var personal = []string{"visitor", "payer", "named", "holder", "owner", "key_owner", "contact_hash", "enrolment", "older", "newer",
	"charge", "payment", "method", "subject"}

// exportedElsewhere are the tables that Export reads with other verbs, and under which name they leave the house.
func exportedElsewhere() map[string]string {
	return map[string]string{"visitor": "visitor", "account": "wallet.balance", "transfer": "wallet.history", "ticket": "tickets",
		"guardian": "guardian and wards", "event": "events"}
}

// notExported are the tables that no export tells of, and why.
func notExported() map[string]string {
	return map[string]string{
		"person_key":   "the key that seals the face: a copy of it would undo erasing",
		"sign_in_code": "a hash of six digits that live for ten minutes, found by a hash of the contact, which is exported itself",
		"request_key":  "answers to one's own forms, kept for a day so that two taps are one; what they did is in the other lists",
		"card_intent":  "the card company's name for a charge of the list card_charges, which says the same of it",
		"pay_limits":   "the venue's own limits: its column payment is a sum of yen",
		"snapshot_key": "the key of a file of templates: a copy of it would undo erasing",
	}
}

// A table in which something may be somebody's is in their export, or on the list of those that are not, with the reason.
func TestEveryTableOfAVisitorIsExported(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	text, err := queryFiles.ReadFile("queries/export.sql")
	r.ok(err)
	var told []string
	for _, m := range regexp.MustCompile(`(?:FROM|JOIN) ([a-z_]+)`).FindAllStringSubmatch(string(text), -1) {
		told = append(told, m[1])
	}
	var tables []struct{ Name, Columns string }
	r.ok(r.pool.SelectContext(r.ctx, &tables, `SELECT table_name AS name, string_agg(column_name, ' ') AS columns
		FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY 1 ORDER BY 1`))
	if len(tables) < 40 {
		t.Fatalf("only %d tables", len(tables))
	}
	for _, table := range tables {
		somebodys := slices.ContainsFunc(strings.Fields(table.Columns), func(c string) bool { return slices.Contains(personal, c) })
		_, elsewhere := exportedElsewhere()[table.Name]
		why, left := notExported()[table.Name]
		if somebodys && !slices.Contains(told, table.Name) && !elsewhere && !left {
			t.Errorf("%s may hold something of a visitor (%s): put it into queries/export.sql, or say here why not", table.Name, table.Columns)
		}
		if left && len(why) < 20 {
			t.Errorf("%s is left out without a reason", table.Name)
		}
	}
}

// kept reads the lists of an export.
func (r *rig) kept(id kaopass.VisitorID) map[string][]json.RawMessage {
	r.Helper()
	e, err := r.Export(r.ctx, id)
	r.ok(err)
	var lists map[string][]json.RawMessage
	r.ok(json.Unmarshal(e.Kept, &lists))
	return lists
}

func TestExportTellsEverythingOfOnePersonAndNothingOfAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro Yamada", 20_000)
	you, other := r.visitor(2, "Hanako Secret", 20_000)
	child, _ := r.visitor(3, "Hana Yamada", 0)
	r.ok(r.SignGuardian(r.ctx, child, kaopass.Guardian{Name: "Taro Yamada", Contact: "visitor1@example.com", Allowance: kaopass.Allowance{Day: 1000, Week: 2000}}, aiko))
	r.card(me)
	paid := r.pay(1200, false, enr, me)
	r.pay(1300, false, other, you)
	r.showFace(r.open(kaopass.CodeAbove, false).ID, kaopass.Enough, enr, other)
	must(r.SetOwnLimit(r.ctx, me, 5000))
	r.clock.turn(time.Minute)
	c := must(r.OpenDispute(r.ctx, me, string(paid.ID)))
	r.ok(r.RejectDispute(r.ctx, kaopass.Key{}, aiko, c.ID, "It was your son's lunch."))

	e := must(r.Export(r.ctx, me))
	if e.Frozen.By != kaopass.FrozenByDispute || len(e.Wards) != 1 || e.Wards[0].Name != "H. Y." {
		t.Errorf("%+v %+v", e.Frozen, e.Wards)
	}
	if g := must(r.Export(r.ctx, child)).Profile.Guardian; g == nil || g.Contact != "visitor1@example.com" {
		t.Errorf("guardian: %+v", g)
	}
	if len(e.Signed) != 2 || e.Signed[0].Mark != "form 12" {
		t.Errorf("signatures: %+v", e.Signed)
	}
	lists := r.kept(me)
	for name, want := range map[string]int{"consents": 2, "face": 1, "methods": 2, "own_limit": 1, "payments": 1, "cases": 1} {
		if len(lists[name]) != want {
			t.Errorf("%s: %d, want %d", name, len(lists[name]), want)
		}
	}
	if !strings.Contains(string(lists["cases"][0]), "It was your son's lunch.") {
		t.Errorf("the decision of a case is not told: %s", lists["cases"][0])
	}
	if !slices.ContainsFunc(e.Events, func(e kaopass.Event) bool { return e.Kind == kaopass.PaymentFaced }) {
		t.Error("a try is not told")
	}
	for _, somebody := range []string{string(you), "Hanako", "visitor2", string(aiko), string(other)} {
		if strings.Contains(string(e.Kept), somebody) {
			t.Errorf("the export tells of %s", somebody)
		}
	}
	for _, secret := range []string{"token", "sealed", "hash\"", "tok_"} {
		if strings.Contains(string(e.Kept), secret) {
			t.Errorf("the export holds %q", secret)
		}
	}
}
