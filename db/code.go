package db

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// useCode is what a payment code is hashed for. The hash has no salt of the person: whoever issues a code has to count
// its holders, and 10,000 values are kept safe by the venue's key, not by a salt.
const useCode seal.Use = "payment code"

// Limits of practising the code.
const (
	CodePractice       = 5 // wrong tries in CodePracticeWithin, then TooManyTries
	CodePracticeWithin = 10 * time.Minute
)

// codeDraws bounds the redrawing of codes that have too many holders. While fewer than half of the codes are full, the
// chance that all these are is one in 10^30; with 3 million holders all are, and a venue needs longer codes.
const codeDraws = 100

// errCodesFull says that the codes have run out of room.
var errCodesFull = errors.New("db: every code that was drawn has its most holders: longer codes are needed")

// IssueCode gives the visitor a new four-digit code, drawn at random, shown this once, stored as a keyed hash only.
// Reason is ConsentMissing or ConsentWithdrawn where payment is not consented to.
func (d *DB) IssueCode(ctx context.Context, id kaopass.VisitorID) (code string, reason kaopass.Reason, err error) {
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
		code, err = t.setCode(id, "", string(id))
		return err
	})
	return code, reason, err
}

// setCode issues a payment code, the given one or where that is empty one drawn at random; it appends its event.
func (t *tx) setCode(id kaopass.VisitorID, code, actor string) (string, error) {
	given := code != ""
	for range codeDraws {
		if !given {
			code = drawCode()
		}
		hash, err := t.keys.Hash(useCode, code)
		if err != nil {
			return "", err
		}
		free, err := t.codeFree(hash, id)
		if err != nil {
			return "", err
		}
		if free {
			if _, err := t.do(t.q.Wallet.CodeSet, id, hash, t.now); err != nil {
				return "", err
			}
			_, err = t.event(kaopass.Event{Kind: kaopass.CodeIssued, Actor: actor, Visitor: id, Purpose: kaopass.ForPayment})
			return code, err
		}
		if given {
			break
		}
	}
	return "", errCodesFull
}

// codeFree reports whether one more person may have a code, and holds that until the verb ends.
func (t *tx) codeFree(hash []byte, id kaopass.VisitorID) (bool, error) {
	if _, err := t.do(t.q.Wallet.CodeLock, int64(binary.BigEndian.Uint64(hash))); err != nil {
		return false, err
	}
	holders := 0
	err := t.get(&holders, t.q.Wallet.CodeHolders, hash, id)
	return holders < kaopass.CodeHolders, err
}

func drawCode() string {
	for {
		var random [2]byte
		rand.Read(random[:]) // never fails (crypto/rand, since Go 1.24)
		if code, ok := kaopass.PaymentCode(binary.BigEndian.Uint16(random[:])); ok {
			return code
		}
	}
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
