package db

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/seal"
)

// What things are sealed and hashed for. A name here never changes: it is part of what is stored.
const (
	useName     seal.Use = "visitor name"
	useContact  seal.Use = "visitor contact"
	useSignIn   seal.Use = "sign-in code"
	useClaim    seal.Use = "claim code"
	useLogin    seal.Use = "staff login"
	useChain    seal.Use = "event chain"
	useMark     seal.Use = "consent mark for " // a purpose follows
	useTemplate seal.Use = "template for "     // a purpose follows
)

// How events and enrolments name who acts.
const (
	venueActor = "venue" // the operator's commands
	importedBy = "import:"
	kioskBy    = "kiosk:"
)

// visitorQueries reads and changes people.
type visitorQueries struct {
	Read       *sqlx.Stmt `query:"visitor-read"`
	Lock       *sqlx.Stmt `query:"visitor-lock"`
	ByContact  *sqlx.Stmt `query:"visitor-by-contact"`
	Add        *sqlx.Stmt `query:"visitor-add"`
	SetProfile *sqlx.Stmt `query:"visitor-set-profile"`
	Bare       *sqlx.Stmt `query:"visitor-bare"`
}

type visitorRow struct {
	ID       kaopass.VisitorID
	Name     []byte
	Contact  []byte
	Language kaopass.Language
	Created  time.Time
	Frozen   bool
}

// visitor opens the sealed parts of a row.
func (d *DB) visitor(r visitorRow) (v kaopass.Visitor, err error) {
	v = kaopass.Visitor{ID: r.ID, Language: r.Language, Created: r.Created.UTC(), Frozen: r.Frozen}
	if v.Name, err = d.unseal(useName, r.ID, r.Name); err != nil {
		return v, err
	}
	v.Contact, err = d.unseal(useContact, r.ID, r.Contact)
	return v, err
}

func (d *DB) unseal(use seal.Use, id kaopass.VisitorID, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	plain, err := d.keys.Open(use, string(id), sealed)
	if err != nil {
		return "", fmt.Errorf("db: %s of %s: %w", use, id, err)
	}
	return string(plain), nil
}

// readVisitor reads a visitor who has not been erased: ErrNotFound otherwise.
func (t *tx) readVisitor(id kaopass.VisitorID) (kaopass.Visitor, error) {
	return t.visitorBy(t.q.Visitor.Read, id)
}

// lockVisitor is readVisitor, and makes every other verb about the same visitor wait. A verb about a person begins with
// it, before it reads consents, keys or templates, and before it writes.
func (t *tx) lockVisitor(id kaopass.VisitorID) (kaopass.Visitor, error) {
	return t.visitorBy(t.q.Visitor.Lock, id)
}

func (t *tx) visitorBy(stmt *sqlx.Stmt, arg any) (kaopass.Visitor, error) {
	var row visitorRow
	if err := t.get(&row, stmt, arg); err != nil {
		return kaopass.Visitor{}, err
	}
	return t.visitor(row)
}

// visitorOf finds the visitor with a contact, locked, or makes one; with no contact it always makes one. actor is who
// asked, empty where it is the visitor.
func (t *tx) visitorOf(contact string, language kaopass.Language, actor string) (v kaopass.Visitor, made bool, err error) {
	var sealed, hash []byte
	id := kaopass.VisitorID(t.newID(kaopass.PrefixVisitor))
	if contact != "" {
		if hash, err = t.keys.Hash(useContact, contact); err != nil {
			return v, false, err
		}
		if v, err = t.visitorBy(t.q.Visitor.ByContact, hash); !errors.Is(err, ErrNotFound) {
			return v, false, err
		}
		if sealed, err = t.keys.Seal(useContact, string(id), []byte(contact)); err != nil {
			return v, false, err
		}
	}
	added, err := t.do(t.q.Visitor.Add, id, sealed, hash, language, t.now)
	switch {
	case err != nil:
		return v, false, err
	case added == 0:
		return v, false, errRace // the same contact signed in elsewhere, a moment ago
	}
	if actor == "" {
		actor = string(id)
	}
	_, err = t.event(kaopass.Event{Kind: kaopass.VisitorCreated, Actor: actor, Visitor: id})
	return kaopass.Visitor{ID: id, Contact: contact, Language: language, Created: t.now}, true, err
}

// consentQueries keeps signatures and the keys that seal what they allow.
type consentQueries struct {
	Newest     *sqlx.Stmt `query:"consent-newest"`
	List       *sqlx.Stmt `query:"consent-list"`
	Give       *sqlx.Stmt `query:"consent-give"`
	End        *sqlx.Stmt `query:"consent-end"`
	KeyRead    *sqlx.Stmt `query:"person-key-read"`
	KeyAdd     *sqlx.Stmt `query:"person-key-add"`
	KeyDestroy *sqlx.Stmt `query:"person-key-destroy"`
	Receipt    *sqlx.Stmt `query:"receipt-newest"`
}

type consentRow struct {
	Purpose     kaopass.Purpose
	TextVersion string `db:"text_version"`
	TextHash    string `db:"text_hash"`
	Language    kaopass.Language
	Method      kaopass.SignMethod
	SignedAt    time.Time    `db:"signed_at"`
	WithdrawnAt sql.NullTime `db:"withdrawn_at"`
}

func (r consentRow) consent() kaopass.Consent {
	c := kaopass.Consent{Purpose: r.Purpose, TextVersion: r.TextVersion, TextHash: r.TextHash, Language: r.Language,
		Method: r.Method, SignedAt: r.SignedAt.UTC()}
	if r.WithdrawnAt.Valid {
		c.WithdrawnAt = r.WithdrawnAt.Time.UTC()
	}
	return c
}

// newestConsent reads the visitor's newest consent for a purpose, without its mark: zero where none was ever given.
func (t *tx) newestConsent(id kaopass.VisitorID, purpose kaopass.Purpose) (kaopass.Consent, error) {
	var row consentRow
	found, err := t.find(&row, t.q.Consent.Newest, id, purpose)
	if err != nil || !found {
		return kaopass.Consent{}, err
	}
	return row.consent(), nil
}

// newestConsents reads the newest consent for each purpose that was ever given.
func (t *tx) newestConsents(id kaopass.VisitorID) (map[kaopass.Purpose]kaopass.Consent, error) {
	var rows []consentRow
	if err := t.list(&rows, t.q.Consent.List, id); err != nil {
		return nil, err
	}
	newest := map[kaopass.Purpose]kaopass.Consent{}
	for _, row := range rows {
		newest[row.Purpose] = row.consent()
	}
	return newest, nil
}

// person opens the data key of a locked visitor, making one where there is none.
func (t *tx) person(id kaopass.VisitorID) (*seal.Person, error) {
	var wrapped []byte
	found, err := t.find(&wrapped, t.q.Consent.KeyRead, id)
	if err != nil {
		return nil, err
	}
	if found {
		return t.keys.Person(id, wrapped)
	}
	person, wrapped, err := t.keys.NewPerson(id)
	if err != nil {
		return nil, err
	}
	_, err = t.do(t.q.Consent.KeyAdd, id, wrapped)
	return person, err
}
