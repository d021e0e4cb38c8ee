package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// SetProfile changes the name, kept as it was typed, and the language.
func (d *DB) SetProfile(ctx context.Context, id kaopass.VisitorID, name string, language kaopass.Language) error {
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		return t.setProfile(id, name, language)
	})
}

func (t *tx) setProfile(id kaopass.VisitorID, name string, language kaopass.Language) error {
	if len(name) > kaopass.NameMax {
		return fmt.Errorf("db: a name of %d bytes", len(name))
	}
	sealed, err := t.keys.Seal(useName, string(id), []byte(name))
	if err != nil {
		return err
	}
	return t.must(t.q.Visitor.SetProfile, id, sealed, language)
}

// Profile is everything that the visitor's own pages show, read in one snapshot.
type Profile struct {
	Visitor    kaopass.Visitor
	Consents   map[kaopass.Purpose]kaopass.Consent // the newest for each purpose; Mark left out
	Enrolment  *kaopass.Enrolment                  // nil: no face is kept
	Usable     map[kaopass.Purpose]bool            // a template stands for the purpose
	Tickets    []HeldTicket
	Wallet     *Wallet // nil: not opened
	CodeIssued time.Time
	Alike      bool // somebody else who pays resembles them: a till always asks for the code
	CodeGone   bool // somebody near had the same code, so it was called in, and no other was issued yet
	Twice      bool // the face seems to have been registered before, and they have not said that it was not
	Passkeys   int
	Guardian   *kaopass.Guardian // nil: they sign for themselves
	Recent     []kaopass.Event   // the last uses of the face, newest first, at most RecentMax
}

// Agreed reports whether a consent stands for any purpose: without one nobody's face is captured.
func (p Profile) Agreed() bool {
	for _, c := range p.Consents {
		if c.Stands() {
			return true
		}
	}
	return false
}

// RecentMax is how many uses of the face a profile tells.
const RecentMax = 5

// HeldTicket is a ticket with the text of its QR code.
type HeldTicket struct {
	kaopass.Ticket
	QR string
}

// profileQueries reads what concerns one visitor from the log.
type profileQueries struct {
	Uses     *sqlx.Stmt `query:"visitor-uses"`
	Timeline *sqlx.Stmt `query:"visitor-timeline"`
}

// Profile reads a visitor's own profile.
func (d *DB) Profile(ctx context.Context, id kaopass.VisitorID) (p Profile, err error) {
	return p, d.snapshot(ctx, func(t *tx) error {
		p, err = t.profile(id)
		return err
	})
}

func (t *tx) profile(id kaopass.VisitorID) (p Profile, err error) {
	if p.Visitor, err = t.readVisitor(id); err != nil {
		return p, err
	}
	if err := t.profileOfFace(id, &p); err != nil {
		return p, err
	}
	if p.Tickets, err = t.heldTickets(id); err != nil {
		return p, err
	}
	if p.Wallet, err = t.wallet(id); err != nil {
		return p, err
	}
	if p.CodeIssued, err = t.codeIssued(id); err != nil {
		return p, err
	}
	if p.Guardian, err = t.guardian(id); err != nil {
		return p, err
	}
	if p.CodeIssued.IsZero() && p.Consents[kaopass.ForPayment].Stands() {
		if err := t.get(&p.CodeGone, t.q.Alike.CodeGone, id); err != nil {
			return p, err
		}
	}
	return p, t.get(&p.Passkeys, t.q.Passkey.Count, id)
}

func (t *tx) profileOfFace(id kaopass.VisitorID, p *Profile) (err error) {
	if p.Consents, err = t.newestConsents(id); err != nil {
		return err
	}
	if p.Enrolment, err = t.enrolment(id); err != nil {
		return err
	}
	among, err := t.resemblance(p.Enrolment)
	if err != nil {
		return err
	}
	p.Alike, p.Twice, p.Usable = among.Alike, among.Twice, map[kaopass.Purpose]bool{}
	if p.Enrolment != nil {
		var purposes []kaopass.Purpose
		if err := t.list(&purposes, t.q.Enrolment.TemplatePurposes, p.Enrolment.ID); err != nil {
			return err
		}
		for _, purpose := range purposes {
			p.Usable[purpose] = true
		}
	}
	var rows []eventRow
	err = t.list(&rows, t.q.Profile.Uses, id, RecentMax)
	p.Recent = events(rows)
	return err
}

// Timeline lists what happened to a visitor's face and money, newest first: admissions, payments, consents, enrolments,
// look-ups. It answers the cursor of the next page: empty at the end.
func (d *DB) Timeline(ctx context.Context, id kaopass.VisitorID, page Page) ([]kaopass.Event, string, error) {
	var rows []eventRow
	if err := d.list(ctx, &rows, d.q.Profile.Timeline, id, page.before(), page.limit()); err != nil {
		return nil, "", err
	}
	rows, next := cut(page, rows, func(r eventRow) int64 { return r.Seq })
	return events(rows), next, nil
}

// FoundMax is how many visitors one look-up answers.
const FoundMax = 20

// FindVisitors looks visitors up by ticket number, contact or id for a member of staff; the look-up itself is an event
// that the visitor can see. Nobody found is an empty list.
func (d *DB) FindVisitors(ctx context.Context, staff kaopass.Staff, query string) (found []Profile, err error) {
	err = d.tx(ctx, func(t *tx) error {
		found = nil
		ids, err := t.lookUp(query)
		if err != nil {
			return err
		}
		for _, id := range ids[:min(len(ids), FoundMax)] {
			p, err := t.profile(id)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if err := t.looked(staff, id); err != nil {
				return err
			}
			found = append(found, p)
		}
		return nil
	})
	return found, err
}

// lookUp finds whom a member of staff means.
func (t *tx) lookUp(query string) ([]kaopass.VisitorID, error) {
	if kaopass.PrefixVisitor.Is(query) {
		return []kaopass.VisitorID{kaopass.VisitorID(query)}, nil
	}
	ids, err := t.holders(query)
	if err != nil || len(ids) > 0 {
		return ids, err
	}
	contact, ok := kaopass.Contact(query)
	if !ok {
		return nil, nil
	}
	hash, err := t.keys.Hash(useContact, contact)
	if err != nil {
		return nil, err
	}
	v, err := t.visitorBy(t.q.Visitor.ByContact, hash)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return []kaopass.VisitorID{v.ID}, err
}

// looked records that a member of staff opened a visitor's page.
func (t *tx) looked(staff kaopass.Staff, id kaopass.VisitorID) error {
	_, err := t.event(kaopass.Event{Kind: kaopass.StaffLooked, Actor: string(staff.ID), Visitor: id})
	return err
}
