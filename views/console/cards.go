package console

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// LostCard is a sale, or a top-up where Payment is empty, that the card company will never pay; Ends are empty while nobody
// has settled it, and Choices where nothing is left to choose.
type LostCard struct {
	Charge  kaopass.ChargeID
	Payment kaopass.PaymentID
	Place   string
	Store   kaopass.Zone
	Amount  kaopass.Money
	Missing kaopass.Money // of it, less what was given back at the till since
	Why     string        // the company's final answer
	Found   time.Time
	Words   string // noted before it could be booked
	Ends    []LostEnd
	Choices []kaopass.Became
}

// LostEnd is how one was settled.
type LostEnd struct {
	Became   kaopass.Became
	Amount   kaopass.Money // booked by Transfer; zero: nothing had to move
	Transfer kaopass.TransferID
	Answer   string
	By       kaopass.StaffID
	At       time.Time
}

// headline is the sum, and where it was sold.
func (u LostCard) headline(w views.Words) string {
	if u.Place == "" {
		return w.Yen(u.Amount)
	}
	return w.Yen(u.Amount) + " · " + u.Place
}

// back says what was given back at the till, as far as it matters; empty: nothing.
func (u LostCard) back(w views.Words) string {
	key := ""
	switch {
	case len(u.Ends) == 0 && u.Missing.Value == 0:
		key = "console.cards.allBack"
	case len(u.Ends) == 0 && u.Missing != u.Amount:
		key = "console.cards.missing"
	case u.was() == kaopass.BorneByVenue && u.Missing != u.Ends[0].Amount:
		key = "console.cards.bears"
	default:
		return ""
	}
	return w.With(key, views.Args{"Amount": w.Yen(u.Missing)})
}

// was is how whoever settles it now saw it.
func (u LostCard) was() kaopass.Became {
	if len(u.Ends) == 0 {
		return ""
	}
	return u.Ends[len(u.Ends)-1].Became
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
	Key           string // of the request that a form will make
	Open, Settled []LostCard
	Slow          []SlowCard
	Staff         map[kaopass.StaffID]string
	Typed         LostAnswer // what was not taken
}

// LostAnswer is what a member of staff answered about a charge; Wrong is the field that could not be taken.
type LostAnswer struct {
	Charge kaopass.ChargeID
	Became kaopass.Became
	Answer string
	Wrong  string // "became" or "answer"
}

// subject names what it is about: the payment, or the charge of a top-up.
func (m CardsModel) subject(payment kaopass.PaymentID, charge kaopass.ChargeID) string {
	if payment != "" {
		return string(payment)
	}
	return m.Page.Words.T("console.cards.topUp") + " " + string(charge)
}

// typed is what was answered about this one when it was not taken.
func (m CardsModel) typed(u LostCard) LostAnswer {
	if u.Charge == m.Typed.Charge {
		return m.Typed
	}
	return LostAnswer{}
}

// wrong says what to change of a field.
func (m CardsModel) wrong(u LostCard, field string) string {
	if m.typed(u).Wrong != field {
		return ""
	}
	return m.Page.Words.T("console.cards.wrong." + field)
}

// does says what a choice does to the books.
func (u LostCard) does(w views.Words, b kaopass.Became) string {
	switch {
	case u.was() == kaopass.PaidAtDesk:
		return w.With("console.cards.twice", views.Args{"Amount": w.Yen(u.Ends[0].Amount)})
	case u.was() != "":
		return w.T("console.cards.late." + string(b))
	case u.Payment == "":
		return w.T("console.cards.doesTopUp." + string(b))
	}
	return w.T("console.cards.does." + string(b))
}

// booked is what was booked, in words.
func booked(w views.Words, e LostEnd) string {
	if e.Transfer == "" {
		return w.T("console.cards.unmoved")
	}
	return w.With("console.cards.booked", views.Args{"Amount": w.Yen(e.Amount)})
}
