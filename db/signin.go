package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// SignInCode is a fresh one-time code for its owner's eyes: handed to the messenger, never logged, stored as a keyed hash.
type SignInCode struct {
	Contact    string
	Code       string         // six digits; empty where Reason is set
	Reason     kaopass.Reason // TooManyTries
	RetryAfter time.Duration
}

// Limits of signing in.
const (
	SignInWithin   = 10 * time.Minute // a code's life
	SignInTries    = 5                // wrong tries a code
	SignInPerHour  = 6                // codes an hour and contact
	SignInDigits   = 6
	SessionWithin  = 30 * 24 * time.Hour
	SessionIdle    = 7 * 24 * time.Hour
	AssistIdle     = 10 * time.Minute // a session at a kiosk that nobody ended
	CeremonyWithin = 5 * time.Minute  // a passkey ceremony
)

// sessionNoted is how often at most it is written down that a session was used.
const sessionNoted = time.Minute

// signInQueries keeps codes and sessions.
type signInQueries struct {
	Turn          *sqlx.Stmt `query:"turn-take"`
	CodeCount     *sqlx.Stmt `query:"code-count"`
	CodeAdd       *sqlx.Stmt `query:"code-add"`
	CodeNewest    *sqlx.Stmt `query:"code-newest"`
	CodeTry       *sqlx.Stmt `query:"code-try"`
	CodeDrop      *sqlx.Stmt `query:"code-drop"`
	CodeSweep     *sqlx.Stmt `query:"code-sweep"`
	SessionAdd    *sqlx.Stmt `query:"session-add"`
	SessionUse    *sqlx.Stmt `query:"session-use"`
	SessionEnd    *sqlx.Stmt `query:"session-end"`
	SessionEndAll *sqlx.Stmt `query:"session-end-all"`
	SessionSweep  *sqlx.Stmt `query:"session-sweep"`
}

// RequestSignIn makes a code for a contact ([kaopass.Contact] already applied). Reason is TooManyTries after
// SignInPerHour of them, with the wait until the next.
func (d *DB) RequestSignIn(ctx context.Context, contact string) (out SignInCode, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out, err = t.requestSignIn(contact)
		return err
	})
	return out, err
}

func (t *tx) requestSignIn(contact string) (SignInCode, error) {
	out := SignInCode{Contact: contact}
	owner, err := t.keys.Hash(useContact, contact)
	if err != nil {
		return out, err
	}
	if _, err := t.do(t.q.SignIn.Turn, int64(binary.BigEndian.Uint64(owner))); err != nil {
		return out, err
	}
	var made struct {
		Count  int
		Oldest time.Time
	}
	if err := t.get(&made, t.q.SignIn.CodeCount, owner, t.now.Add(-time.Hour)); err != nil {
		return out, err
	}
	if made.Count >= SignInPerHour {
		out.Reason, out.RetryAfter = kaopass.TooManyTries, made.Oldest.Add(time.Hour).Sub(t.now)
		return out, nil
	}
	out.Code = drawn(SignInDigits, digits)
	hash, err := t.keys.Hash(useSignIn, contact+"\x00"+out.Code)
	if err != nil {
		return out, err
	}
	_, err = t.do(t.q.SignIn.CodeAdd, owner, hash, t.now)
	return out, err
}

// SignedIn is a fresh session; Token goes into the cookie and is stored as a hash.
type SignedIn struct {
	Visitor kaopass.Visitor
	Token   string
	New     bool           // the account was made just now
	Reason  kaopass.Reason // SignInCodeWrong, SignInCodeExpired, TooManyTries
}

// SignIn spends a code and opens a session, making the account at the first time. Only the newest code counts.
func (d *DB) SignIn(ctx context.Context, contact, code string, language kaopass.Language) (out SignedIn, err error) {
	err = d.tx(ctx, func(t *tx) error {
		out = SignedIn{}
		if out.Reason, err = t.spendCode(contact, code); err != nil || out.Reason != "" {
			return err
		}
		if out.Visitor, out.New, err = t.visitorOf(contact, language, ""); err != nil {
			return err
		}
		out.Token, err = t.openSession(out.Visitor.ID, "")
		return err
	})
	return out, err
}

// spendCode tries a code for a contact: empty where it was right, and is now spent.
func (t *tx) spendCode(contact, code string) (kaopass.Reason, error) {
	owner, err := t.keys.Hash(useContact, contact)
	if err != nil {
		return "", err
	}
	given, err := t.keys.Hash(useSignIn, contact+"\x00"+code)
	if err != nil {
		return "", err
	}
	var made struct {
		ID       int64
		CodeHash []byte `db:"code_hash"`
		Created  time.Time
		Tries    int
		Spent    bool
	}
	found, err := t.find(&made, t.q.SignIn.CodeNewest, owner)
	switch {
	case err != nil:
		return "", err
	case !found || made.Spent || !t.now.Before(made.Created.Add(SignInWithin)):
		return kaopass.SignInCodeExpired, nil
	case made.Tries >= SignInTries:
		return kaopass.TooManyTries, nil
	}
	right := bytes.Equal(given, made.CodeHash) // hashes under a key that nobody outside has: no timing to learn from
	if err := t.must(t.q.SignIn.CodeTry, made.ID, right); err != nil || right {
		return "", err
	}
	return kaopass.SignInCodeWrong, nil
}

// openSession makes a session; helper is the member of staff beside the visitor, or empty.
func (t *tx) openSession(id kaopass.VisitorID, helper kaopass.StaffID) (token string, err error) {
	token, hash, err := newSession(t.keys)
	if err != nil {
		return "", err
	}
	_, err = t.do(t.q.SignIn.SessionAdd, hash, id, helper, t.now)
	return token, err
}

// SignInByPasskey opens a session for the owner of a passkey whose assertion was verified, storing its new counter
// (p.Data). ErrNotFound where the passkey was removed meanwhile.
func (d *DB) SignInByPasskey(ctx context.Context, p Passkey) (out SignedIn, err error) {
	err = d.tx(ctx, func(t *tx) error {
		var kept Passkey
		if err := t.get(&kept, t.q.Passkey.Lock, p.ID); err != nil {
			return err
		}
		if out.Visitor, err = t.readVisitor(kept.Visitor); err != nil {
			return err
		}
		if err := t.must(t.q.Passkey.SetData, p.ID, p.Data); err != nil {
			return err
		}
		out.Token, err = t.openSession(kept.Visitor, "")
		return err
	})
	return out, err
}

// Assist opens a session for a person at a kiosk: a visitor with this contact (made if unknown), or a fresh account
// without one where contact is empty. The session ends when the kiosk signs it out, or after AssistIdle.
func (d *DB) Assist(ctx context.Context, staff kaopass.Staff, contact string, language kaopass.Language) (out SignedIn, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if out.Visitor, out.New, err = t.visitorOf(contact, language, string(staff.ID)); err != nil {
			return err
		}
		if !out.New {
			if err := t.looked(staff, out.Visitor.ID); err != nil {
				return err
			}
		}
		out.Token, err = t.openSession(out.Visitor.ID, staff.ID)
		return err
	})
	return out, err
}

// Session finds whose token this is: ErrNotFound where it is nobody's or has ended.
func (d *DB) Session(ctx context.Context, token string) (v kaopass.Visitor, err error) {
	hash, err := sessionHash(d.keys, token)
	if err != nil {
		return v, err
	}
	now := d.clock()
	var row visitorRow
	err = d.get(ctx, &row, d.q.SignIn.SessionUse, hash, now, now.Add(-sessionNoted),
		now.Add(-SessionWithin), now.Add(-SessionIdle), now.Add(-AssistIdle))
	if err != nil {
		return v, err
	}
	return d.visitor(row)
}

// SignOut ends a session, if it has not ended yet.
func (d *DB) SignOut(ctx context.Context, token string) error {
	hash, err := sessionHash(d.keys, token)
	if err != nil {
		return notFoundIsDone(err)
	}
	return d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.SignIn.SessionEnd, hash)
		return err
	})
}
