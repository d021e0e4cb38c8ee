package kaopass

import (
	"crypto/ed25519"
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// TicketKind is what was bought.
type TicketKind string

// The kinds; only passes for many days go with the face lanes.
const (
	Season TicketKind = "season"
	Summer TicketKind = "summer"
	Day    TicketKind = "day"
)

// TicketKinds lists every TicketKind.
func TicketKinds() []TicketKind { return []TicketKind{Season, Summer, Day} }

// ForFace reports whether tickets of this kind may use the face lanes.
func (k TicketKind) ForFace() bool { return k == Season || k == Summer }

// Zone is a part of the venue with gates of its own.
type Zone string

// Ticket is one ticket as the book holds it.
type Ticket struct {
	ID         TicketID
	Number     string // as printed; shown to devices by [Ticket.Masked]
	Kind       TicketKind
	Zones      []Zone // empty: every zone
	From       time.Time
	Until      time.Time // exclusive
	EntriesMax int       // 0: as many as the holder likes
	Entries    int       // confirmed so far
	Holder     VisitorID // empty until somebody bound it
	RevokedAt  time.Time // zero while it is good

	Inside       bool      // went in and has not come out
	PendingGate  DeviceID  // admitted there, and not yet passed
	PendingUntil time.Time // until then the pending admission holds the ticket
}

// Masked is the ticket's number as a device may see it.
func (t Ticket) Masked() string {
	if len(t.Number) <= 4 {
		return "••••"
	}
	return "••••" + t.Number[len(t.Number)-4:]
}

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

// StaffAfter is how many refusals of the face on one ticket, within StaffWindow, bring in staff.
const (
	StaffAfter  = 3
	StaffWindow = 10 * time.Minute
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

	// Face compares the probe with the holder's template and answers why not, or "". It is called at most once, and
	// only when all that can be decided without a face stands: nobody's face is compared without a consent.
	Face func() Reason
}

// Decide is the rule of the gate.
func Decide(a Attempt) Verdict {
	reason := refusal(a)
	switch {
	case reason == "":
		return Verdict{Admit, Admitted}
	case reason.OfFace() && a.FaceMisses+1 >= StaffAfter:
		return Verdict{AskStaff, reason}
	}
	return Verdict{Refuse, reason}
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

func faceRefusal(a Attempt) Reason { return a.Face() }

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

// ticketPrefix begins the text of every ticket's QR code: kaopass ticket, version 1.
const ticketPrefix = "KPT1."

// TicketTextMax is the longest QR text that a gate looks at, in bytes.
const TicketTextMax = 512

// SignTicket makes the text of a ticket's QR code: prefix, ticket id, and the venue's Ed25519 signature (RFC 8032) over
// both. It names no person and no date: the book knows those, and a reprint needs no new code.
func SignTicket(id TicketID, venue ed25519.PrivateKey) string {
	body := ticketPrefix + string(id)
	return body + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(venue, []byte(body)))
}

// ReadTicket answers whose QR code this is, or why it is none of this venue's: TicketUnreadable or TicketForged.
func ReadTicket(text string, venue ed25519.PublicKey) (TicketID, Reason) {
	rest, ours := strings.CutPrefix(strings.TrimSpace(text), ticketPrefix)
	id, signature, signed := strings.Cut(rest, ".")
	if len(text) > TicketTextMax || !ours || !signed || !PrefixTicket.Is(id) {
		return "", TicketUnreadable
	}
	sig, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !ed25519.Verify(venue, []byte(ticketPrefix+id), sig) {
		return "", TicketForged
	}
	return TicketID(id), ""
}
