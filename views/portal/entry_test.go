package portal

import (
	"slices"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// lines are one of each sentence that the history can say.
func lines() map[string]EntryLine {
	at := func(e EntryLine) EntryLine { e.Place, e.Method = "Ramen 2", kaopass.EMoney; return e }
	ended := func(status kaopass.PaymentStatus, set int64) EntryLine {
		return at(EntryLine{Kind: kaopass.PaymentEnded, Status: string(status), Asked: kaopass.Yen(800), Set: kaopass.Yen(set)})
	}
	return map[string]EntryLine{
		"in":          {Kind: kaopass.WalletToppedUp, Amount: kaopass.Yen(5000)},
		"notIn":       {Kind: kaopass.TopUpRefused, Asked: kaopass.Yen(5000), Reason: kaopass.CardDeclined},
		"paid":        at(EntryLine{Kind: kaopass.PaymentCaptured, Amount: kaopass.Yen(-800), Set: kaopass.Yen(800)}),
		"paidLess":    at(EntryLine{Kind: kaopass.PaymentCaptured, Amount: kaopass.Yen(-500), Set: kaopass.Yen(800)}),
		"held":        at(EntryLine{Kind: kaopass.PaymentAuthorised, Amount: kaopass.Yen(-800), Set: kaopass.Yen(800)}),
		"back":        at(EntryLine{Kind: kaopass.PaymentRefunded, Amount: kaopass.Yen(800), Taken: kaopass.Yen(800)}),
		"backPart":    at(EntryLine{Kind: kaopass.PaymentRefunded, Amount: kaopass.Yen(300), Taken: kaopass.Yen(800)}),
		"backCase":    at(EntryLine{Kind: kaopass.PaymentRefunded, Amount: kaopass.Yen(800), Taken: kaopass.Yen(800), Case: true}),
		"notPaid":     ended(kaopass.Refused, 0),
		"late":        ended(kaopass.Expired, 800),
		"free":        ended(kaopass.Voided, 800),
		"bankAsked":   {Kind: kaopass.CardDisputed, Asked: kaopass.Yen(800)},
		"bankBack":    {Kind: kaopass.CardDisputeEnded, Asked: kaopass.Yen(800), Status: "lost"},
		"bankStays":   {Kind: kaopass.CardDisputeEnded, Asked: kaopass.Yen(800), Status: "won"},
		"owed":        {Kind: kaopass.RefundOwed, Amount: kaopass.Yen(-800)},
		"uncollected": {Kind: kaopass.PaymentUncollected, Asked: kaopass.Yen(800)},
		"madeGood":    {Kind: kaopass.PaymentMadeGood, Asked: kaopass.Yen(800)},
		"paidOut":     {Kind: kaopass.RefundPaidOut, Amount: kaopass.Yen(800)},
		"returned":    {Kind: kaopass.TopUpReturned, Amount: kaopass.Yen(-5000)},
	}
}

// Every kind of entry has its own sentence and its own name in every language, with nothing left to fill in.
func TestEveryEntryIsToldInWords(t *testing.T) {
	all := lines()
	for _, kind := range kaopass.EntryKinds() {
		if !slices.ContainsFunc(values(all), func(e EntryLine) bool { return e.Kind == kind }) {
			t.Errorf("no sentence is tried of %s", kind)
		}
	}
	for _, language := range views.VisitorLanguages() {
		w, said := views.Speak(language), map[string]string{}
		for key, e := range all {
			if got := entryKey(e); got != key {
				t.Errorf("%s is told as %q", key, got)
			}
			for _, got := range []string{EntrySentence(w, e), EntryName(w, e)} {
				if got == "" || strings.HasPrefix(got, "wallet.") || strings.ContainsAny(got, "{<") {
					t.Errorf("%s in %s: %q", key, language, got)
				}
			}
			sentence := EntrySentence(w, e)
			if other, twice := said[sentence]; twice {
				t.Errorf("%s and %s are told alike in %s: %s", key, other, language, sentence)
			}
			said[sentence] = key
		}
	}
}

func values(m map[string]EntryLine) (out []EntryLine) {
	for _, e := range m {
		out = append(out, e)
	}
	return out
}

// Whatever a payment or a top-up can be refused for is said as something that is over.
func TestEveryRefusalIsToldInTheHistory(t *testing.T) {
	for _, language := range views.VisitorLanguages() {
		w := views.Speak(language)
		for _, r := range kaopass.Reasons() {
			if got := EntryWhy(w, EntryLine{Reason: r}); got == "" || strings.HasPrefix(got, "wallet.") || strings.Contains(got, "{{") {
				t.Errorf("%s in %s: %q", r, language, got)
			}
		}
	}
	if got := EntryWhy(views.Speak(kaopass.English), EntryLine{}); got != "" {
		t.Errorf("nothing to say: %q", got)
	}
}

func TestAmountsInASentence(t *testing.T) {
	w := views.Speak(kaopass.English)
	for key, want := range map[string]string{
		"paidLess": "You paid ¥500 at Ramen 2, from the wallet. ¥300 more was set aside and is yours again",
		"backPart": "Ramen 2 gave back ¥300 of ¥800",
		"late":     "Ramen 2 did not take ¥800 in time. It is yours again",
		"notIn":    "¥5,000 was not put into the wallet",
	} {
		if got := EntrySentence(w, lines()[key]); got != want {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestWhatCanBeContested(t *testing.T) {
	for key, e := range lines() {
		e.Subject = "pay_01hx0000000000000000000001"
		want := slices.Contains([]string{"in", "paid", "paidLess", "held", "notPaid", "late", "free"}, key)
		if e.contestable() != want {
			t.Errorf("%s: contestable is not %v", key, want)
		}
	}
}

func TestACardsNameStaysOnOneLine(t *testing.T) {
	e := EntryLine{Kind: kaopass.PaymentCaptured, Amount: kaopass.Yen(-800), Method: kaopass.Card, Label: "Visa ••4242", Place: "Ramen 2"}
	said := EntrySentence(views.Speak(kaopass.English), e)
	if got := e.unbroken(said); got != strings.Replace(said, "Visa ••4242", "Visa\u00a0••4242", 1) || got == said {
		t.Errorf("%q", got)
	}
	if e.Label = ""; e.unbroken(said) != said {
		t.Error("what names no card is changed")
	}
}
