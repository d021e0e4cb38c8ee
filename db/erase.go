package db

import (
	"context"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
)

// Removal is what a withdrawal or an erasure did: the confirmation that stays.
type Removal struct {
	At       time.Time
	Receipt  kaopass.EventID   // the event that proves it
	Purposes []kaopass.Purpose // for which no template stands any more
	KeyGone  bool              // the person's data key was destroyed

	// Enrolment is to be found for payment no more, by the event numbered Seq; empty where nobody was. Whoever holds a
	// gallery forgets it before they answer, and does not wait for the feed.
	Enrolment kaopass.EnrolmentID
	Seq       int64
}

// Withdraw takes a consent back: the template for that purpose is destroyed; with the last purpose, the person's key,
// before anything else. A consent that was taken back before answers the confirmation of then; one that was never given
// is ErrNotFound.
func (d *DB) Withdraw(ctx context.Context, id kaopass.VisitorID, purpose kaopass.Purpose) (out Removal, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		consents, err := t.newestConsents(id)
		if err != nil {
			return err
		}
		given, ever := consents[purpose]
		if !ever {
			return ErrNotFound
		}
		if !given.Stands() {
			out, err = t.receipt(id, kaopass.ConsentTaken, purpose, consents)
			return err
		}
		given.WithdrawnAt = t.now
		consents[purpose] = given
		out, err = t.withdraw(id, consents, []kaopass.Purpose{purpose}, string(id))
		return err
	})
	return out, err
}

// EraseFace destroys the person's key and every template, and withdraws both consents; the account stays.
func (d *DB) EraseFace(ctx context.Context, id kaopass.VisitorID) (out Removal, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		out, err = t.eraseFace(id)
		return err
	})
	return out, err
}

// eraseFace withdraws everything that stands for a locked visitor.
func (t *tx) eraseFace(id kaopass.VisitorID) (Removal, error) {
	consents, err := t.newestConsents(id)
	if err != nil {
		return Removal{}, err
	}
	var standing []kaopass.Purpose
	for _, purpose := range kaopass.Purposes() {
		if c := consents[purpose]; c.Stands() {
			c.WithdrawnAt = t.now
			consents[purpose] = c
			standing = append(standing, purpose)
		}
	}
	if len(standing) == 0 {
		return t.receipt(id, kaopass.EnrolmentErased, "", consents)
	}
	return t.withdraw(id, consents, standing, string(id))
}

// withdraw takes the purposes back. consents are the newest ones as they are afterwards.
func (t *tx) withdraw(id kaopass.VisitorID, consents map[kaopass.Purpose]kaopass.Consent, purposes []kaopass.Purpose, actor string) (out Removal, err error) {
	out = Removal{At: t.now, Purposes: purposes, KeyGone: !anyStands(consents)}
	if out.KeyGone {
		if _, err := t.do(t.q.Consent.KeyDestroy, id); err != nil {
			return out, err
		}
	}
	e, err := t.enrolment(id)
	if err != nil {
		return out, err
	}
	for _, purpose := range purposes {
		if err := t.must(t.q.Consent.End, id, purpose, t.now); err != nil {
			return out, err
		}
		taken, err := t.event(kaopass.Event{Kind: kaopass.ConsentTaken, Actor: actor, Visitor: id, Purpose: purpose})
		if err != nil {
			return out, err
		}
		out.Receipt = taken.ID
		if err := t.eraseTemplate(e, purpose, actor); err != nil {
			return out, err
		}
		if purpose != kaopass.ForPayment {
			continue
		}
		if err := errors.Join(t.forgetPayment(id), t.spoilSnapshots()); err != nil {
			return out, err
		}
		if e != nil {
			out.Enrolment, out.Seq = e.ID, taken.Seq
		}
	}
	if e == nil || !out.KeyGone {
		return out, nil
	}
	erased, err := t.eraseEnrolment(*e, actor)
	out.Receipt = erased.ID
	return out, err
}

func anyStands(consents map[kaopass.Purpose]kaopass.Consent) bool {
	for _, c := range consents {
		if c.Stands() {
			return true
		}
	}
	return false
}

// receipt answers the confirmation of a removal that was made before: without a Receipt where there was never anything
// to remove.
func (t *tx) receipt(id kaopass.VisitorID, kind kaopass.EventKind, purpose kaopass.Purpose, consents map[kaopass.Purpose]kaopass.Consent) (Removal, error) {
	row := struct {
		ID kaopass.EventID
		At time.Time
	}{At: t.now}
	if _, err := t.find(&row, t.q.Consent.Receipt, id, kind, purpose); err != nil {
		return Removal{}, err
	}
	gone := kaopass.Purposes()
	if purpose != "" {
		gone = []kaopass.Purpose{purpose}
	}
	return Removal{At: row.At.UTC(), Receipt: row.ID, Purposes: gone, KeyGone: !anyStands(consents)}, nil
}

// EraseVisitor does what EraseFace does and removes name, contact, passkeys and sessions too; the ledger keeps its
// entries under the bare id, as the law on bookkeeping asks. A wallet with money in it is refused as a StateError.
func (d *DB) EraseVisitor(ctx context.Context, id kaopass.VisitorID) (out Removal, err error) {
	err = d.tx(ctx, func(t *tx) error {
		v, err := t.lockVisitor(id)
		if err != nil {
			return err
		}
		if err := t.leave(id); err != nil {
			return err
		}
		if out, err = t.eraseFace(id); err != nil {
			return err
		}
		if err := t.eraseAccount(v); err != nil {
			return err
		}
		erased, err := t.event(kaopass.Event{Kind: kaopass.VisitorErased, Actor: string(id), Visitor: id})
		out.At, out.Receipt, out.KeyGone = t.now, erased.ID, true
		return err
	})
	return out, err
}

// eraseAccount removes what an account holds beside the face.
func (t *tx) eraseAccount(v kaopass.Visitor) error {
	if _, err := t.do(t.q.Passkey.RemoveAll, v.ID); err != nil {
		return err
	}
	if _, err := t.do(t.q.SignIn.SessionEndAll, v.ID); err != nil {
		return err
	}
	if _, err := t.do(t.q.Consent.KeyDestroy, v.ID); err != nil {
		return err
	}
	owner, err := t.keys.Hash(useContact, v.Contact)
	if err != nil {
		return err
	}
	if _, err := t.do(t.q.SignIn.CodeDrop, owner); err != nil {
		return err
	}
	return t.must(t.q.Visitor.Bare, v.ID, t.now)
}
