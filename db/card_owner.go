package db

import (
	"context"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
)

// Limits of writing to a card's owner.
const (
	ownerTries    = 8                // letters that the gateway did not take; the wallet's page says it all the same
	ownerPauseMin = time.Minute      // before the second
	ownerPauseMax = 6 * time.Hour    //
	ownerWithin   = 30 * time.Second // the gateway's work on one
	ownerBatch    = 50               // letters in one round
)

// askOwner marks the card of a charge: its bank wants to hear from its owner (strong customer authentication), so the
// card pays nothing before they have answered. Asked again meanwhile it does nothing, and neither does an outcome that is
// learnt after the owner has answered what was asked later.
func (t *tx) askOwner(c charge) error {
	fresh, err := t.do(t.q.Company.OwnerAsk, c.Method, c.ID, t.now, c.AskedAt)
	if err != nil || fresh == 0 {
		return err
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.CardOwnerAsked, Actor: venueActor, Visitor: c.Visitor, Subject: string(c.Method),
		Purpose: kaopass.ForPayment, Amount: c.money()})
	return err
}

// CardForm is a page of the card company that a visitor was sent to.
type CardForm struct {
	ID     string           // the company's
	Method kaopass.MethodID // the card whose owner answers there; empty: a card to be added
	Token  string           // of that card; empty where it was removed meanwhile
	Ended  bool
}

// OpenForm notes which page the visitor was sent to, and for which card (empty: one to be added).
func (d *DB) OpenForm(ctx context.Context, id kaopass.VisitorID, form string, method kaopass.MethodID) error {
	return d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Company.FormOpen, form, id, method, t.now)
		return err
	})
}

// CardForm reads a page: ErrNotFound where this visitor was not sent to it.
func (d *DB) CardForm(ctx context.Context, id kaopass.VisitorID, form string) (f CardForm, err error) {
	return f, d.get(ctx, &f, d.q.Company.FormRead, form, id)
}

// CardGiven is what a page came to: the card, and whether it is the one whose owner was asked for. The zero CardGiven is
// a page that gave none.
type CardGiven struct {
	Token, Label string
	Same         bool
}

// CloseForm takes what a page came to, once however often its outcome is asked for: kept is false for whoever comes
// later. The card that was asked about pays again, under its new name; another one is added. ErrNotFound where the
// visitor is no customer any more, otherwise as [DB.AddCard].
func (d *DB) CloseForm(ctx context.Context, id kaopass.VisitorID, form string, gave CardGiven) (kept bool, err error) {
	err = d.tx(ctx, func(t *tx) error {
		kept = false
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		var c Customer
		if err := t.get(&c, t.q.Company.Customer, id); err != nil {
			return err
		}
		if c.Ref == "" {
			return ErrNotFound
		}
		var method kaopass.MethodID
		first, err := t.find(&method, t.q.Company.FormEnd, form, id, t.now)
		if err != nil || !first || gave.Token == "" {
			return err
		}
		kept = true
		return t.takeCard(id, method, gave)
	})
	return kept && err == nil, err
}

// takeCard renews the card that was asked about, or adds the one that was given.
func (t *tx) takeCard(id kaopass.VisitorID, method kaopass.MethodID, gave CardGiven) error {
	var m methodRow
	if method != "" && gave.Same {
		found, err := t.find(&m, t.q.Wallet.MethodRead, method, id)
		if err != nil {
			return err
		}
		if found {
			return t.ownerAnswered(id, m, gave)
		}
	}
	found, err := t.find(&m, t.q.Wallet.MethodOf, id, gave.Token)
	if err == nil && !found {
		_, err = t.addCard(id, gave.Token, gave.Label)
	}
	return err
}

// ownerAnswered has a card pay again, under the name that its company gave it with the answer. The company forgets the
// former one.
func (t *tx) ownerAnswered(id kaopass.VisitorID, m methodRow, gave CardGiven) error {
	if m.Token != gave.Token {
		if _, err := t.do(t.q.Company.ByeCard, id, m.Token, t.now); err != nil {
			return err
		}
	}
	if err := t.must(t.q.Company.OwnerRenew, m.ID, id, gave.Token, gave.Label); err != nil {
		return err
	}
	asked, err := t.do(t.q.Company.OwnerAnswer, m.ID, id)
	if err != nil || asked == 0 {
		return err
	}
	return t.methodEvent(kaopass.CardOwnerAnswered, id, m.ID)
}

// AnswerOwner is the same where the card company has no pages of its own (the sandbox): renew gives the card's new name,
// ok is false where the company does not know the card. Done once; a card that nobody asks about stays as it is.
func (d *DB) AnswerOwner(ctx context.Context, id kaopass.VisitorID, method kaopass.MethodID, renew func(token string) (renewed string, ok bool)) error {
	return d.tx(ctx, func(t *tx) error {
		m, err := t.lockMethod(id, method)
		if err != nil || !m.Asked {
			return err
		}
		token, ok := renew(m.Token)
		if !ok {
			return ErrNotFound
		}
		return t.ownerAnswered(id, m, CardGiven{Token: token, Label: m.Label})
	})
}

// OwnerLetter is what has to be written to a visitor whose card's bank wants to hear from them.
type OwnerLetter struct {
	Contact  string
	Language kaopass.Language
	Card     string // its label
}

// OwnerLetters hands over what is to be written, oldest first; one that send cannot bring is due again later, at most
// ownerTries times. Sent at least once for each time that a bank asks; a card that pays again is not written about.
func (d *DB) OwnerLetters(ctx context.Context, send func(context.Context, OwnerLetter) error) error {
	var failed []error
	for range ownerBatch {
		err := d.ownerLetter(ctx, send)
		if errors.Is(err, ErrNotFound) {
			break
		}
		failed = append(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// ownerLetter takes one and has it sent; ErrNotFound where none is due.
func (d *DB) ownerLetter(ctx context.Context, send func(context.Context, OwnerLetter) error) error {
	var due struct {
		Method  kaopass.MethodID
		Visitor kaopass.VisitorID
		Tries   int
		Label   string
	}
	letter := OwnerLetter{}
	err := d.tx(ctx, func(t *tx) error {
		if err := t.get(&due, t.q.Company.LetterTake, t.now, ownerPauseMin.Seconds(), ownerPauseMax.Seconds()); err != nil {
			return err
		}
		v, err := t.readVisitor(due.Visitor)
		letter = OwnerLetter{Contact: v.Contact, Language: v.Language, Card: due.Label}
		return notFoundIsDone(err)
	})
	if err != nil {
		return err
	}
	if letter.Contact != "" {
		ctx, done := context.WithTimeout(ctx, ownerWithin)
		defer done()
		if err = send(ctx, letter); err != nil && due.Tries < ownerTries {
			return err
		}
	}
	return errors.Join(err, d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Company.LetterDone, due.Method, t.now)
		return err
	}))
}
