package db

import (
	"context"
	"errors"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// Learn makes of a template one that has learned a frame, or says that it has nothing to learn. The first enrolled
// frames of it are those of the enrolment: they stay as they are.
type Learn func(template kaopass.Template, enrolled int) (_ kaopass.Template, learned bool)

// GrowTemplate lets the payer's template for payment learn from the face that was shown for a payment, where
// [kaopass.Growth] allows it: everything that it looks at is read under the payer's lock, and whether a code named the
// payer is asked of the payment's own events, not of the caller. The template is sealed anew, and the gallery's
// followers hear of it. The template for admission stays as it is: the face was seen at a till, for paying.
func (d *DB) GrowTemplate(ctx context.Context, id kaopass.PaymentID, learn Learn) (grown bool, err error) {
	err = d.tx(ctx, func(t *tx) (err error) {
		grown, err = t.growTemplate(id, learn)
		return err
	})
	return grown, err
}

type codedRow struct {
	Payer  kaopass.VisitorID
	Status kaopass.PaymentStatus
	Coded  bool
}

func (t *tx) growTemplate(id kaopass.PaymentID, learn Learn) (bool, error) {
	var paid codedRow
	if err := t.get(&paid, t.q.Payment.Coded, id); err != nil || paid.Payer == "" {
		return false, err
	}
	visitor, err := t.lockVisitor(paid.Payer)
	if errors.Is(err, ErrNotFound) { // erased since
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := t.get(&paid, t.q.Payment.Coded, id); err != nil { // as it is under the lock
		return false, err
	}
	var row struct {
		templateRow
		GrownAt stamp `db:"grown_at"`
		Alike   bool
	}
	found, err := t.find(&row, t.q.Enrolment.TemplateGrown, visitor.ID)
	if err != nil || !found {
		return false, err
	}
	growth := kaopass.Growth{Status: paid.Status, Coded: paid.Coded, Frozen: visitor.Frozen, Alike: row.Alike,
		Grown: row.GrownAt.Time}
	if growth.Consent, err = t.newestConsent(visitor.ID, kaopass.ForPayment); err != nil || !growth.May(t.now) {
		return false, err
	}
	return t.learn(visitor.ID, row.templateRow, learn)
}

// learn opens a template, and seals it anew where it has learned.
func (t *tx) learn(id kaopass.VisitorID, row templateRow, learn Learn) (bool, error) {
	template, err := t.open(row)
	if err != nil {
		return false, err
	}
	defer template.Wipe()
	enrolment, err := t.enrolment(id)
	if err != nil || enrolment == nil || enrolment.ID != row.Enrolment {
		return false, err
	}
	grown, learned := learn(template, min(enrolment.Frames, len(template.Frames)))
	if !learned {
		return false, nil
	}
	person, err := t.person(id)
	if err != nil {
		return false, err
	}
	sealed, err := t.sealTemplate(person, grown, kaopass.ForPayment)
	if err != nil {
		return false, err
	}
	if err := t.must(t.q.Enrolment.TemplateGrow, row.Enrolment, sealed, t.now, grown.Model); err != nil {
		return false, err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.TemplateGrown, Actor: venueActor, Visitor: id,
		Subject: string(row.Enrolment), Purpose: kaopass.ForPayment})
	return err == nil, err
}

// sealTemplate seals a template with its person's key, for one purpose.
func (t *tx) sealTemplate(person *seal.Person, template kaopass.Template, purpose kaopass.Purpose) ([]byte, error) {
	plain, err := template.MarshalBinary()
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	return person.Seal(useTemplate+seal.Use(purpose), plain)
}

// enrolled is what of a template the enrolment itself gave, without what it learned at tills: that was seen for paying,
// and another purpose does not get it.
func enrolled(template kaopass.Template, e kaopass.Enrolment) kaopass.Template {
	template.Frames = slices.Clip(template.Frames[:min(e.Frames, len(template.Frames))])
	return template
}
