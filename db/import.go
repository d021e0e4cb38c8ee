package db

import (
	"context"
	"errors"

	"github.com/kaopass/kaopass"
)

// Import is an assisted enrolment from photos and a signed paper form, as `kaopass enrol` sends it.
type Import struct {
	Key        kaopass.Key // optional: a script that repeats itself pays nothing in twice
	Name       string
	Contact    string // optional
	Language   kaopass.Language
	Template   kaopass.Template
	Consents   []kaopass.Consent // Method SignedPaper, Mark the form's reference
	TicketQR   string            // optional: QR text or number
	Code       string            // optional: a payment code chosen by the operator; empty: none yet, the person's page draws one
	Wallet     kaopass.Money     // optional first top-up, paid at the desk
	ConsentRef string
	Young      bool              // younger than those who sign for themselves
	Guardian   *kaopass.Guardian // who signed the form for somebody young; nil: they signed for themselves
}

// Imported is the outcome of an Import. Nothing was changed where Reason is set, but that it was refused is an event.
type Imported struct {
	Visitor   kaopass.VisitorID
	Enrolment kaopass.EnrolmentID
	Reason    kaopass.Reason
}

// refusalError carries a Reason out of a verb whose steps so far must be undone.
type refusalError kaopass.Reason

// Error names the reason.
func (r refusalError) Error() string { return "db: refused: " + string(r) }

// Import makes a visitor with consents, face, ticket, code and wallet in one transaction, by exactly the portal's rules:
// no consent for a purpose, no template for it; no consent for payment, no code and no money; somebody young without a
// guardian is AgeTooYoung. A FieldError for a guardian whose name or allowance cannot be.
func (d *DB) Import(ctx context.Context, in Import) (out Imported, err error) {
	if in.Guardian != nil && guardianFault(*in.Guardian) != "" {
		return out, &FieldError{Field: guardianFault(*in.Guardian)}
	}
	var no refusalError
	err = d.tx(ctx, func(t *tx) error {
		out = Imported{}
		_, err := once(t, in.Key, &out, func() (err error) {
			out, err = t.imported(in)
			return err
		})
		return err
	})
	if !errors.As(err, &no) {
		return out, err
	}
	out = Imported{Reason: kaopass.Reason(no)}
	return out, d.tx(ctx, func(t *tx) error {
		_, err := t.event(kaopass.Event{Kind: kaopass.EnrolmentRefused, Actor: venueActor, Reason: out.Reason})
		return err
	})
}

func (t *tx) imported(in Import) (out Imported, err error) {
	v, _, err := t.visitorOf(in.Contact, in.Language, venueActor)
	if err != nil {
		return out, err
	}
	out.Visitor = v.ID
	if err := t.importGuardian(v, in); err != nil {
		return out, err
	}
	if in.Name != "" {
		if err := t.setProfile(v.ID, in.Name, in.Language); err != nil {
			return out, err
		}
	}
	if err := t.giveConsents(v.ID, in.Consents, venueActor); err != nil {
		return out, err
	}
	enrolled, err := t.enrol(Enrol{Visitor: v.ID, Template: in.Template, By: importedBy + in.ConsentRef})
	if err != nil {
		return out, err
	}
	if enrolled.Reason != "" {
		return out, refusalError(enrolled.Reason)
	}
	out.Enrolment = enrolled.Enrolment.ID
	if in.TicketQR != "" {
		bound, err := t.bindText(v.ID, in.TicketQR, venueActor)
		if err != nil {
			return out, err
		}
		if bound.Reason != "" {
			return out, refusalError(bound.Reason)
		}
	}
	return out, t.importMoney(v.ID, in)
}

// importGuardian notes who signed for somebody young; who signed for them before goes on doing so.
func (t *tx) importGuardian(v kaopass.Visitor, in Import) error {
	if in.Guardian != nil {
		return t.signGuardian(v, *in.Guardian, venueActor)
	}
	if !in.Young {
		return nil
	}
	signed, err := t.guardian(v.ID)
	if err == nil && signed == nil {
		return refusalError(kaopass.AgeTooYoung)
	}
	return err
}

// importMoney issues a code that was given and tops the wallet up, where payment is consented to.
func (t *tx) importMoney(id kaopass.VisitorID, in Import) error {
	payment, err := t.newestConsent(id, kaopass.ForPayment)
	if err != nil {
		return err
	}
	if no := kaopass.ConsentRefusal(payment); no != "" {
		if in.Wallet.Value != 0 || in.Code != "" {
			return refusalError(no)
		}
		return nil
	}
	if in.Code != "" { // one that is drawn here nobody could ever learn
		if _, err := t.setCode(id, in.Code, nil, venueActor); err != nil {
			return err
		}
	}
	if in.Wallet.Value == 0 {
		return nil
	}
	reason, err := t.deskTopUp(id, in.Wallet, venueActor)
	if err == nil && reason != "" {
		return refusalError(reason)
	}
	return err
}
