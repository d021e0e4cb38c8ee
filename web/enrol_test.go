package main

import (
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

func TestWhoSignsForSomebodyYoung(t *testing.T) {
	plain := enrolGuardian{AllowDay: 3000, AllowWeek: 10_000}
	with := func(change func(g *enrolGuardian)) enrolGuardian {
		g := plain
		change(&g)
		return g
	}
	for name, test := range map[string]struct {
		flags enrolGuardian
		want  *kaopass.Guardian
		wrong string
	}{
		"nobody": {flags: plain},
		"a parent": {with(func(g *enrolGuardian) { g.Guardian, g.GuardianContact, g.AllowCard = "Taro", "Taro@Example.jp", true }),
			&kaopass.Guardian{Name: "Taro", Contact: "taro@example.jp", Allowance: kaopass.Allowance{Day: 3000, Week: 10_000, Card: true}}, ""},
		"no address":      {with(func(g *enrolGuardian) { g.Guardian, g.GuardianContact = "Taro", "at home" }), nil, "--guardian-contact"},
		"an address only": {with(func(g *enrolGuardian) { g.GuardianContact = "taro@example.jp" }), nil, "goes with --guardian"},
		"cards only":      {with(func(g *enrolGuardian) { g.AllowCard = true }), nil, "--allow-card goes with --guardian"},
		"too much":        {with(func(g *enrolGuardian) { g.Guardian, g.AllowDay = "Taro", kaopass.AllowanceMax+1 }), nil, "0 to 50000"},
	} {
		got, err := test.flags.read()
		switch {
		case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)):
			t.Errorf("%s: %v", name, err)
		case test.wrong == "" && err != nil, (got == nil) != (test.want == nil), got != nil && *got != *test.want:
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}

// TestOperatorEnrolsSomebodyYoung: as at the kiosk, nobody under 16 without a grown-up's signature.
func TestOperatorEnrolsSomebodyYoung(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	args := []string{"enrol", "--name", "Hana", "--consent", "payment", "--consent-ref", "form 7", "--young"}
	folder := t.TempDir()
	for i, photo := range d.stranger {
		args = append(args, "--image", file(t, folder, string(rune('a'+i))+".jpg", photo))
	}
	if answer, failed := v.script(t, args...); !failed || answer["reason"] != string(kaopass.AgeTooYoung) || answer["visitor_id"] != "" {
		t.Fatalf("nobody signed: %v", answer)
	}
	answer, failed := v.script(t, append(args, "--guardian", "Yamada Taro", "--allow-day", "2000", "--allow-week", "6000")...)
	if failed || answer["reason"] != "" {
		t.Fatalf("signed: %v", answer)
	}
}
