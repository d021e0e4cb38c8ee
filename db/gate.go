package db

import (
	"context"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
)

// admissionRow is a stored attempt, with what its ticket says.
type admissionRow struct {
	ID        kaopass.AdmissionID
	Device    kaopass.DeviceID
	GateName  string `db:"gate_name"`
	Zone      kaopass.Zone
	Direction kaopass.Direction
	Decision  kaopass.Decision
	Reason    kaopass.Reason
	Ticket    kaopass.TicketID
	Holder    kaopass.VisitorID
	DecidedAt time.Time `db:"decided_at"`
	PassBy    stamp     `db:"pass_by"`
	PassedAt  stamp     `db:"passed_at"`
	UndoneAt  stamp     `db:"undone_at"`
	TookUS    int64     `db:"took_us"`
	Number    string
	Kind      kaopass.TicketKind
}

func (r admissionRow) admission() Admission {
	a := Admission{ID: r.ID, Verdict: kaopass.Verdict{Decision: r.Decision, Reason: r.Reason}, Direction: r.Direction,
		Gate: r.Device, GateName: r.GateName, Zone: r.Zone, Ticket: r.Ticket, Kind: r.Kind, Holder: r.Holder,
		DecidedAt: r.DecidedAt.UTC(), PassBy: r.PassBy.Time, PassedAt: r.PassedAt.Time, UndoneAt: r.UndoneAt.Time,
		Took: time.Duration(r.TookUS) * time.Microsecond}
	if r.Ticket != "" {
		a.Number = kaopass.Ticket{Number: r.Number}.Masked()
	}
	return a
}

// greet adds what is shown of the person: only where they were admitted.
func (t *tx) greet(a *Admission) error {
	if a.Verdict.Decision != kaopass.Admit {
		return nil
	}
	holder, err := t.readVisitor(a.Holder)
	if errors.Is(err, ErrNotFound) {
		return nil // erased since
	}
	a.Name, a.Language = holder.DisplayName(), holder.Language
	return err
}

// Passed records that the turnstile turned: the visitor is inside (or out). StateError where the admission was refused,
// undone, replaced by a later one, or is too old.
func (d *DB) Passed(ctx context.Context, key kaopass.Key, device kaopass.DeviceID, id kaopass.AdmissionID) (Admission, error) {
	return d.admissionVerb(ctx, key, device, id, func(t *tx, a *Admission, ticket *ticketRow) error {
		switch {
		case !a.PassedAt.IsZero():
			return nil
		case !a.UndoneAt.IsZero():
			return &StateError{Status: "undone"}
		case ticket.Pending != a.ID:
			return &StateError{Status: "replaced"}
		case t.now.After(a.PassBy.Add(kaopass.PassGrace)):
			return &StateError{Status: "expired"}
		}
		a.PassedAt = t.now
		if err := t.must(t.q.Admission.Pass, a.ID, t.now); err != nil {
			return err
		}
		zone := a.Zone
		if a.Direction == kaopass.Exit {
			zone = ""
		}
		if err := t.moveTicket(ticket.ticket().Passed(a.Direction), zone, ""); err != nil {
			return err
		}
		return t.admissionEvent(kaopass.AdmissionPassed, *a)
	})
}

// Undo takes an admission back; why is staff's sentence, at most [kaopass.UndoWhyMax] bytes. A visitor who had passed is
// where they were before, unless they have passed another gate since.
func (d *DB) Undo(ctx context.Context, key kaopass.Key, device kaopass.DeviceID, id kaopass.AdmissionID, why string) (Admission, error) {
	why = cutText(why, kaopass.UndoWhyMax)
	return d.admissionVerb(ctx, key, device, id, func(t *tx, a *Admission, ticket *ticketRow) error {
		if !a.UndoneAt.IsZero() {
			return nil
		}
		if err := t.takeBack(*a, ticket); err != nil {
			return err
		}
		a.UndoneAt = t.now
		if err := t.must(t.q.Admission.Undo, a.ID, t.now, why); err != nil {
			return err
		}
		return t.admissionEvent(kaopass.AdmissionUndone, *a)
	})
}

// takeBack frees the ticket of an admission that has not passed, or puts its holder back to where they were.
func (t *tx) takeBack(a Admission, ticket *ticketRow) error {
	if ticket.Pending == a.ID {
		return t.moveTicket(ticket.ticket().Released(), ticket.InsideZone, "")
	}
	if a.PassedAt.IsZero() {
		return nil // replaced by a later admission
	}
	var last kaopass.AdmissionID
	if err := t.get(&last, t.q.Admission.LastPassed, a.Ticket); err != nil || last != a.ID {
		return err
	}
	zone := a.Zone
	if a.Direction == kaopass.Entry {
		zone = ""
	}
	return t.moveTicket(ticket.ticket().Unpassed(a.Direction), zone, ticket.Pending)
}

// admissionVerb does something with an admission of this gate, once for a key: ErrNotFound for another gate's, StateError
// for one that was not admitted.
func (d *DB) admissionVerb(ctx context.Context, key kaopass.Key, device kaopass.DeviceID, id kaopass.AdmissionID,
	do func(*tx, *Admission, *ticketRow) error) (out Admission, err error) {
	err = d.tx(ctx, func(t *tx) (err error) {
		out = Admission{}
		out.Replayed, err = once(t, key, &out, func() (err error) {
			if _, err := t.liveDevice(device, kaopass.Gate); err != nil {
				return err
			}
			var row admissionRow
			if err := t.get(&row, t.q.Admission.Lock, id, device); err != nil {
				return err
			}
			if out = row.admission(); out.Verdict.Decision != kaopass.Admit {
				return &StateError{Status: string(out.Verdict.Decision)}
			}
			var ticket ticketRow
			if err := t.get(&ticket, t.q.Ticket.Lock, out.Ticket); err != nil {
				return err
			}
			if err := do(t, &out, &ticket); err != nil {
				return err
			}
			return t.greet(&out)
		})
		return err
	})
	return out, err
}

func (t *tx) admissionEvent(kind kaopass.EventKind, a Admission) error {
	_, err := t.event(kaopass.Event{Kind: kind, Actor: string(a.Gate), Visitor: a.Holder, Device: a.Gate, Place: a.GateName,
		Zone: a.Zone, Subject: string(a.ID), Purpose: kaopass.ForAdmission, Decision: a.Verdict.Decision,
		Reason: a.Verdict.Reason, Direction: a.Direction})
	return err
}

// Practice is what Decide would say now at a gate of the ticket's zone, to a holder who is outside; nothing is stored
// but that it was tried. ErrNotFound where the ticket is not this visitor's.
func (d *DB) Practice(ctx context.Context, id kaopass.VisitorID, ticket kaopass.TicketID, compare func(kaopass.Template) kaopass.Reason) (verdict kaopass.Verdict, err error) {
	err = d.tx(ctx, func(t *tx) error {
		a := attempt{tx: t, compare: compare}
		a.At, a.Direction = t.now, kaopass.Entry
		if err := a.read(t.keys.SignTicket(ticket)); err != nil {
			return err
		}
		if a.Ticket == nil || a.Ticket.Holder != id {
			return ErrNotFound
		}
		outside := a.Ticket.Released()
		outside.Inside, a.Ticket, a.FaceMisses, a.Liveless = false, &outside, 0, 0
		if len(outside.Zones) > 0 {
			a.Zone = outside.Zones[0]
		}
		if verdict, err = a.decide(); err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.AdmissionPractised, Actor: string(id), Visitor: id, Subject: string(ticket),
			Purpose: kaopass.ForAdmission, Decision: verdict.Decision, Reason: verdict.Reason})
		return err
	})
	return verdict, err
}

// GateStatus is what a gate's staff strip shows.
type GateStatus struct {
	Inside     int           // in this gate's zone
	LastMinute int           // entries through this gate
	Skew       time.Duration // how far the gate's clock is ahead, by the last attempt of the hour that told it
	Recent     []Admission   // the last gateRecent attempts, newest first
}

// gateRecent is how many attempts a staff strip shows.
const gateRecent = 5

// GateStatus reads a gate's own figures: ErrNotFound where the device is not a live gate.
func (d *DB) GateStatus(ctx context.Context, device kaopass.DeviceID) (s GateStatus, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		gate, err := t.liveDevice(device, kaopass.Gate)
		if err != nil {
			return err
		}
		if s.Inside, err = t.insideZone(gate.Zone); err != nil {
			return err
		}
		if err := t.get(&s.LastMinute, t.q.Admission.PassedSince, device, t.now.Add(-time.Minute)); err != nil {
			return err
		}
		var skewMS int64
		if err := t.get(&skewMS, t.q.Admission.Skew, device, t.now.Add(-time.Hour)); err != nil {
			return err
		}
		s.Skew = time.Duration(skewMS) * time.Millisecond
		var rows []admissionRow
		if err := t.list(&rows, t.q.Admission.Recent, device, gateRecent); err != nil {
			return err
		}
		for _, r := range rows {
			a := r.admission()
			if err := t.greet(&a); err != nil {
				return err
			}
			s.Recent = append(s.Recent, a)
		}
		return nil
	})
	return s, err
}
