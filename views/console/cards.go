package console

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// LostCard is a sale, or a top-up where Payment is empty, that the card company will never pay; Settled is zero while
// nobody has settled it.
type LostCard struct {
	Charge   kaopass.ChargeID
	Payment  kaopass.PaymentID
	Place    string
	Store    kaopass.Zone
	Amount   kaopass.Money
	Why      string // the company's final answer
	Found    time.Time
	Refunded bool // at the till since
	Settled  time.Time
	By       kaopass.StaffID
	Answer   string
}

// SlowCard is what the company has not answered about yet.
type SlowCard struct {
	Charge      kaopass.ChargeID
	Payment     kaopass.PaymentID
	Verb        string
	Amount      kaopass.Money
	Tries       int
	Since, Next time.Time
}

// CardsModel is the worklist of the card company.
type CardsModel struct {
	Page          views.Page
	Open, Settled []LostCard
	Slow          []SlowCard
	Staff         map[kaopass.StaffID]string
	Wrong         string // the charge whose answer was not taken, with what was typed
	Answer        string
}

// subject names what it is about: the payment, or the charge of a top-up.
func (m CardsModel) subject(payment kaopass.PaymentID, charge kaopass.ChargeID) string {
	if payment != "" {
		return string(payment)
	}
	return m.Page.Words.T("console.cards.topUp") + " " + string(charge)
}

// typed is what stood in the field when its answer was not taken.
func (m CardsModel) typed(u LostCard) string {
	if string(u.Charge) == m.Wrong {
		return m.Answer
	}
	return ""
}
