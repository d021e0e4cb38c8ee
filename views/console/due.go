package console

import (
	"net/url"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// DuesModel is the worklist of refunds that are owed, or those that were paid out.
type DuesModel struct {
	Page      views.Page
	Paid      bool // those that were paid out, instead of what is owed
	Reference string
	List      []kaopass.RefundDue
	Older     string
	Count     int    // owed in all
	Sum       string // of it
	Staff     map[kaopass.StaffID]string
}

func (m DuesModel) older() string {
	v := url.Values{"cursor": {m.Older}}
	if m.Paid {
		v.Set("paid", "1")
	}
	if m.Reference != "" {
		v.Set("reference", m.Reference)
	}
	return "/console/due?" + v.Encode()
}

// DueModel is one refund that is owed, and the form that pays it out.
type DueModel struct {
	Page          views.Page
	Due           kaopass.RefundDue
	Key           string // names the payout, so that two taps are one
	Receipt, Note string // typed
	Wrong         string // the field that has to change
	Staff         map[kaopass.StaffID]string
}

func (m DueModel) wrong(field string) string {
	if m.Wrong != field {
		return ""
	}
	return m.Page.Words.T("console.due.wrong." + field)
}

// TopUpsModel is what a visitor put in, and the form that gives it back.
type TopUpsModel struct {
	Page         views.Page
	Visitor      kaopass.Visitor
	Wallet, Held kaopass.Money
	List         []TopUpLine
	Key          string
	Amount, Why  string // typed
	Wrong        string
}

// TopUpLine is a top-up, and what of it can still go back.
type TopUpLine struct {
	ID           kaopass.TransferID
	At           string
	Amount, Left kaopass.Money
	Card         bool
	On           bool // chosen
}

// options are the top-ups of which something is left.
func (m TopUpsModel) options() (all []Option) {
	w := m.Page.Words
	for _, t := range m.List {
		if t.Left.Value > 0 {
			text := w.With("console.topups.option", views.Args{"Time": t.At, "How": topUpBy(w, t), "Left": w.Yen(t.Left)})
			all = append(all, Option{Value: string(t.ID), Text: text, On: t.On})
		}
	}
	return all
}

func (m TopUpsModel) wrong(field string) string {
	if m.Wrong != field {
		return ""
	}
	return m.Page.Words.T("console.topups.wrong." + field)
}

// topUpBy is how it was put in.
func topUpBy(w views.Words, t TopUpLine) string {
	if t.Card {
		return w.T("console.topups.card")
	}
	return w.T("console.topups.desk")
}
