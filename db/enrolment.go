package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// enrolmentQueries keeps faces.
type enrolmentQueries struct {
	Add              *sqlx.Stmt `query:"enrolment-add"`
	Of               *sqlx.Stmt `query:"enrolment-of"`
	Tries            *sqlx.Stmt `query:"enrolment-tries"`
	Erase            *sqlx.Stmt `query:"enrolment-erase"`
	TemplateAdd      *sqlx.Stmt `query:"template-add"`
	TemplatePurposes *sqlx.Stmt `query:"template-purposes"`
	TemplateErase    *sqlx.Stmt `query:"template-erase"`
	TemplateRead     *sqlx.Stmt `query:"template-read"`
	TemplateByID     *sqlx.Stmt `query:"template-by-enrolment"`
	TemplateAll      *sqlx.Stmt `query:"template-all"`
	TemplateRoom     *sqlx.Stmt `query:"template-room"`
	TemplateGrown    *sqlx.Stmt `query:"template-grown"`
	TemplateGrow     *sqlx.Stmt `query:"template-grow"`
	TemplateRenew    *sqlx.Stmt `query:"template-renew"`
	TemplateModels   *sqlx.Stmt `query:"template-models"`
	Patience         *sqlx.Stmt `query:"patience"`
}

// Enrol is what a capture, a kiosk or an import brings.
type Enrol struct {
	Visitor  kaopass.VisitorID
	Template kaopass.Template
	By       string // "self", "kiosk:<StaffID>" or "import:<reference>"
	Near     Near   // finds look-alikes at once; nil leaves it to the gallery's follower
}

// actor is who an enrolment's events name.
func (e Enrol) actor() string {
	if staff, kiosk := strings.CutPrefix(e.By, kioskBy); kiosk {
		return staff
	}
	if strings.HasPrefix(e.By, importedBy) {
		return venueActor
	}
	return string(e.Visitor)
}

// Enrolled is the outcome: Reason is ConsentMissing or ConsentWithdrawn where no consent stands, else empty.
type Enrolled struct {
	Enrolment kaopass.Enrolment
	Reason    kaopass.Reason
}

// Enrol keeps a face: consent is read under the lock, the template sealed once for each purpose that is consented to,
// and an earlier enrolment of the same visitor replaced.
func (d *DB) Enrol(ctx context.Context, e Enrol) (out Enrolled, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(e.Visitor); err != nil {
			return err
		}
		out, err = t.enrol(e)
		return err
	})
	return out, err
}

// enrol keeps the face of a locked visitor.
func (t *tx) enrol(e Enrol) (out Enrolled, err error) {
	consents, err := t.newestConsents(e.Visitor)
	if err != nil {
		return out, err
	}
	purposes := slices.DeleteFunc(kaopass.Purposes(), func(p kaopass.Purpose) bool { return !consents[p].Stands() })
	if len(purposes) == 0 {
		out.Reason = kaopass.ConsentMissing
		if len(consents) > 0 {
			out.Reason = kaopass.ConsentWithdrawn
		}
		_, err := t.event(kaopass.Event{Kind: kaopass.EnrolmentRefused, Actor: e.actor(), Visitor: e.Visitor, Reason: out.Reason})
		return out, err
	}
	if err := t.replaceEnrolment(e); err != nil {
		return out, err
	}
	out.Enrolment, err = t.addEnrolment(e, purposes)
	if err != nil || e.Near == nil || !slices.Contains(purposes, kaopass.ForPayment) {
		return out, err
	}
	return out, t.markAlike(out.Enrolment.ID, e.Near(e.Template, out.Enrolment.ID))
}

// replaceEnrolment takes away the face that was there before.
func (t *tx) replaceEnrolment(e Enrol) error {
	old, err := t.enrolment(e.Visitor)
	if err != nil || old == nil {
		return err
	}
	for _, purpose := range kaopass.Purposes() {
		if err := t.eraseTemplate(old, purpose, e.actor()); err != nil {
			return err
		}
	}
	_, err = t.eraseEnrolment(*old, e.actor())
	return err
}

func (t *tx) addEnrolment(e Enrol, purposes []kaopass.Purpose) (kaopass.Enrolment, error) {
	made := kaopass.Enrolment{ID: kaopass.EnrolmentID(t.newID(kaopass.PrefixEnrolment)), Visitor: e.Visitor,
		Model: e.Template.Model, Frames: len(e.Template.Frames), Created: t.now, By: e.By}
	person, err := t.person(e.Visitor)
	if err != nil {
		return made, err
	}
	_, err = t.do(t.q.Enrolment.Add, made.ID, made.Visitor, made.Model, made.Frames, made.Created, made.By)
	if err != nil {
		return made, err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.EnrolmentCreated, Actor: e.actor(), Visitor: e.Visitor, Subject: string(made.ID)})
	if err != nil {
		return made, err
	}
	for _, purpose := range purposes {
		if err := t.addTemplate(made, person, e.Template, purpose, e.actor()); err != nil {
			return made, err
		}
	}
	return made, nil
}

// addTemplate seals a template for one purpose; the gallery's followers hear of it.
func (t *tx) addTemplate(e kaopass.Enrolment, person *seal.Person, template kaopass.Template, purpose kaopass.Purpose, actor string) error {
	sealed, err := t.sealTemplate(person, template, purpose)
	if err != nil {
		return err
	}
	if _, err := t.do(t.q.Enrolment.TemplateAdd, e.ID, purpose, sealed, template.Model); err != nil {
		return err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.TemplateAdded, Actor: actor, Visitor: e.Visitor, Subject: string(e.ID), Purpose: purpose})
	return err
}

// eraseTemplate destroys the template for one purpose, if there is one.
func (t *tx) eraseTemplate(e *kaopass.Enrolment, purpose kaopass.Purpose, actor string) error {
	if e == nil {
		return nil
	}
	if purpose == kaopass.ForPayment {
		if err := t.freeAlike(e.ID); err != nil {
			return err
		}
	}
	erased, err := t.do(t.q.Enrolment.TemplateErase, e.ID, purpose)
	if err != nil || erased == 0 {
		return err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.TemplateRemoved, Actor: actor, Visitor: e.Visitor, Subject: string(e.ID), Purpose: purpose})
	return err
}

// eraseEnrolment removes an enrolment without templates.
func (t *tx) eraseEnrolment(e kaopass.Enrolment, actor string) (kaopass.Event, error) {
	if err := t.must(t.q.Enrolment.Erase, e.ID); err != nil {
		return kaopass.Event{}, err
	}
	return t.event(kaopass.Event{Kind: kaopass.EnrolmentErased, Actor: actor, Visitor: e.Visitor, Subject: string(e.ID)})
}

// enrolment reads the visitor's enrolment: nil where no face is kept.
func (t *tx) enrolment(id kaopass.VisitorID) (*kaopass.Enrolment, error) {
	var row struct {
		ID      kaopass.EnrolmentID
		Visitor kaopass.VisitorID
		Model   string
		Frames  int
		Created time.Time
		MadeBy  string `db:"made_by"`
	}
	found, err := t.find(&row, t.q.Enrolment.Of, id)
	if err != nil || !found {
		return nil, err
	}
	return &kaopass.Enrolment{ID: row.ID, Visitor: row.Visitor, Model: row.Model, Frames: row.Frames,
		Created: row.Created.UTC(), By: row.MadeBy}, nil
}

// template opens the visitor's template for a purpose: found is false where none is kept. Whether a consent stands is
// the caller's to ask ([tx.newestConsent]).
func (t *tx) template(id kaopass.VisitorID, purpose kaopass.Purpose) (_ kaopass.Template, found bool, err error) {
	var row templateRow
	if found, err = t.find(&row, t.q.Enrolment.TemplateRead, id, purpose); err != nil || !found {
		return kaopass.Template{}, false, err
	}
	template, err := t.open(row)
	return template, err == nil, err
}

type templateRow struct {
	Enrolment kaopass.EnrolmentID
	Visitor   kaopass.VisitorID
	Purpose   kaopass.Purpose
	Sealed    []byte
	Wrapped   []byte
}

// open unseals a stored template.
func (d *DB) open(row templateRow) (template kaopass.Template, err error) {
	person, err := d.keys.Person(row.Visitor, row.Wrapped)
	if err != nil {
		return template, fmt.Errorf("db: the key of %s: %w", row.Enrolment, err)
	}
	plain, err := person.Open(useTemplate+seal.Use(row.Purpose), row.Sealed)
	if err != nil {
		return template, fmt.Errorf("db: the template of %s: %w", row.Enrolment, err)
	}
	err = template.UnmarshalBinary(plain)
	clear(plain)
	return template, err
}
