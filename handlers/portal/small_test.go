package portal

import (
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	pages "github.com/kaopass/kaopass/views/portal"
)

func TestDigits(t *testing.T) {
	for typed, want := range map[string]string{"123456": "123456", " 123 456 ": "123456", "１２３-４５６": "123456", "12a4": "12x4", "¥1,200": "1200", "１，２００円": "1200", "": ""} {
		if got := digits(typed); got != want {
			t.Errorf("%q: %q, wanted %q", typed, got, want)
		}
	}
}

func TestTidy(t *testing.T) {
	for typed, want := range map[string]string{"  山田　ゆき ": "山田 ゆき", "a\x00b": "ab", "a\u202eb": "ab", "\xff": "", "a\n\tb": "a b"} {
		if got := tidy(typed); got != want {
			t.Errorf("%q: %q, wanted %q", typed, got, want)
		}
	}
}

func TestOnlyDrawingsAreDrawings(t *testing.T) {
	good := "M1 1" + strings.Repeat("L20 30", strokesMin)
	for mark, want := range map[string]bool{
		good: true, "": false, "M1 1L2 2": false, "x" + good: false, good + `"/>`: false, good + "\n": false,
		"M1 1" + strings.Repeat("L20 30", kaopass.SignMarkMax): false,
	} {
		if isDrawing(mark) != want {
			t.Errorf("%.40q: not %v", mark, want)
		}
	}
}

func TestDeviceName(t *testing.T) {
	for agent, want := range map[string]string{"Mozilla/5.0 (iPhone; CPU …": "iPhone", "Mozilla/5.0 (Macintosh; Intel": "Mac", "curl": "–"} {
		if got := deviceName(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}

func TestStationsInOrder(t *testing.T) {
	stands := kaopass.Consent{SignedAt: time.Unix(1, 0)}
	both := map[kaopass.Purpose]kaopass.Consent{kaopass.ForAdmission: stands, kaopass.ForPayment: stands}
	named := kaopass.Visitor{Name: "Yuki"}
	face, ticket := &kaopass.Enrolment{}, []db.HeldTicket{{}}
	for _, step := range []struct {
		profile db.Profile
		after   pages.Step
		want    string
	}{
		{db.Profile{}, "", "/name"},
		{db.Profile{}, pages.StepName, "/choice"},
		{db.Profile{}, pages.StepChoice, "/ticket"}, // nothing agreed: no camera on the way
		{db.Profile{Visitor: named, Consents: both}, "", "/ready"},
		{db.Profile{Visitor: named, Consents: both, Enrolment: face}, "", "/ticket"},
		{db.Profile{Visitor: named, Consents: both, Enrolment: face, Tickets: ticket}, "", "/code"},
		{db.Profile{Visitor: named, Consents: both, Enrolment: face, Tickets: ticket}, pages.StepCode, "/wallet"},
		{db.Profile{Visitor: named, Consents: both, Enrolment: face, Tickets: ticket, CodeIssued: time.Unix(1, 0),
			Wallet: &db.Wallet{Balance: kaopass.Yen(1)}}, "", "/home"},
		{db.Profile{}, "nonsense", "/name"},
	} {
		if got := stationAfter(step.profile, step.after); got != step.want {
			t.Errorf("after %q: %s, wanted %s", step.after, got, step.want)
		}
	}
}

func TestGoodTicketsComeFirst(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	ticket := func(id string, kind kaopass.TicketKind, until time.Time) db.HeldTicket {
		return db.HeldTicket{Ticket: kaopass.Ticket{ID: kaopass.TicketID(id), Kind: kind, Until: until}}
	}
	got := cards([]db.HeldTicket{ticket("old", kaopass.Season, now), ticket("day", kaopass.Day, now.Add(time.Hour)), ticket("good", kaopass.Season, now.Add(time.Hour))}, now)
	if got[0].ID != "good" || got[1].ID != "day" || got[2].ID != "old" {
		t.Errorf("%v %v %v", got[0].ID, got[1].ID, got[2].ID)
	}
}
