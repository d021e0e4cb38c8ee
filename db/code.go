package db

import (
	"context"
	"crypto/subtle"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// useCode is what a payment code is hashed for. The hash has no salt of the person: whoever issues a code has to count
// its holders, and 10,000 values are kept safe by the venue's key, not by a salt.
const useCode seal.Use = "payment code"

// Limits of practising the code, and of drawing it anew. Codes are safe because nobody chooses theirs; and as nobody is given one
// that somebody near has, whoever could draw without end would learn from what never comes what a look-alike's code is.
const (
	CodeDraws          = 30 // a visitor in CodeDrawsWithin, then TooManyTries
	CodeDrawsWithin    = 24 * time.Hour
	CodePractice       = 5 // wrong tries in CodePracticeWithin, then TooManyTries
	CodePracticeWithin = 10 * time.Minute
)

// IssueCode gives the visitor a new four-digit code, drawn at random, shown this once, stored as a keyed hash only. Nobody
// near their face has it, as near finds them; nil looks at nobody, and leaves a code that meets another to the gallery's
// follower. Reason is ConsentMissing or ConsentWithdrawn where payment is not consented to, TooManyTries after CodeDraws.
func (d *DB) IssueCode(ctx context.Context, id kaopass.VisitorID, near Near) (code string, reason kaopass.Reason, err error) {
	err = d.tx(ctx, func(t *tx) error {
		code = ""
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		consent, err := t.newestConsent(id, kaopass.ForPayment)
		if err != nil {
			return err
		}
		if reason = kaopass.ConsentRefusal(consent); reason != "" {
			return nil
		}
		drawn := 0
		if err := t.get(&drawn, t.q.Wallet.CodeDraws, id, t.now.Add(-CodeDrawsWithin)); err != nil {
			return err
		}
		if drawn >= CodeDraws {
			reason = kaopass.TooManyTries
			return nil
		}
		around, err := t.nearest(id, near)
		if err != nil {
			return err
		}
		code, err = t.setCode(id, "", around, string(id))
		return err
	})
	return code, reason, err
}

// nearest are the enrolments with whom a visitor may not share a code: none where no face is kept for payment. Where not
// everyone could be looked at, a follower compares the face again, and calls a code in that somebody near has.
func (t *tx) nearest(id kaopass.VisitorID, near Near) ([]kaopass.EnrolmentID, error) {
	e, err := t.enrolment(id)
	if err != nil || e == nil {
		return nil, err
	}
	if near == nil {
		_, err := t.do(t.q.Alike.Uncompare, e.ID)
		return nil, err
	}
	template, found, err := t.template(id, kaopass.ForPayment)
	if err != nil || !found {
		return nil, err
	}
	around := near(template, e.ID)
	template.Wipe()
	if around.Partial {
		_, err = t.do(t.q.Alike.Uncompare, e.ID)
	}
	return around.Nearest, err
}

type codeRow struct {
	Hash     []byte
	IssuedAt stamp `db:"issued_at"`
	Tries    int
	TriedAt  stamp `db:"tried_at"`
}

// codeIssued answers when the visitor's payment code was issued: zero where there is none.
func (t *tx) codeIssued(id kaopass.VisitorID) (at time.Time, err error) {
	var row codeRow
	_, err = t.find(&row, t.q.Wallet.CodeRead, id)
	return row.IssuedAt.Time, err
}

// CheckCode lets the visitor practise the code once it was shown; it counts wrong tries and says TooManyTries. Empty is
// right; ErrNotFound where no code was issued.
func (d *DB) CheckCode(ctx context.Context, id kaopass.VisitorID, code string) (reason kaopass.Reason, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(id); err != nil {
			return err
		}
		var row codeRow
		if err := t.get(&row, t.q.Wallet.CodeRead, id); err != nil {
			return err
		}
		if t.now.Sub(row.TriedAt.Time) > CodePracticeWithin {
			row.Tries = 0
		}
		hash, err := t.keys.Hash(useCode, code)
		switch {
		case err != nil:
			return err
		case row.Tries >= CodePractice:
			reason = kaopass.TooManyTries
			return nil
		case subtle.ConstantTimeCompare(hash, row.Hash) == 1:
			reason, row.Tries = "", 0
		default:
			reason, row.Tries = kaopass.CodeWrong, row.Tries+1
		}
		return t.must(t.q.Wallet.CodeTried, id, row.Tries, t.now)
	})
	return reason, err
}
