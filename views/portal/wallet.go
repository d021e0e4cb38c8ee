package portal

import (
	"strconv"
	"strings"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// WalletModel is the visitor's money.
type WalletModel struct {
	Open      bool // the wallet is there
	Withdrawn bool // payment was agreed to once, and is not now: what is in it stays theirs
	Frozen    bool
	Balance   kaopass.Money
	Held      kaopass.Money
	Coming    kaopass.Money // on its way from a card
	NoCards   bool          // a guardian has not allowed any
	Warning   string        // key of a sentence about what was just asked for
	Methods   []kaopass.Method
	Key       string         // names the next top-up, so that two taps are one
	Amount    string         // typed
	Method    string         // chosen
	Problem   string         // a sentence
	Reason    kaopass.Reason // why money was not put in
	First     bool           // on the way through the first set-up: offers "later"
	AtKiosk   bool
	Away      bool // cards are typed in on the card company's own page
}

func (m WalletModel) cards() []kaopass.Method {
	var cards []kaopass.Method
	for _, method := range m.Methods {
		if method.Kind == kaopass.Card {
			cards = append(cards, method)
		}
	}
	return cards
}

// methodName is what a method is called on a page: the wallet in the page's language, a card by its label.
func methodLabel(w views.Words, m kaopass.Method) string {
	if m.Kind == kaopass.EMoney {
		return w.T("wallet.name")
	}
	return m.Label
}

// MethodKindName is what a kind of method is called.
func MethodKindName(w views.Words, kind kaopass.MethodKind) string {
	if kind == kaopass.Card {
		return w.T("wallet.from")
	}
	return w.T("wallet.name")
}

// CardModel is the form for a card. A number that was typed never comes back to the page.
type CardModel struct {
	Problem string // key of a sentence
	Closed  bool   // payment is not agreed to
	Ask     bool   // a guardian has not allowed cards
	ByPhone bool   // the guardian can allow them by themselves
	Away    bool   // the number is typed on the card company's own page
	AtKiosk bool
	Samples []SampleCard
}

// SampleCard is a card of the sandbox, for trying out.
type SampleCard struct {
	Number string
	Does   string // "pays", "declines", "silent"
}

// CodeModel is the page of the four-digit code.
type CodeModel struct {
	Pays    bool      // payment is agreed to
	Issued  time.Time // when the last code was given; zero: never
	Code    string    // shown this once; empty otherwise
	Reason  kaopass.Reason
	Right   bool
	Problem string // key of a sentence
	Alike   AlikeModel
}

func (m CodeModel) wrong(w views.Words) string {
	switch {
	case m.Problem != "":
		return w.T(m.Problem)
	case m.Reason == kaopass.CodeWrong:
		return w.T("wallet.pin.wrong")
	}
	return w.Reason(m.Reason)
}

// spaced has a screen reader say digits one by one.
func spaced(code string) string { return strings.Join(strings.Split(code, ""), " ") }

// quickAmounts are the sums that most people put in.
func quickAmounts() []kaopass.Money {
	return []kaopass.Money{kaopass.Yen(1000), kaopass.Yen(3000), kaopass.Yen(5000), kaopass.Yen(10000)}
}

func digitsOf(m kaopass.Money) string { return strconv.FormatInt(m.Value, 10) }
