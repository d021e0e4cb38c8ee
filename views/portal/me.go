package portal

import (
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/consent"
)

// MeModel is everything that is kept of a visitor, and every way to take it back.
type MeModel struct {
	Visitor   kaopass.Visitor
	FaceSince time.Time // zero: no face is kept
	Purposes  []PurposeLine
	Pays      bool
	Passkeys  int
	Alike     AlikeModel
	Wards     bool // they signed for somebody
}

// PurposeLine is one purpose and its newest consent.
type PurposeLine struct {
	Purpose kaopass.Purpose
	Consent kaopass.Consent
	Newer   bool // the text has changed since it was signed
}

// UsesModel is a part of the timeline, newest first.
type UsesModel struct {
	Events []kaopass.Event
	More   string // cursor of what is earlier; empty: that is all
}

// EraseModel is what stops working when a face is erased.
type EraseModel struct {
	Kept     bool // there is a face
	Purposes []kaopass.Purpose
}

// GoneModel is the confirmation of something taken back.
type GoneModel struct {
	What    string // "face", "withdrawn" or "account"
	Receipt kaopass.EventID
	At      time.Time // zero: not shown
}

// PasskeyLine is one passkey.
type PasskeyLine struct {
	ID      string // as the form sends it back
	Name    string
	Created time.Time
}

// PrivacyModel is the short page about what is kept.
type PrivacyModel struct {
	Operator consent.Operator
	Texts    []consent.Document
}

// InboxMessage is one code in the demo inbox.
type InboxMessage struct {
	At            time.Time
	Contact, Code string
	Text          string // of a notice; empty: a code
}

func (m GoneModel) title() string {
	if m.What == "withdrawn" {
		return "data.gone.withdrawnTitle"
	}
	return "data.gone.title"
}

// page is the page with the model's title.
func (m GoneModel) page(p views.Page) views.Page {
	p.Title = p.Words.T(m.title())
	return p
}

func withdrawTitle(purpose kaopass.Purpose) string {
	if purpose == kaopass.ForPayment {
		return "data.withdraw.titlePayment"
	}
	return "data.withdraw.titleAdmission"
}

// standingWords says how a consent stands.
func standingWords(w views.Words, c kaopass.Consent) string {
	switch {
	case c.Stands():
		return w.With("data.on", views.Args{"Date": w.Date(c.SignedAt)})
	case !c.WithdrawnAt.IsZero():
		return w.With("data.withdrawnOn", views.Args{"Date": w.Date(c.WithdrawnAt)})
	}
	return w.T("data.off")
}
