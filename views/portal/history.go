package portal

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// EntryLine is one line of a wallet's history.
type EntryLine struct {
	At      time.Time
	Kind    kaopass.EventKind
	Amount  kaopass.Money // negative: went out
	Method  kaopass.MethodKind
	Place   string
	Label   string               // of the card that paid
	Subject string               // the payment or top-up that "that wasn't me" is about
	Dispute kaopass.DisputeState // of its newest case
	Receipt string               // address of the receipt; empty: none
}

// contestable reports whether "that wasn't me" makes sense: not of money that came back, nor while staff look into it.
func (e EntryLine) contestable() bool {
	return !cameBack(e.Kind) && e.Subject != "" && e.Dispute == ""
}

// cameBack reports whether a line is money that came back, or should have.
func cameBack(kind kaopass.EventKind) bool {
	return slices.Contains([]kaopass.EventKind{kaopass.PaymentRefunded, kaopass.RefundOwed, kaopass.RefundPaidOut, kaopass.TopUpReturned}, kind)
}

// HistoryModel is a part of the history, newest first, and what was asked for.
type HistoryModel struct {
	Entries []EntryLine
	More    string // cursor of what is earlier; empty: that is all
	Show    string // "", "paid", "in", "back"
	Method  kaopass.MethodKind
	Month   string // 2026-05, or empty
}

// filtered reports whether less than all is shown.
func (m HistoryModel) filtered() bool { return m.Show != "" || m.Method != "" || m.Month != "" }

// query is the filter for an address, with a cursor where there is one.
func (m HistoryModel) query(cursor string) string {
	q := url.Values{}
	for name, value := range map[string]string{"show": m.Show, "method": string(m.Method), "month": m.Month, "cursor": cursor} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// shows are what a visitor can ask for, in order; the first is all.
func shows() []string { return []string{"", "paid", "in", "back"} }

func showKey(show string) string { return cmp.Or(show, "all") }

// EntryName is what a line of the history is called.
func EntryName(w views.Words, kind kaopass.EventKind) string {
	switch kind {
	case kaopass.WalletToppedUp:
		return w.T("wallet.entry.in")
	case kaopass.PaymentRefunded:
		return w.T("wallet.entry.back")
	case kaopass.PaymentAuthorised:
		return w.T("wallet.entry.held")
	case kaopass.RefundOwed:
		return w.T("wallet.entry.owed")
	case kaopass.RefundPaidOut:
		return w.T("wallet.entry.paidOut")
	case kaopass.TopUpReturned:
		return w.T("wallet.entry.returned")
	}
	return w.T("wallet.entry.paid")
}

// EntrySentence tells a line in words that need no explanation: "You paid ¥800 at Ramen 2, from the wallet".
func EntrySentence(w views.Words, e EntryLine) string {
	amount := e.Amount
	amount.Value = max(amount.Value, -amount.Value)
	how := w.T("wallet.by.emoney")
	if e.Method == kaopass.Card {
		how = w.With("wallet.by.card", views.Args{"Card": cmp.Or(e.Label, w.T("wallet.from"))})
	}
	key := map[kaopass.EventKind]string{kaopass.WalletToppedUp: "in", kaopass.PaymentRefunded: "back",
		kaopass.PaymentAuthorised: "held", kaopass.RefundOwed: "owed", kaopass.RefundPaidOut: "paidOut", kaopass.TopUpReturned: "returned"}[e.Kind]
	return w.With("wallet.line."+cmp.Or(key, "paid"), views.Args{"Amount": w.Yen(amount), "Place": cmp.Or(e.Place, "–"), "How": how})
}

// caseTag is how a case stands, in a word.
func caseTag(w views.Words, s kaopass.DisputeState) views.Tag {
	kind := map[kaopass.DisputeState]views.NoticeKind{kaopass.DisputeIsOpen: views.Help, kaopass.DisputePaid: views.Good}[s]
	return views.Tag{Kind: cmp.Or(kind, views.Info), Text: w.T("cases.state." + string(s))}
}
