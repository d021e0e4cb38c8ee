package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// Passkey is a WebAuthn credential of a visitor; Data is the credential record of the ceremony's library, as JSON.
type Passkey struct {
	ID      []byte // credential id
	Visitor kaopass.VisitorID
	Name    string
	Data    []byte
	Created time.Time
}

// PasskeysMax is how many passkeys a visitor may have.
const PasskeysMax = 10

// passkeyQueries keeps WebAuthn credentials and the ceremonies under way.
type passkeyQueries struct {
	Add           *sqlx.Stmt `query:"passkey-add"`
	List          *sqlx.Stmt `query:"passkey-list"`
	Count         *sqlx.Stmt `query:"passkey-count"`
	Read          *sqlx.Stmt `query:"passkey-read"`
	Lock          *sqlx.Stmt `query:"passkey-lock"`
	SetData       *sqlx.Stmt `query:"passkey-set-data"`
	Remove        *sqlx.Stmt `query:"passkey-remove"`
	RemoveAll     *sqlx.Stmt `query:"passkey-remove-all"`
	CeremonySave  *sqlx.Stmt `query:"ceremony-save"`
	CeremonyTake  *sqlx.Stmt `query:"ceremony-take"`
	CeremonySweep *sqlx.Stmt `query:"ceremony-sweep"`
}

// AddPasskey stores a registered passkey. A StateError where the credential is known already ("passkey_known") or the
// visitor has PasskeysMax ("passkeys_full").
func (d *DB) AddPasskey(ctx context.Context, p Passkey) error {
	err := d.tx(ctx, func(t *tx) error {
		if _, err := t.lockVisitor(p.Visitor); err != nil {
			return err
		}
		var have int
		if err := t.get(&have, t.q.Passkey.Count, p.Visitor); err != nil {
			return err
		}
		if have >= PasskeysMax {
			return &StateError{Status: "passkeys_full"}
		}
		_, err := t.do(t.q.Passkey.Add, p.ID, p.Visitor, p.Name, p.Data, t.now)
		return err
	})
	if breaks(err, "a_passkey_belongs_to_one_visitor") {
		return &StateError{Status: "passkey_known"}
	}
	return err
}

// Passkeys lists a visitor's passkeys, oldest first.
func (d *DB) Passkeys(ctx context.Context, id kaopass.VisitorID) (list []Passkey, err error) {
	return list, d.list(ctx, &list, d.q.Passkey.List, id)
}

// PasskeyByID finds a passkey and its owner.
func (d *DB) PasskeyByID(ctx context.Context, credential []byte) (p Passkey, v kaopass.Visitor, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		if err := t.get(&p, t.q.Passkey.Read, credential); err != nil {
			return err
		}
		v, err = t.readVisitor(p.Visitor)
		return err
	})
	return p, v, err
}

// RemovePasskey takes a passkey away: ErrNotFound where it is not the visitor's.
func (d *DB) RemovePasskey(ctx context.Context, id kaopass.VisitorID, credential []byte) error {
	return d.tx(ctx, func(t *tx) error { return t.must(t.q.Passkey.Remove, credential, id) })
}

// SaveCeremony keeps a WebAuthn ceremony's state for CeremonyWithin and names it; the name is as good as a token.
func (d *DB) SaveCeremony(ctx context.Context, data []byte) (name string, err error) {
	name, hash := newToken()
	return name, d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Passkey.CeremonySave, hash, data, t.now)
		return err
	})
}

// TakeCeremony gives a ceremony's state back, once: ErrNotFound the second time, and after CeremonyWithin.
func (d *DB) TakeCeremony(ctx context.Context, name string) (data []byte, err error) {
	return data, d.tx(ctx, func(t *tx) error {
		return t.get(&data, t.q.Passkey.CeremonyTake, tokenHash(name), t.now.Add(-CeremonyWithin))
	})
}
