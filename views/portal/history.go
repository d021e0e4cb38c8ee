package portal

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// EntryLine is one line of a wallet's history.
type EntryLine struct {
	At      time.Time
	Kind    kaopass.EventKind
	Amount  kaopass.Money // negative: went out; zero: nothing moved
	Asked   kaopass.Money // where nothing moved: what it was about
	Set     kaopass.Money // what was set aside for the payment before
	Taken   kaopass.Money // of a refund: what the payment took
	Method  kaopass.MethodKind
	Place   string
	Label   string               // of the card that paid
	Subject string               // the payment or top-up that "that wasn't me" is about
	Dispute kaopass.DisputeState // of its newest case
	Case    bool                 // a refund that a case ended with
	Status  string               // how a payment ended; how a bank decided
	Reason  kaopass.Reason       // why nothing moved
	Receipt string               // address of the receipt; empty: none
}

// contestable reports whether "that wasn't me" makes sense: not of money that came back, nor while staff look into it.
func (e EntryLine) contestable() bool {
	return e.Kind != kaopass.PaymentRefunded && e.Subject != "" && e.Dispute == "" && (kaopass.Event{Kind: e.Kind}).Contestable()
}

// unbroken keeps a card's name and number on one line of the screen.
func (e EntryLine) unbroken(sentence string) string {
	if e.Label == "" {
		return sentence
	}
	return strings.ReplaceAll(sentence, e.Label, strings.ReplaceAll(e.Label, " ", "\u00a0"))
}

// HistoryModel is a part of the history, newest first, and what was asked for.
type HistoryModel struct {
	Entries []EntryLine
	More    string // cursor of what is earlier; empty: that is all
	Show    string // "", "paid", "in", "back", "none"
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
func shows() []string { return []string{"", "paid", "in", "back", "none"} }

func showKey(show string) string { return cmp.Or(show, "all") }

// caseTag is how a case stands, in a word.
func caseTag(w views.Words, s kaopass.DisputeState) views.Tag {
	kind := map[kaopass.DisputeState]views.NoticeKind{kaopass.DisputeIsOpen: views.Help, kaopass.DisputePaid: views.Good}[s]
	return views.Tag{Kind: cmp.Or(kind, views.Info), Text: w.T("cases.state." + string(s))}
}
