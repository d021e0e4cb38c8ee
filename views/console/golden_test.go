package console_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/console"
	"github.com/kaopass/kaopass/views/viewtest"
)

// at is the moment of everything in these pages: 9:12 on the venue's clock.
var at = time.Date(2026, 11, 22, 0, 12, 0, 0, time.UTC)

func page(w views.Words) views.Page {
	return views.Page{Words: w, Title: "Console", Path: "/console", Audience: views.ForConsole, Name: "Admin", Account: "/console/staff",
		Nav: []views.Link{{Text: "Board", Href: "/console", Icon: "layout-dashboard"}}, Styles: []string{"css/console.css"}}
}

func TestBoard(t *testing.T) {
	viewtest.Pages(t, "board", func(w views.Words) templ.Component {
		return console.Board(page(w), console.BoardModel{
			At:       at,
			Numbers:  []console.Number{{Label: "Inside", Value: "12,800", Icon: "users-round", Note: "of 30,000", Kind: views.Again}},
			Gates:    []console.Place{{Name: "east-01", Zone: "east", Href: "/console/devices/dev_1", Count: "12", Hour: "640", State: views.Tag{Kind: views.Good, Text: "ok"}, Size: 3}},
			Refusals: []console.Count{{Text: w.Short(kaopass.FaceUnclear), Href: "/console/events?reason=face_unclear", N: 3, Of: 7}},
			Latest:   []console.Line{{At: w.Time(at), Place: "east-01", Text: w.Short(kaopass.Admitted), Kind: views.Good, Href: "/console/events"}},
			Entries:  console.Series{At: []int64{at.Unix()}, N: []int{12}},
		})
	})
}

func TestEmptyBoard(t *testing.T) {
	viewtest.Pages(t, "board-empty", func(w views.Words) templ.Component { return console.Board(page(w), console.BoardModel{At: at}) })
}

func TestSignIn(t *testing.T) {
	viewtest.Pages(t, "signin", func(w views.Words) templ.Component {
		return console.SignIn(console.SignInModel{Page: page(w), Action: "/console/signin", Login: "admin", Reason: kaopass.TooManyTries})
	})
}

func devices() []kaopass.Device {
	waiting := kaopass.Device{ID: "dev_1", Role: kaopass.Gate, Name: "east-01", Zone: "east", Created: at}
	live, gone := waiting, waiting
	live.ID, live.Name, live.ClaimedAt, live.SeenAt = "dev_2", "east-02", at, at
	gone.ID, gone.Name, gone.ClaimedAt, gone.RevokedAt = "dev_3", `<script>alert("x")</script>`, at, at
	return []kaopass.Device{waiting, live, gone}
}

func TestDevices(t *testing.T) {
	viewtest.Pages(t, "devices", func(w views.Words) templ.Component {
		return console.Devices(console.DevicesModel{Page: page(w), Devices: devices(), MayChange: true, Form: console.DeviceForm{Role: kaopass.Till, Wrong: true}})
	})
}

// Who may not change anything is shown no way to.
func TestAViewerIsOfferedNothing(t *testing.T) {
	w := views.Speak(kaopass.English)
	for _, drawn := range []string{
		viewtest.Draw(t, console.Devices(console.DevicesModel{Page: page(w), Devices: devices()})),
		viewtest.Draw(t, console.Device(console.DeviceModel{Page: page(w), Device: devices()[1]})),
	} {
		if strings.Contains(drawn, `method="post"`) {
			t.Error("a viewer is offered a form")
		}
	}
}

func TestDevice(t *testing.T) {
	viewtest.Pages(t, "device", func(w views.Words) templ.Component {
		return console.Device(console.DeviceModel{Page: page(w), Device: devices()[0], ClaimCode: "AB12-CD34", ScreenURL: "https://venue.example/gate", MayChange: true})
	})
}

// A till that is locked, to a manager, who may unlock it, and to whoever may only look.
func TestALockedTill(t *testing.T) {
	till := kaopass.Device{ID: "dev_4", Role: kaopass.Till, Name: "ramen-1", Zone: "Ramen East", Created: at, ClaimedAt: at, SeenAt: at}
	m := console.DeviceModel{Device: till, MayClear: true, Lock: &console.LockModel{
		Locks: []console.TillLock{{Device: till.ID, Name: till.Name, Reason: kaopass.NotLive, Tries: 12, Since: at, Until: at.Add(10 * time.Minute)}},
		Tries: []console.TriesLine{{Reason: kaopass.CodeWrong, N: 4, Most: 30, Within: 10 * time.Minute},
			{Reason: kaopass.NotLive, N: 12, Most: 10, Within: 10 * time.Minute}},
		Cleared: []console.Clearing{{At: at, By: "Hana", Reason: kaopass.CodeWrong, Tries: 30, Why: "a school class <b>guessed</b>"}}}}
	viewtest.Pages(t, "device-locked", func(w views.Words) templ.Component {
		m := m
		m.Page = page(w)
		return console.Device(m)
	})
	m.Page, m.MayClear = page(views.Speak(kaopass.English)), false
	if drawn := viewtest.Draw(t, console.Device(m)); strings.Contains(drawn, "<form") || !strings.Contains(drawn, "no tries left") || strings.Contains(drawn, "<b>guessed") {
		t.Error(drawn)
	}
}

func TestEvents(t *testing.T) {
	events := []kaopass.Event{
		{ID: "evt_1", At: at, Kind: kaopass.AdmissionDecided, Place: "east-01", Subject: "adm_1", Decision: kaopass.Admit, Reason: kaopass.Admitted, Took: 83 * time.Millisecond},
		{ID: "evt_2", At: at, Kind: kaopass.AdmissionDecided, Place: "east-01", Subject: "adm_2", Decision: kaopass.AskStaff, Reason: kaopass.FaceMismatch},
		{ID: "evt_3", At: at, Kind: kaopass.PaymentCaptured, Place: "ramen-1", Subject: "pay_1", Status: kaopass.Captured, Amount: kaopass.Yen(1280)},
		{ID: "evt_4", At: at, Kind: kaopass.PaymentRefunded, Place: "ramen-1", Subject: "pay_1", Status: kaopass.Refunded, Amount: kaopass.Yen(1280)},
		{ID: "evt_5", At: at, Kind: kaopass.StaffSignedIn, Actor: "stf_1", Subject: "stf_1"},
	}
	viewtest.Pages(t, "events", func(w views.Words) templ.Component {
		return console.Events(console.EventsModel{Page: page(w), Events: events, Reason: kaopass.FaceMismatch, Older: "/console/events?before=1", CSV: "/console/events.csv"})
	})
}

func TestVisitors(t *testing.T) {
	card := console.VisitorCard{Visitor: kaopass.Visitor{ID: "vis_1", Name: `Hanako <b>Yamada</b>`, Contact: "hanako@example.jp", Created: at}, Enrolled: true, Alike: true, Twice: true,
		Consents: map[kaopass.Purpose]kaopass.Consent{kaopass.ForAdmission: {Purpose: kaopass.ForAdmission, SignedAt: at}},
		Tickets:  []kaopass.Ticket{{ID: "tkt_1", Number: "3955290968793", Kind: kaopass.Season, From: at, Until: at.AddDate(1, 0, 0)}}}
	viewtest.Pages(t, "visitors", func(w views.Words) templ.Component {
		return console.Visitors(console.VisitorsModel{Page: page(w), Query: "hanako@example.jp", Searched: true, Found: []console.VisitorCard{card}})
	})
	if html := viewtest.Draw(t, console.Visitors(console.VisitorsModel{Page: page(views.Speak(kaopass.English)), Found: []console.VisitorCard{card}})); strings.Contains(html, "<b>Yamada") {
		t.Error("a name is drawn as markup")
	}
}

func TestTickets(t *testing.T) {
	issued := []console.PrintedTicket{{Ticket: kaopass.Ticket{ID: "tkt_1", Number: "3955290968793", Kind: kaopass.Day, From: at, Until: at.AddDate(0, 0, 1)}, QR: "KPT1.tkt_1.sample"}}
	viewtest.Pages(t, "tickets", func(w views.Words) templ.Component {
		return console.Tickets(console.TicketsModel{Page: page(w), Most: 100, Issued: issued})
	})
}

func TestStaff(t *testing.T) {
	viewtest.Pages(t, "staff", func(w views.Words) templ.Component {
		return console.Staff(console.StaffModel{Page: page(w), Staff: []kaopass.Staff{{ID: "stf_1", Login: "admin", Name: "Admin", Role: kaopass.Admin}}, Added: "mori", Password: "BOQRECFZNMYJ"})
	})
}

func TestEveryStatusHasItsWord(t *testing.T) {
	for _, lang := range views.PageLanguages() {
		for _, status := range []kaopass.PaymentStatus{kaopass.AwaitingFace, kaopass.AwaitingCode, kaopass.AwaitingConfirmation, kaopass.Authorised,
			kaopass.Captured, kaopass.PartiallyRefunded, kaopass.Refunded, kaopass.Refused, kaopass.Declined, kaopass.Cancelled, kaopass.Expired, kaopass.Voided} {
			if key := "console.status." + string(status); views.Speak(lang).T(key) == key {
				t.Errorf("%s: no word for %s", lang, status)
			}
		}
	}
}

// policyModel is a page with everything on it: a measurement that waits, and one that was not taken.
func policyModel(w views.Words) console.PolicyModel {
	return console.PolicyModel{Page: page(w), Population: "1200000", OnSite: "150000",
		Notices: []views.Notice{{Kind: views.Info, Text: "cautious"}},
		Figures: []console.Number{{Label: "Asked", Value: "3.3 %", Icon: "key-round", Note: "of those on the site"}},
		Waiting: &console.PolicyChange{ID: "cal_1", Made: w.DateTime(at), People: "1,200", Loosens: "0.063", Step: "0.020",
			Rows: []console.ChangeRow{{Name: "Till, 1 frame", Now: "0.710 / –", Then: "0.640 / 0.230"}}},
		Source: []console.Fact{{Name: "Whose", Value: "Labeled Faces <in the Wild>", Own: true}, {Name: "Measured", Value: "2026-11-22"}},
		Limits: []string{"mostly western"},
		Gate:   []console.GateRow{{Frames: "1", Template: "3", Cosine: "0.480", Refused: "1.9 %"}},
		Till:   []console.TillRow{{Frames: "1", Who: "on the site", People: "150,000", Cosine: "0.693", C: "–", Asked: "23 %"}},
		Rules:  []console.Fact{{Name: "Budget", Value: "1 %"}},
		Needs:  []console.NeedRow{{Name: "Face size", Enrol: "45", Gate: "25", Till: "25"}},
		Living: console.NeedRow{Name: "Living", Enrol: "50 %", Gate: "30 %", Till: "30 %"},
		Runs: []console.PolicyRun{{Made: w.DateTime(at), People: "1,200", Strangers: "1,200", LeftOut: "2", Threshold: "0.640", Loosens: "+0.063",
			State: views.Tag{Kind: views.Again, Text: "Waits"}}},
		Drift: console.Drift{Label: "Threshold", From: "1 Nov", Till: "22 Nov", Low: "0.640", High: "0.710",
			Points: []console.DriftPoint{{X: 0, Y: 0, Stood: true}, {X: 0.5, Y: 1}, {X: 1, Y: 0.5, Stood: true}}},
	}
}

func TestPolicy(t *testing.T) {
	viewtest.Pages(t, "policy", func(w views.Words) templ.Component { return console.Policy(policyModel(w)) })
}

func TestPolicyOfANewVenue(t *testing.T) {
	viewtest.Pages(t, "policy-new", func(w views.Words) templ.Component {
		return console.Policy(console.PolicyModel{Page: page(w), Population: "1", OnSite: "0"})
	})
	drawn := viewtest.Draw(t, console.Policy(console.PolicyModel{Page: page(views.Speak(kaopass.English))}))
	if strings.Contains(drawn, `method="post"`) || strings.Contains(drawn, "<svg viewBox") {
		t.Error("something to decide, or a chart of nothing")
	}
}

func TestCards(t *testing.T) {
	lost := console.LostCard{Charge: "chg_1", Payment: "pay_1", Place: "Ramen 2", Store: "food-hall", Amount: kaopass.Yen(1200), Missing: kaopass.Yen(1200), Why: "hold_expired",
		Found: at, Choices: kaopass.Lost{Missing: 1200}.Choices()}
	topUp, borne, done := lost, lost, lost
	topUp.Charge, topUp.Payment, topUp.Place, topUp.Why, topUp.Missing, topUp.Choices = "chg_2", "", "", "unanswered", kaopass.Yen(0), kaopass.Lost{}.Choices()
	topUp.Words = "the guest will pay"
	borne.Charge, borne.Missing, borne.Choices = "chg_4", kaopass.Yen(700), kaopass.Lost{Missing: 700, Became: kaopass.BorneByVenue}.Choices()
	borne.Ends = []console.LostEnd{{Became: kaopass.BorneByVenue, Amount: kaopass.Yen(900), Transfer: "trf_06jm6y3qg3jwn4ev47kw77r0gm", Answer: "the bank says no", By: "stf_1", At: at}}
	twice := borne
	twice.Charge, twice.Choices = "chg_6", kaopass.Lost{Collected: 900, Became: kaopass.PaidAtDesk}.Choices()
	twice.Ends = []console.LostEnd{{Became: kaopass.PaidAtDesk, Amount: kaopass.Yen(900), Transfer: "trf_06jm6y3qg3jwn4ev47kw77r0gm", Answer: "she came by", By: "stf_1", At: at}}
	done.Charge, done.Choices = "chg_5", nil
	done.Ends = []console.LostEnd{{Became: kaopass.PaidAfterAll, Answer: "it is on their statement", By: "stf_1", At: at}}
	viewtest.Pages(t, "cards", func(w views.Words) templ.Component {
		return console.Cards(console.CardsModel{Page: page(w), Open: []console.LostCard{lost, topUp}, Settled: []console.LostCard{borne, twice, done}, Key: "key",
			Slow:  []console.SlowCard{{Charge: "chg_3", Payment: "pay_3", Verb: "refund", Amount: kaopass.Yen(300), Tries: 11, Since: at, Next: at.Add(time.Hour)}},
			Staff: map[kaopass.StaffID]string{"stf_1": "Hana"}, Typed: console.LostAnswer{Charge: "chg_1", Became: kaopass.PaidAtDesk, Answer: "typed", Wrong: "answer"}})
	})
	viewtest.Pages(t, "cards-none", func(w views.Words) templ.Component { return console.Cards(console.CardsModel{Page: page(w)}) })
}
