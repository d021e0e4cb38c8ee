package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// IssueTickets asks for new tickets.
type IssueTickets struct {
	Kind        kaopass.TicketKind
	Count       int // 1 to IssueMax
	Zones       []kaopass.Zone
	From, Until time.Time // zero: from today, until the kind's usual end
	Actor       string
}

// IssueMax is how many tickets one call issues.
const IssueMax = 10_000

// IssueTickets writes tickets into the book and signs their QR codes.
func (d *DB) IssueTickets(ctx context.Context, in IssueTickets) ([]HeldTicket, error) {
	return nil, errUnwritten
}

// Bound is the outcome of binding a ticket. Reason: TicketUnreadable, TicketForged, TicketUnknown, TicketRevoked,
// TicketExpired, TicketTaken, TooManyTries, or empty; a ticket that is not for the face lanes binds all the same.
type Bound struct {
	Ticket HeldTicket
	Reason kaopass.Reason
}

// BindTicket binds a ticket, by the text of its QR code or its number, to the first person who asks.
func (d *DB) BindTicket(ctx context.Context, id kaopass.VisitorID, text string) (Bound, error) {
	return Bound{}, errUnwritten
}

// RevokeTicket takes a ticket out of use.
func (d *DB) RevokeTicket(ctx context.Context, id kaopass.TicketID, actor string) error {
	return errUnwritten
}

// Admit is one attempt at a gate.
type Admit struct {
	Key        kaopass.Key
	Device     kaopass.DeviceID
	QR         string // as scanned
	Direction  kaopass.Direction
	CapturedAt time.Time // the device's clock, optional; kept, never trusted
	Started    time.Time // when the request arrived, for Event.Took

	// Compare says whether the probe is the holder: "" or why not. It runs inside the transaction and must be quick.
	Compare func(kaopass.Template) kaopass.Reason
}

// Admission is the stored outcome of an attempt.
type Admission struct {
	ID        kaopass.AdmissionID
	Verdict   kaopass.Verdict
	Direction kaopass.Direction
	Gate      kaopass.DeviceID
	GateName  string
	Zone      kaopass.Zone
	Ticket    kaopass.TicketID   // empty where the QR code named none
	Number    string             // masked
	Kind      kaopass.TicketKind //
	Holder    kaopass.VisitorID  // whom a verdict concerns
	Name      string             // initials, only where admitted
	Language  kaopass.Language   // the holder's, only where admitted
	DecidedAt time.Time
	PassBy    time.Time
	PassedAt  time.Time
	UndoneAt  time.Time
	Took      time.Duration
	Replayed  bool
}

// Admit decides an attempt (see [kaopass.Decide]) with device, ticket, consent and template re-read under the ticket's
// lock, and stores verdict and event.
func (d *DB) Admit(ctx context.Context, in Admit) (Admission, error) {
	return Admission{}, errUnwritten
}

// Passed records that the turnstile turned: the visitor is inside (or out). StateError where the admission was refused,
// undone or is too old.
func (d *DB) Passed(ctx context.Context, key kaopass.Key, device kaopass.DeviceID, id kaopass.AdmissionID) (Admission, error) {
	return Admission{}, errUnwritten
}

// Undo takes an admission back; why is staff's sentence, at most 200 bytes.
func (d *DB) Undo(ctx context.Context, key kaopass.Key, device kaopass.DeviceID, id kaopass.AdmissionID, why string) (Admission, error) {
	return Admission{}, errUnwritten
}

// Practice is what Decide would say now at a gate of the ticket's zone; nothing is stored but that it was tried.
func (d *DB) Practice(ctx context.Context, id kaopass.VisitorID, ticket kaopass.TicketID, compare func(kaopass.Template) kaopass.Reason) (kaopass.Verdict, error) {
	return kaopass.Verdict{}, errUnwritten
}

// GateStatus is what a gate's staff strip shows.
type GateStatus struct {
	Inside     int // in this gate's zone
	LastMinute int // entries through this gate
	Recent     []Admission
}

// GateStatus reads a gate's own figures.
func (d *DB) GateStatus(ctx context.Context, device kaopass.DeviceID) (GateStatus, error) {
	return GateStatus{}, errUnwritten
}
