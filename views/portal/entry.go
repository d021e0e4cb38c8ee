package portal

import (
	"cmp"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// EntryName is what a line of the history is called, in a word or two.
func EntryName(w views.Words, e EntryLine) string {
	key := entryKey(e)
	return w.T("wallet.entry." + cmp.Or(map[string]string{"paidLess": "paid", "backPart": "back", "backCase": "back", "late": "free",
		"bankAsked": "bank", "bankBack": "bank", "bankStays": "bank"}[key], key))
}

// EntrySentence tells a line in words that need no explanation: "You paid ¥800 at Ramen 2, from the wallet".
func EntrySentence(w views.Words, e EntryLine) string {
	how := w.T("wallet.by.emoney")
	if e.Method == kaopass.Card {
		how = w.With("wallet.by.card", views.Args{"Card": cmp.Or(e.Label, w.T("wallet.from"))})
	}
	free := e.Set
	free.Value += e.Amount.Value // negative: what was taken
	return w.With("wallet.line."+entryKey(e), views.Args{"Amount": w.Yen(e.about()), "Place": cmp.Or(e.Place, w.T("wallet.nowhere")),
		"How": how, "Free": w.Yen(free), "Of": w.Yen(e.Taken)})
}

// EntryWhy says why nothing moved, as something that is over; "" where the sentence says it, or there is nothing to say.
func EntryWhy(w views.Words, e EntryLine) string {
	r := e.Reason
	switch {
	case r == "" || e.Set.Value != 0:
		return ""
	case slices.Contains(whys(), r):
		return w.T("wallet.why." + string(r))
	case r.OfFace():
		return w.T("wallet.why.face")
	}
	return w.T("wallet.why.till")
}

// whys are the reasons that have words of their own: those with which money can be refused to somebody.
func whys() []kaopass.Reason {
	return []kaopass.Reason{kaopass.PayerFrozen, kaopass.LimitExceeded, kaopass.CodeWrong, kaopass.FundsShort, kaopass.CardDeclined,
		kaopass.CardNeedsOwner, kaopass.CardUnreachable, kaopass.MethodGone, kaopass.PaymentExpired, kaopass.PaymentCancelled,
		kaopass.MethodNotAllowed, kaopass.CodeNeeded, kaopass.ConsentMissing, kaopass.ConsentWithdrawn, kaopass.NotLive,
		kaopass.TooManyTries}
}

// signed is an amount with its direction, which is not left to the sentence alone.
func signed(w views.Words, m kaopass.Money) string {
	if m.Value > 0 {
		return "+" + w.Yen(m)
	}
	return w.Yen(m)
}

// about is the sum that a sentence names.
func (e EntryLine) about() kaopass.Money {
	sum := e.Amount
	if sum.Value == 0 {
		sum = e.Asked
	}
	sum.Value = max(sum.Value, -sum.Value)
	return sum
}

// entryKey picks the sentence.
func entryKey(e EntryLine) string {
	switch e.Kind {
	case kaopass.PaymentCaptured:
		if e.Set.Value > -e.Amount.Value {
			return "paidLess"
		}
		return "paid"
	case kaopass.PaymentRefunded:
		return backKey(e)
	case kaopass.PaymentEnded:
		return endedKey(e)
	case kaopass.CardDisputeEnded:
		if e.Status == "won" { // by the venue
			return "bankStays"
		}
		return "bankBack"
	}
	return map[kaopass.EventKind]string{kaopass.WalletToppedUp: "in", kaopass.TopUpRefused: "notIn", kaopass.PaymentAuthorised: "held",
		kaopass.CardDisputed: "bankAsked", kaopass.RefundOwed: "owed", kaopass.RefundPaidOut: "paidOut",
		kaopass.TopUpReturned: "returned", kaopass.PaymentUncollected: "uncollected",
		kaopass.PaymentMadeGood: "madeGood"}[e.Kind]
}

func backKey(e EntryLine) string {
	switch {
	case e.Case:
		return "backCase"
	case e.Taken.Value > e.Amount.Value:
		return "backPart"
	}
	return "back"
}

// endedKey tells a payment that came to nothing: what had been set aside is free again.
func endedKey(e EntryLine) string {
	switch {
	case e.Set.Value == 0:
		return "notPaid"
	case e.Status == string(kaopass.Expired):
		return "late"
	}
	return "free"
}
