package console_test

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/console"
	"github.com/kaopass/kaopass/views/viewtest"
)

// caseAbout is an open case about an event of that kind.
func caseAbout(kind kaopass.EventKind) kaopass.Dispute {
	return kaopass.Dispute{ID: "dsp_1", State: kaopass.DisputeIsOpen, Kind: kind, Amount: kaopass.Yen(2100), Place: "<b>ramen-1</b>",
		At: at, Opened: at, Due: at.Add(kaopass.DisputeAnswerIn)}
}

func TestDisputes(t *testing.T) {
	var list []kaopass.Dispute
	for _, kind := range []kaopass.EventKind{kaopass.AdmissionDecided, kaopass.PaymentCaptured, kaopass.PaymentAuthorised, kaopass.PaymentMissed,
		kaopass.WalletToppedUp, kaopass.CodeIssued, kaopass.MethodAdded, kaopass.TicketBound, kaopass.RecoveryDone} {
		if !(kaopass.Event{Kind: kind}).Contestable() {
			t.Errorf("%s never becomes a case", kind)
		}
		list = append(list, caseAbout(kind))
	}
	viewtest.Pages(t, "disputes", func(w views.Words) templ.Component {
		return console.Disputes(console.DisputesModel{Page: page(w), Now: at, Disputes: list})
	})
	viewtest.Pages(t, "disputes-none", func(w views.Words) templ.Component {
		return console.Disputes(console.DisputesModel{Page: page(w), Now: at})
	})
}

// A case has one first thing to do, says what happened in words where it has them, and keeps what was typed beside what is wrong.
func TestDispute(t *testing.T) {
	steps := []kaopass.Event{{At: at, Kind: kaopass.PaymentCreated, Place: "ramen-1", Status: kaopass.AwaitingFace}, {At: at, Kind: kaopass.CodeIssued}}
	viewtest.Pages(t, "dispute", func(w views.Words) templ.Component {
		return console.Dispute(console.DisputeModel{Page: page(w), Now: at, Dispute: caseAbout(kaopass.WalletToppedUp), Steps: steps, Around: steps,
			Answer: "too <long>", Wrong: w.T("console.disputes.needAnswer"), Me: "stf_1"})
	})
	var b strings.Builder
	w := views.Speak(kaopass.English)
	m := console.DisputeModel{Page: page(w), Now: at, Dispute: caseAbout(kaopass.WalletToppedUp), Steps: steps}
	if err := console.Dispute(m).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), `"button primary`); n != 1 {
		t.Errorf("%d things to do first", n)
	}
	if strings.Contains(b.String(), "payment.created") || !strings.Contains(b.String(), "code.issued") {
		t.Error("an event is named by its kind where it has no outcome, and only there")
	}
}
