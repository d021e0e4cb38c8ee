package kaopass

import (
	"crypto/ed25519"
	"encoding/base64"
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

// Usual is how long a ticket of this kind is good and how often it lets in, unless it is sold otherwise.
func (k TicketKind) Usual() (days, entriesMax int) {
	switch k {
	case Season:
		return 365, 0
	case Summer:
		return 92, 0
	}
	return 1, 1
}

// Ticket is one ticket as the book holds it.
type Ticket struct {
	ID         TicketID
	Number     string // digits only; printed by [Ticket.Printed], shown to devices by [Ticket.Masked]
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

// Held is the ticket after an admission at a gate: until the turnstile turns or [PassWithin] is over, no other gate
// lets it in.
func (t Ticket) Held(gate DeviceID, at time.Time) Ticket {
	t.PendingGate, t.PendingUntil = gate, at.Add(PassWithin)
	return t
}

// Released is the ticket after the admission that held it was taken back or replaced.
func (t Ticket) Released() Ticket {
	t.PendingGate, t.PendingUntil = "", time.Time{}
	return t
}

// Passed is the ticket after its holder went through: an entry is counted, and only once.
func (t Ticket) Passed(d Direction) Ticket {
	t = t.Released()
	if d == Entry && !t.Inside {
		t.Entries++
	}
	t.Inside = d == Entry
	return t
}

// Unpassed is the ticket after staff took a passage back that had been recorded.
func (t Ticket) Unpassed(d Direction) Ticket {
	if d == Entry && t.Inside {
		t.Entries = max(t.Entries-1, 0)
	}
	t.Inside = d == Exit
	return t
}

// BindRefusal says why a ticket cannot be bound to a visitor: empty when it can, or already is.
func (t Ticket) BindRefusal(to VisitorID, at time.Time) Reason {
	switch {
	case !t.RevokedAt.IsZero():
		return TicketRevoked
	case t.Holder != "" && t.Holder != to:
		return TicketTaken
	case !at.Before(t.Until):
		return TicketExpired
	}
	return ""
}

// A ticket's number is 12 random digits and a check digit. With a million tickets out, one guess in a million is
// somebody's; BindTries keeps guesses few.
const (
	TicketDigits = 13
	numberSpace  = 1_000_000_000_000
)

// Limits of binding tickets.
const (
	BindTries       = 10 // wrong numbers in BindTriesWithin, then TooManyTries
	BindTriesWithin = time.Hour
)

// TicketNumber makes a number of 64 random bits; ok is false for the few that would make some numbers likelier than
// others: draw again.
func TicketNumber(random uint64) (number string, ok bool) {
	const fair = (1<<64 - 1) / numberSpace * numberSpace
	if random >= fair {
		return "", false
	}
	var digits [TicketDigits - 1]byte
	for i, n := len(digits)-1, random%numberSpace; i >= 0; i, n = i-1, n/10 {
		digits[i] = '0' + byte(n%10)
	}
	return string(append(digits[:], luhn(digits[:]))), true
}

// ReadTicketNumber reads a number as people type it: with spaces, dashes, full-width digits. ok is false where it is
// not a number that TicketNumber could have made.
func ReadTicketNumber(typed string) (number string, ok bool) {
	number = strings.Map(func(r rune) rune {
		if r = halfWidth(r); strings.ContainsRune(" -.ー−‐–", r) {
			return -1
		}
		return r
	}, strings.TrimSpace(typed))
	if len(number) != TicketDigits || strings.Trim(number, "0123456789") != "" {
		return "", false
	}
	last := len(number) - 1
	return number, luhn([]byte(number[:last])) == number[last]
}

// luhn is the check digit of ISO/IEC 7812-1, annex B: it notices any one wrong digit and nearly every swap.
func luhn(digits []byte) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return '0' + byte((10-sum%10)%10)
}

// Printed is the number in groups, as on paper: 4821-0937-55663.
func (t Ticket) Printed() string {
	if len(t.Number) != TicketDigits {
		return t.Number
	}
	return t.Number[:4] + "-" + t.Number[4:8] + "-" + t.Number[8:]
}

// Masked is the ticket's number as a device may see it.
func (t Ticket) Masked() string {
	if len(t.Number) <= 4 {
		return "••••"
	}
	return "••••" + t.Number[len(t.Number)-4:]
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

// LooksLikeTicket reports whether a text has the form of a ticket's QR code. It costs nothing and proves nothing: it tells
// whether an attempt is worth the reading of a face.
func LooksLikeTicket(text string) bool {
	_, _, ours := cutTicket(text)
	return ours
}

// cutTicket takes a text of our form apart: the id, and the signature as it is written.
func cutTicket(text string) (id, signature string, ours bool) {
	rest, prefixed := strings.CutPrefix(strings.TrimSpace(text), ticketPrefix)
	id, signature, signed := strings.Cut(rest, ".")
	return id, signature, len(text) <= TicketTextMax && prefixed && signed && PrefixTicket.Is(id)
}

// ReadTicket answers whose QR code this is, or why it is none of this venue's: TicketUnreadable or TicketForged.
func ReadTicket(text string, venue ed25519.PublicKey) (TicketID, Reason) {
	id, signature, ours := cutTicket(text)
	if !ours {
		return "", TicketUnreadable
	}
	if strings.ContainsAny(signature, "\r\n") { // which the decoder would skip: one ticket has one text
		return "", TicketForged
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !ed25519.Verify(venue, []byte(ticketPrefix+id), sig) {
		return "", TicketForged
	}
	return TicketID(id), ""
}
