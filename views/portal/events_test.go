package portal

import (
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Every kind of event that a visitor can meet is told in words, in both languages, with nothing left to fill in.
func TestEveryEventIsToldInWords(t *testing.T) {
	kinds := []kaopass.EventKind{kaopass.AdmissionDecided, kaopass.PaymentEnded, "something.new"}
	for kind := range plainKeys() {
		kinds = append(kinds, kind)
	}
	for _, language := range views.PageLanguages() {
		w := views.Speak(language)
		for _, kind := range kinds {
			for _, decision := range []kaopass.Decision{kaopass.Admit, kaopass.Refuse, kaopass.AskStaff} {
				got := sentence(w, kaopass.Event{Kind: kind, Decision: decision, Place: "east-07", Amount: kaopass.Yen(800), Purpose: kaopass.ForPayment})
				if got == "" || strings.HasPrefix(got, "data.") || strings.ContainsAny(got, "{<") {
					t.Errorf("%s %s in %s: %q", kind, decision, language, got)
				}
			}
		}
	}
}

// A gate is told by its name, a till by its store's, which is what stands above the door.
func TestWhereSomethingHappened(t *testing.T) {
	for _, c := range []struct {
		e    kaopass.Event
		want string
	}{
		{kaopass.Event{Kind: kaopass.PaymentCaptured, Purpose: kaopass.ForPayment, Place: "till-07", Zone: "Ramen East"}, "Ramen East"},
		{kaopass.Event{Kind: kaopass.PaymentCaptured, Purpose: kaopass.ForPayment, Place: "till-07"}, "till-07"},
		{kaopass.Event{Kind: kaopass.AdmissionPassed, Purpose: kaopass.ForAdmission, Place: "east-07", Zone: "east"}, "east-07"},
		{kaopass.Event{Kind: kaopass.AdmissionPassed, Zone: "east"}, "east"},
		{kaopass.Event{}, "–"},
	} {
		if got := placeOf(c.e); got != c.want {
			t.Errorf("%+v: %s", c.e, got)
		}
	}
	if got := caseSentence(views.Speak(kaopass.English), kaopass.Dispute{Kind: kaopass.PaymentCaptured, Place: "till-07", Store: "Ramen East",
		Amount: kaopass.Yen(800)}); got != "You paid ¥800 at Ramen East" {
		t.Error(got)
	}
}

func TestOnlyWhatSomebodyElseCouldHaveDoneIsContested(t *testing.T) {
	for kind, want := range map[kaopass.EventKind]bool{
		kaopass.AdmissionDecided: true, kaopass.PaymentCaptured: true, kaopass.CodeIssued: true,
		kaopass.ConsentGiven: false, kaopass.StaffLooked: false, kaopass.VisitorCreated: false,
	} {
		if (kaopass.Event{Kind: kind}).Contestable() != want {
			t.Errorf("%s: Contestable is not %v", kind, want)
		}
	}
}

func TestEventIconsExist(t *testing.T) {
	for kind := range plainKeys() {
		if eventIcon(kaopass.Event{Kind: kind}) == "" {
			t.Errorf("%s has no icon", kind)
		}
	}
}

func TestMinutesAreNeverTooEarly(t *testing.T) {
	for wait, want := range map[time.Duration]int{time.Second: 1, time.Minute: 1, 61 * time.Second: 2} {
		if got := minutes(wait); got != want {
			t.Errorf("%s: %d minutes", wait, got)
		}
	}
}

func TestReceiptHoldsTheVeryTextThatWasSigned(t *testing.T) {
	m := ReceiptModel{Visitor: kaopass.Visitor{Contact: "a@b.jp", Name: "Yuki"}}
	m.Consents = []SignedConsent{{Consent: kaopass.Consent{Purpose: kaopass.ForAdmission, TextHash: "abc", SignedAt: time.Unix(1, 0)}}}
	m.Consents[0].Text.Text = "# Title\n\nwords & <marks>\n"
	got := ReceiptText(views.Speak(kaopass.English), m)
	rule := strings.Repeat("-", 72) + "\n"
	if !strings.Contains(got, rule+"# Title\n\nwords & <marks>\n"+rule) || !strings.Contains(got, "abc") {
		t.Errorf("receipt:\n%s", got)
	}
}
