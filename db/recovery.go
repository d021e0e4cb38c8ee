package db

import (
	"context"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
)

// Limits of coming back to a first account.
const (
	RecoveryLetters = 3 // letters in RecoveryWithin that one account may ask for
	RecoveryWithin  = time.Hour
)

// NotTwice takes it from a visitor that they had not enrolled before: the page is not shown again, and the code goes on
// being asked for. Where nothing was asked it does nothing.
func (d *DB) NotTwice(ctx context.Context, id kaopass.VisitorID) error {
	return d.tx(ctx, func(t *tx) error {
		e, err := t.lockEnrolment(id)
		if err != nil || e == nil {
			return err
		}
		answered, err := t.do(t.q.Alike.Answer, e.ID)
		if err != nil || answered == 0 {
			return err
		}
		return t.alikeEvent(kaopass.TwiceDenied, id, e.ID, string(id))
	})
}

// lockEnrolment locks a visitor and reads the enrolment: nil where no face is kept.
func (t *tx) lockEnrolment(id kaopass.VisitorID) (*kaopass.Enrolment, error) {
	if _, err := t.lockVisitor(id); err != nil {
		return nil, err
	}
	return t.enrolment(id)
}

// first finds the account in which a visitor's face seems to have been registered before: ErrNotFound where there is
// none, which nobody may be told.
func (t *tx) first(id kaopass.VisitorID) (v kaopass.Visitor, e *kaopass.Enrolment, err error) {
	if e, err = t.lockEnrolment(id); err != nil {
		return v, e, err
	}
	if e == nil {
		return v, e, ErrNotFound
	}
	var first kaopass.VisitorID
	if err := t.get(&first, t.q.Alike.First, e.ID); err != nil {
		return v, e, err
	}
	v, err = t.readVisitor(first)
	return v, e, err
}

// Letter is a sign-in code for the owner of a first account, for the messenger alone: whoever asked for it may learn
// neither the address nor whether there is one. Contact is empty where nothing is to be sent.
type Letter struct {
	SignInCode
	Language kaopass.Language
}

// AskRecovery makes a sign-in code for the first account of a visitor whose face seems to have been registered before.
// Reason is TooManyTries after RecoveryLetters of them; it tells nothing of the first account, whose own limits leave the
// letter empty instead.
func (d *DB) AskRecovery(ctx context.Context, id kaopass.VisitorID) (out Letter, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = Letter{}
		first, e, err := t.first(id)
		if err != nil {
			return notFoundIsDone(err)
		}
		if out.Reason, out.RetryAfter, err = t.recoveryWait(id); err != nil || out.Reason != "" {
			return err
		}
		if err := t.alikeEvent(kaopass.RecoveryAsked, id, e.ID, string(id)); err != nil {
			return err
		}
		if first.Contact == "" {
			return nil
		}
		code, err := t.requestSignIn(first.Contact)
		if err != nil || code.Reason != "" {
			return err
		}
		out.SignInCode, out.Language = code, first.Language
		_, err = t.event(kaopass.Event{Kind: kaopass.RecoverySent, Actor: venueActor, Visitor: first.ID})
		return err
	})
	return out, err
}

// recoveryWait says TooManyTries, and until when, where a visitor has asked for enough letters.
func (t *tx) recoveryWait(id kaopass.VisitorID) (kaopass.Reason, time.Duration, error) {
	var asked struct {
		Count  int
		Oldest time.Time
	}
	if err := t.get(&asked, t.q.Alike.Asked, id, t.now.Add(-RecoveryWithin)); err != nil {
		return "", 0, err
	}
	if asked.Count < RecoveryLetters {
		return "", 0, nil
	}
	return kaopass.TooManyTries, asked.Oldest.Add(RecoveryWithin).Sub(t.now), nil
}

// Recover signs a visitor in to their first account with the code of the letter, and takes the face out of the account
// that they come from: one person, one face. What else that account holds stays there. Every refusal is SignInCodeWrong,
// also where there is no first account, no address, or where the code's tries are over: none of it tells them apart.
// left says what was taken out.
func (d *DB) Recover(ctx context.Context, id kaopass.VisitorID, code string) (out SignedIn, left Removal, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out, left = SignedIn{}, Removal{}
		first, _, err := t.first(id)
		if errors.Is(err, ErrNotFound) || err == nil && first.Contact == "" {
			out.Reason = kaopass.SignInCodeWrong
			return nil
		}
		if err != nil {
			return err
		}
		wrong, err := t.spendCode(first.Contact, code)
		if err != nil || wrong != "" {
			out.Reason = kaopass.SignInCodeWrong
			return err
		}
		if left, err = t.eraseFace(id); err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.RecoveryDone, Actor: string(first.ID), Visitor: first.ID})
		if err != nil {
			return err
		}
		out.Visitor = first
		out.Token, err = t.openSession(first.ID, "")
		return err
	})
	return out, left, err
}
