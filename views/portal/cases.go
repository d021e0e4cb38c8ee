package portal

import (
	"cmp"
	"strconv"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// CasesModel is how payments stand, and every "that wasn't me" with what became of it, newest first.
type CasesModel struct {
	Frozen  kaopass.FrozenBy // empty: payments are possible
	Since   time.Time
	MayThaw kaopass.Reason    // why payments stay stopped if they ask now; empty: they may go on
	Reason  kaopass.Reason    // what was answered to them just now
	Opened  kaopass.DisputeID // the case that they just opened
	Cases   []kaopass.Dispute
	Contact string
}

// caseSentence says what a case is about.
func caseSentence(w views.Words, c kaopass.Dispute) string {
	e := kaopass.Event{Kind: c.Kind, Place: cmp.Or(string(c.Store), c.Place), Amount: c.Amount, Decision: kaopass.Admit}
	if c.Amount.Currency == "" {
		e.Amount = kaopass.Yen(0)
	}
	return sentence(w, e)
}

// LimitModel is what somebody may pay, spent, and allows themselves.
type LimitModel struct {
	Payer   kaopass.Payer
	Own     kaopass.OwnLimit
	Typed   string
	Problem string // a sentence
}

// WardLine is one minor.
type WardLine struct {
	ID        kaopass.VisitorID
	Name      string
	Allowance kaopass.Allowance
	Today     kaopass.Money
	Week      kaopass.Money
	Since     time.Time
	Frozen    bool
}

// WardsModel is a guardian's page.
type WardsModel struct {
	Wards   []WardLine
	Most    int64  // yen
	Problem string // key of a sentence
}

// GuardianModel is the form in which a grown-up signs for a minor.
type GuardianModel struct {
	Chosen  []kaopass.Purpose
	Name    string
	Contact string
	Day     string
	Week    string
	Card    bool
	Most    int64
	Problem string // key of a sentence
}

func (m GuardianModel) wrong(w views.Words, keys ...string) string {
	for _, key := range keys {
		if m.Problem == key {
			return w.With(key, views.Args{"Most": w.Yen(kaopass.Yen(m.Most))})
		}
	}
	return ""
}

func itoa(n int) string { return strconv.Itoa(n) }
