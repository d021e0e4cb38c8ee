package portal

import (
	"slices"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
)

// Step is one station of a visitor's way.
type Step string

// The stations, in order.
const (
	StepName   Step = "name"
	StepChoice Step = "choice"
	StepFace   Step = "face"
	StepTwice  Step = "twice"
	StepTicket Step = "ticket"
	StepCode   Step = "code"
	StepWallet Step = "wallet"
)

// stepsOf is how many steps the way to the first gate has: sign in, agree, the face, the ticket.
const stepsOf = 4

// ToDo is a step that is still open, and its page.
type ToDo struct {
	Step Step
	Path string
}

func (t ToDo) icon() string {
	return map[Step]string{StepName: "user-round", StepChoice: "pen-line", StepFace: "scan-face", StepTwice: "user-round",
		StepTicket: "ticket",
		StepCode:   "lock", StepWallet: "wallet"}[t.Step]
}

// TicketCard is a ticket as its owner sees it. QR is the text of its code.
type TicketCard struct {
	kaopass.Ticket
	QR string
}

// state is why the ticket is of no use now, as the key of a word, or "".
func (t TicketCard) state(now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "portal.ticket.revoked"
	case !now.Before(t.Until):
		return "portal.ticket.over"
	}
	return ""
}

// HomeModel is the visitor's pass and what is around it.
type HomeModel struct {
	Visitor kaopass.Visitor
	Now     time.Time
	ToDo    []ToDo
	Tickets []TicketCard // good ones first
	Ready   []kaopass.Purpose
	Pays    bool
	Balance kaopass.Money
	Alike   AlikeModel
	Recent  []kaopass.Event
}

func (m HomeModel) practises() bool {
	return slices.Contains(m.Ready, kaopass.ForAdmission) && slices.ContainsFunc(m.Tickets, func(t TicketCard) bool { return t.Kind.ForFace() })
}

func kindName(w views.Words, kind kaopass.TicketKind) string {
	return w.T("portal.ticket." + string(kind))
}

func validity(w views.Words, t kaopass.Ticket) string {
	last := t.Until.Add(-time.Second) // Until is exclusive
	return w.With("portal.ticket.valid", views.Args{"From": w.Date(t.From), "To": w.Date(last), "Until": w.Date(last)})
}
