package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// admissionQueries is every attempt to go through a gate.
type admissionQueries struct {
	HolderLock  *sqlx.Stmt `query:"admission-holder-lock"`
	Holder      *sqlx.Stmt `query:"admission-holder"`
	Misses      *sqlx.Stmt `query:"admission-misses"`
	Liveless    *sqlx.Stmt `query:"admission-gate-liveless"`
	Add         *sqlx.Stmt `query:"admission-add"`
	Lock        *sqlx.Stmt `query:"admission-lock"`
	Pass        *sqlx.Stmt `query:"admission-pass"`
	Undo        *sqlx.Stmt `query:"admission-undo"`
	LastPassed  *sqlx.Stmt `query:"admission-last-passed"`
	Recent      *sqlx.Stmt `query:"admission-recent"`
	PassedSince *sqlx.Stmt `query:"admission-passed-since"`
	Skew        *sqlx.Stmt `query:"admission-skew"`
}

// Admit is one attempt at a gate.
type Admit struct {
	Key        kaopass.Key
	Device     kaopass.DeviceID
	QR         string            // as scanned
	Direction  kaopass.Direction // empty: Entry
	CapturedAt time.Time         // the device's clock, optional; kept, never trusted
	Started    time.Time         // when the request arrived, for Event.Took

	// Compare says whether the probe is the holder: "" or why not. It runs inside the transaction and must be quick.
	Compare func(kaopass.Template) kaopass.Reason
	Renew   Renew // of a holder who is let in and agreed to it; nil: never
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

	unlooked bool // the face was not looked at
}

// Admit decides an attempt (see [kaopass.Decide]) with device, ticket, consent and template re-read under the ticket's
// lock, and stores verdict and event. ErrNotFound where the device is not a live gate.
func (d *DB) Admit(ctx context.Context, in Admit) (out Admission, err error) {
	if in.Direction == "" {
		in.Direction = kaopass.Entry
	}
	err = d.tx(ctx, func(t *tx) (err error) {
		out = Admission{}
		out.Replayed, err = once(t, in.Key, &out, func() (err error) {
			out, err = t.admit(in)
			return err
		})
		return err
	})
	return out, err
}

func (t *tx) admit(in Admit) (Admission, error) {
	gate, err := t.liveDevice(in.Device, kaopass.Gate)
	if err != nil {
		return Admission{}, err
	}
	a := attempt{tx: t, compare: in.Compare, renew: in.Renew}
	a.At, a.Gate, a.Zone, a.Direction = t.now, gate.ID, gate.Zone, in.Direction
	if err := a.read(in.QR); err != nil {
		return Admission{}, err
	}
	verdict, err := a.decide()
	if err != nil {
		return Admission{}, err
	}
	out := Admission{ID: kaopass.AdmissionID(t.newID(kaopass.PrefixAdmission)), Verdict: verdict, Direction: in.Direction,
		Gate: gate.ID, GateName: gate.Name, Zone: gate.Zone, DecidedAt: t.now,
		unlooked: verdict.Reason == kaopass.NotLive && a.Unlooked()}
	if a.Ticket != nil {
		out.Ticket, out.Number, out.Kind, out.Holder = a.Ticket.ID, a.Ticket.Masked(), a.Ticket.Kind, a.Ticket.Holder
	}
	if verdict.Decision == kaopass.Admit {
		if err := t.letIn(&out, *a.Ticket, a.zone); err != nil {
			return Admission{}, err
		}
		if a.renewed != nil {
			if err := t.renewHolder(out.Holder, gate, *a.renewed); err != nil {
				return Admission{}, err
			}
		}
	}
	return out, t.keepAdmission(&out, in)
}

// letIn holds the ticket for the admission and greets its holder, who stays where they are until the turnstile turns.
func (t *tx) letIn(out *Admission, ticket kaopass.Ticket, zone kaopass.Zone) error {
	out.PassBy = t.now.Add(kaopass.PassWithin)
	if err := t.greet(out); err != nil {
		return err
	}
	return t.moveTicket(ticket.Held(out.Gate, t.now), zone, out.ID)
}

// moveTicket writes where the ticket's holder is, and which admission holds the ticket.
func (t *tx) moveTicket(k kaopass.Ticket, zone kaopass.Zone, pending kaopass.AdmissionID) error {
	return t.must(t.q.Ticket.Move, k.ID, k.Entries, k.Inside, zone, pending, k.PendingGate, stamp{k.PendingUntil})
}

// keepAdmission stores the attempt and its event.
func (t *tx) keepAdmission(a *Admission, in Admit) error {
	var skew any
	if !in.CapturedAt.IsZero() {
		began := in.Started
		if began.IsZero() {
			began = t.now
		}
		skew = in.CapturedAt.Sub(began).Milliseconds()
	}
	if !in.Started.IsZero() {
		a.Took = max(t.clock().Sub(in.Started), 0)
	}
	_, err := t.do(t.q.Admission.Add, a.ID, a.Gate, a.GateName, a.Zone, a.Direction, a.Verdict.Decision, a.Verdict.Reason,
		a.Ticket, a.Holder, stamp{in.CapturedAt}, skew, a.DecidedAt, a.Took.Microseconds(), stamp{a.PassBy}, a.unlooked)
	if err != nil {
		return err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.AdmissionDecided, Actor: string(a.Gate), Visitor: a.Holder, Device: a.Gate,
		Place: a.GateName, Zone: a.Zone, Subject: string(a.ID), Purpose: kaopass.ForAdmission, Decision: a.Verdict.Decision,
		Reason: a.Verdict.Reason, Direction: a.Direction, Took: a.Took})
	return err
}

// attempt is a [kaopass.Attempt] as the database fills it.
type attempt struct {
	kaopass.Attempt
	*tx
	compare func(kaopass.Template) kaopass.Reason
	renew   Renew
	renewed *kaopass.Template // what is to be kept instead, if they are let in
	zone    kaopass.Zone      // where the holder is inside; empty: outside
	fault   error             // of opening it
}

// read finds and locks the ticket that a QR code names, and all that the rule wants to know of its holder.
func (a *attempt) read(qr string) error {
	var id kaopass.TicketID
	if id, a.QR = a.keys.ReadTicket(qr); a.QR != "" {
		return nil
	}
	var row ticketRow
	found, err := a.find(&row, a.q.Ticket.Lock, id)
	if err != nil || !found {
		return err
	}
	ticket := row.ticket()
	a.Ticket, a.zone = &ticket, row.InsideZone
	if ticket.Holder == "" {
		return nil
	}
	if err := a.readHolder(ticket.Holder); err != nil {
		return err
	}
	return a.readMisses(id)
}

// readMisses counts the faces that were refused on this ticket lately.
func (a *attempt) readMisses(id kaopass.TicketID) error {
	var n struct{ Misses, Liveless int }
	err := a.get(&n, a.q.Admission.Misses, id, a.now.Add(-kaopass.StaffWindow), pq.Array(faceReasons()),
		a.now.Add(-kaopass.LivelessWithin))
	a.FaceMisses, a.Liveless = n.Misses, n.Liveless
	return err
}

// readHolder locks the holder's row before it reads: a withdrawal that came first is seen, one that comes later waits.
func (a *attempt) readHolder(id kaopass.VisitorID) (err error) {
	if err := a.must(a.q.Admission.HolderLock, id); err != nil {
		return err
	}
	if a.Consent, err = a.newestConsent(id, kaopass.ForAdmission); err != nil {
		return err
	}
	return a.get(&a.Enrolled, a.q.Admission.Holder, id)
}

// decide applies the rule; the template is opened only if the rule comes to the face.
func (a *attempt) decide() (kaopass.Verdict, error) {
	a.Face = func() kaopass.Reason {
		template, _, err := a.template(a.Ticket.Holder, kaopass.ForAdmission)
		if err != nil {
			a.fault = err
			return kaopass.FaceUnclear
		}
		reason := a.compare(template)
		if reason == "" && a.renew != nil && a.Consent.AgreesToGrowth() {
			if renewed, ok := a.renew(template); ok {
				a.renewed = &renewed
			}
		}
		return reason
	}
	a.GateLiveless = func() (n int) {
		if err := a.get(&n, a.q.Admission.Liveless, a.Gate, a.now.Add(-kaopass.LivelessWithin)); err != nil {
			a.fault = err
		}
		return n
	}
	verdict := kaopass.Decide(a.Attempt)
	return verdict, a.fault
}

func faceReasons() (of []string) {
	for _, r := range kaopass.Reasons() {
		if r.OfFace() {
			of = append(of, string(r))
		}
	}
	return of
}
