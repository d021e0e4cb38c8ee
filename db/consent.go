package db

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// GiveConsents signs one or two consents, now by the venue's clock; for payment it also opens the wallet. Where a face
// is kept already, it becomes usable for the new purpose in the same transaction. A text that the visitor has signed
// and that stands is not signed again.
func (d *DB) GiveConsents(ctx context.Context, id kaopass.VisitorID, consents []kaopass.Consent) error {
	return d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		return t.giveConsents(id, consents, string(id))
	})
}

// giveConsents signs consents of a locked visitor.
func (t *tx) giveConsents(id kaopass.VisitorID, consents []kaopass.Consent, actor string) error {
	for _, c := range consents {
		if err := checkConsent(c); err != nil {
			return err
		}
		if err := t.giveConsent(id, c, actor); err != nil {
			return err
		}
	}
	return nil
}

// checkConsent refuses what the caller should have: a consent is evidence, and has to be whole.
func checkConsent(c kaopass.Consent) error {
	hash, err := hex.DecodeString(c.TextHash)
	switch {
	case !slices.Contains(kaopass.Purposes(), c.Purpose):
		return fmt.Errorf("db: a consent for %q", c.Purpose)
	case err != nil || len(hash) != 32 || c.TextVersion == "":
		return fmt.Errorf("db: a consent whose text is not named by version and hash")
	case c.Mark == "" || len(c.Mark) > kaopass.SignMarkMax:
		return fmt.Errorf("db: a consent signed with %d bytes", len(c.Mark))
	}
	return nil
}

func (t *tx) giveConsent(id kaopass.VisitorID, c kaopass.Consent, actor string) error {
	before, err := t.newestConsent(id, c.Purpose)
	if err != nil || before.Stands() && before.TextHash == c.TextHash {
		return err
	}
	person, err := t.person(id)
	if err != nil {
		return err
	}
	mark, err := person.Seal(useMark+seal.Use(c.Purpose), []byte(c.Mark))
	if err != nil {
		return err
	}
	if _, err := t.do(t.q.Consent.End, id, c.Purpose, t.now); err != nil { // an older text, now replaced
		return err
	}
	_, err = t.do(t.q.Consent.Give, id, c.Purpose, c.TextVersion, c.TextHash, c.Language, c.Method, mark, t.now)
	if err != nil {
		return err
	}
	if _, err := t.event(kaopass.Event{Kind: kaopass.ConsentGiven, Actor: actor, Visitor: id, Purpose: c.Purpose}); err != nil {
		return err
	}
	if c.Purpose == kaopass.ForPayment {
		if err := t.openWallet(id); err != nil {
			return err
		}
	}
	return t.spread(id, person, c.Purpose, actor)
}

// spread makes a face that is kept for another purpose usable for this one too.
func (t *tx) spread(id kaopass.VisitorID, person *seal.Person, purpose kaopass.Purpose, actor string) error {
	e, err := t.enrolment(id)
	if err != nil || e == nil {
		return err
	}
	var have []kaopass.Purpose
	if err := t.list(&have, t.q.Enrolment.TemplatePurposes, e.ID); err != nil {
		return err
	}
	if len(have) == 0 || slices.Contains(have, purpose) {
		return nil
	}
	template, _, err := t.template(id, have[0])
	if err != nil {
		return err
	}
	return t.addTemplate(*e, person, enrolled(template, *e), purpose, actor)
}
