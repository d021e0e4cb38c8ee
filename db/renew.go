package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// Renew makes of a template by a former model one of the model in force, or says that it cannot. It runs inside the
// transaction of [Admit], after Compare said that the face is the holder's, and must be quick.
type Renew func(kaopass.Template) (_ kaopass.Template, renewed bool)

// Models counts the templates that each embedding model made.
func (d *DB) Models(ctx context.Context) (map[string]int, error) {
	var rows []struct {
		Model string
		N     int
	}
	if err := d.list(ctx, &rows, d.q.Enrolment.TemplateModels); err != nil {
		return nil, err
	}
	out := make(map[string]int, len(rows))
	for _, r := range rows {
		out[r.Model] = r.N
	}
	return out, nil
}

// renewHolder seals the template that a gate made anew, in place of the one that it was compared with. The payment
// template stays as it is: the face was seen at a gate, for admission.
func (t *tx) renewHolder(holder kaopass.VisitorID, gate kaopass.Device, template kaopass.Template) error {
	person, err := t.person(holder)
	if err != nil {
		return err
	}
	enrolment, err := t.enrolment(holder)
	if err != nil || enrolment == nil {
		return err
	}
	sealed, err := t.sealTemplate(person, template, kaopass.ForAdmission)
	if err != nil {
		return err
	}
	if err := t.must(t.q.Enrolment.TemplateRenew, enrolment.ID, kaopass.ForAdmission, sealed, template.Model); err != nil {
		return err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.TemplateRenewed, Actor: string(gate.ID), Visitor: holder,
		Device: gate.ID, Place: gate.Name, Zone: gate.Zone, Subject: string(enrolment.ID), Purpose: kaopass.ForAdmission})
	return err
}
