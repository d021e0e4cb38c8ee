package kaopass

import (
	"slices"
	"time"
)

// Direction is which way a gate leads.
type Direction string

// The directions.
const (
	Entry Direction = "entry"
	Exit  Direction = "exit"
)

// Decision is what a gate does.
type Decision string

// The decisions (PROTOCOL, "Gate").
const (
	Admit    Decision = "admit"
	Refuse   Decision = "refuse"
	AskStaff Decision = "ask_staff"
)

// Verdict is a decision and why.
type Verdict struct {
	Decision Decision
	Reason   Reason
}

// PassWithin is how long an admitted visitor has to go through the gate; later, the admission never was.
const PassWithin = 30 * time.Second

// PassGrace is how much later than that a gate may still report that somebody went through in time.
const PassGrace = 10 * time.Second

// UndoWhyMax is the longest reason that staff give, in bytes.
const UndoWhyMax = 200

// StaffAfter is how many refusals of the face on one ticket, within StaffWindow, bring in staff.
const (
	StaffAfter  = 3
	StaffWindow = 10 * time.Minute
)

// Faces that were not taken for living ones are counted where they were shown: a picture that is refused nine times may
// pass the tenth. What is not looked at is not counted, so each count falls by itself as time goes on, and whoever lent a
// ticket to a joker waits no longer than LivelessWithin. An admission forgets what was counted on its ticket.
const (
	LivelessTicket = 5  // on one ticket: no face is looked at any more, and staff are asked
	LivelessGate   = 10 // at one gate: each further one brings in staff at once
	LivelessTill   = 10 // at one till: no face is looked at any more
	LivelessWithin = 10 * time.Minute
)

// Attempt is everything that a verdict depends on, read under the ticket's lock.
type Attempt struct {
	At         time.Time
	Gate       DeviceID
	Zone       Zone
	Direction  Direction
	QR         Reason  // TicketUnreadable or TicketForged; empty where the QR code is ours
	Ticket     *Ticket // nil: not in the book
	Enrolled   bool    // the holder has a template for admission
	Consent    Consent // the holder's newest for admission
	FaceMisses int     // earlier refusals of a face on this ticket within StaffWindow
	Liveless   int     // earlier faces on this ticket, within LivelessWithin, that were not taken for living ones

	// GateLiveless counts such faces at this gate. It is asked only where another one was shown.
	GateLiveless func() int

	// Face compares the probe with the holder's template and answers why not, or "". It is called at most once, and
	// only when ticket, holder and consent stand: nobody's face is compared without a consent. Whether the holder is
	// inside is said after the face, so that who finds a ticket does not learn where its holder is. Nil: no probe.
	Face func() Reason
}

// Decide is the rule of the gate.
func Decide(a Attempt) Verdict {
	reason := refusal(a)
	switch {
	case reason == "":
		return Verdict{Admit, Admitted}
	case reason.OfFace() && a.FaceMisses+1 >= StaffAfter, reason == NotLive && a.manyLiveless():
		return Verdict{AskStaff, reason}
	}
	return Verdict{Refuse, reason}
}

// Unlooked reports whether no face is looked at, however good: too many on this ticket were not living ones.
func (a Attempt) Unlooked() bool { return a.Liveless >= LivelessTicket }

func (a Attempt) manyLiveless() bool {
	return a.Unlooked() || a.GateLiveless != nil && a.GateLiveless()+1 >= LivelessGate
}

// refusal answers the first reason against, cheapest and least personal first: the face comes after the papers.
func refusal(a Attempt) Reason {
	if a.QR != "" {
		return a.QR
	}
	for _, rule := range []func(Attempt) Reason{ticketRefusal, holderRefusal, faceRefusal, placeRefusal} {
		if reason := rule(a); reason != "" {
			return reason
		}
	}
	return ""
}

func ticketRefusal(a Attempt) Reason {
	switch t := a.Ticket; {
	case t == nil:
		return TicketUnknown
	case !t.RevokedAt.IsZero():
		return TicketRevoked
	case a.At.Before(t.From):
		return TicketEarly
	case !a.At.Before(t.Until) && a.Direction == Entry: // a guest who stays past the last minute may still leave
		return TicketExpired
	case !t.Kind.ForFace():
		return TicketNotForFace
	case len(t.Zones) > 0 && !slices.Contains(t.Zones, a.Zone):
		return ZoneWrong
	case t.EntriesMax > 0 && t.Entries >= t.EntriesMax && a.Direction == Entry && !t.Inside:
		return TicketUsed
	}
	return ""
}

func holderRefusal(a Attempt) Reason {
	if a.Ticket.Holder == "" {
		return NotEnrolled
	}
	if r := ConsentRefusal(a.Consent); r != "" {
		return r
	}
	if !a.Enrolled {
		return NotEnrolled
	}
	return ""
}

func faceRefusal(a Attempt) Reason {
	switch {
	case a.Unlooked():
		return NotLive
	case a.Face == nil:
		return FaceNone
	}
	return a.Face()
}

func placeRefusal(a Attempt) Reason {
	t := a.Ticket
	pending := a.At.Before(t.PendingUntil) && t.PendingGate != a.Gate // at the same gate a second try replaces the first
	switch {
	case a.Direction == Entry && (t.Inside || pending):
		return AlreadyInside
	case a.Direction == Exit && !t.Inside:
		return NotInside
	}
	return ""
}

// PresenceChange is what the gallery's follower is told: somebody of the payment gallery is now on the site, or is not
// there any more. Who did not consent to payment is never told of.
type PresenceChange struct {
	Seq       int64       // of the event that says so; 0 for the first load
	Enrolment EnrolmentID // empty: everybody has left; whoever is still there is told of next
	OnSite    bool
}
