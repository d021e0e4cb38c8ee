package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// ask is who asks what of a payment, and the identifiers that the verb may need: payment_ask in schema/0041_verbs.sql.
type ask struct {
	key      kaopass.Key
	till     kaopass.DeviceID // empty: the venue's own timer
	payment  kaopass.PaymentID
	at       time.Time
	event    string
	transfer string
	refund   string
	account  string
}

// instant is one reading of the clock, and the identifiers that are made of it.
type instant struct {
	*DB
	now time.Time
}

func (d *DB) instant() instant { return instant{d, d.clock()} }

func (m instant) id(p kaopass.Prefix) string { return newID(p, m.now) }

// ask makes an ask of this moment. The identifiers come from here, so that a statement that is sent again after a race
// books the same transfer or none.
func (m instant) ask(key kaopass.Key, till kaopass.DeviceID, payment kaopass.PaymentID) ask {
	return ask{key: key, till: till, payment: payment, at: m.now, event: m.id(kaopass.PrefixEvent),
		transfer: m.id(kaopass.PrefixTransfer), refund: m.id(kaopass.PrefixRefund), account: m.id(kaopass.PrefixAccount)}
}

func (a ask) args(more []any) []any {
	return append([]any{a.key.Owner, a.key.Name, a.key.Body[:], lockNumber(a.key), a.at.Add(-kaopass.KeyKept), a.till,
		a.payment, a.at, a.event, 1, a.transfer, a.refund, a.account}, more...)
}

// verbAnswer is what a verb answers: payment_answer in schema/0041_verbs.sql.
type verbAnswer struct {
	Problem  *string // nil: nothing was to be done
	Status   *string
	Outcome  []byte
	Replayed *bool
	Charge   *kaopass.ChargeID
	Name     []byte
}

// problemCard is no error: a card company has to be asked, which one statement cannot.
const problemCard = "card"

func (a verbAnswer) problem() string {
	if a.Problem == nil {
		return ""
	}
	return *a.Problem
}

// err is the problem as an error; a card is none.
func (a verbAnswer) err() error {
	switch a.problem() {
	case "", problemCard:
		return nil
	case "in_flight":
		return ErrInFlight
	case "key_reused":
		return ErrKeyReused
	case "not_found":
		return ErrNotFound
	case "amount":
		return ErrAmount
	case "state":
		return &StateError{Status: *a.Status}
	}
	return fmt.Errorf("db: a verb answered %q", *a.Problem)
}

// outcome reads the answer, with the initials of whoever pays: those of one who was erased since are gone.
func (d *DB) outcome(a verbAnswer) (out Outcome, charge kaopass.ChargeID, err error) {
	if err := a.err(); err != nil || a.Outcome == nil {
		return out, "", err
	}
	if err := json.Unmarshal(a.Outcome, &out); err != nil {
		return out, "", fmt.Errorf("db: outcome of a verb: %w", err)
	}
	out.Replayed = *a.Replayed
	if out.Payer != "" {
		if out.PayerName, err = d.initials(out.Payer, a.Name); err != nil {
			return out, "", err
		}
	}
	if a.Charge != nil {
		charge = *a.Charge
	}
	return out, charge, nil
}

// initials unseals how a payer is called at a till: "" where they have no name.
func (d *DB) initials(payer kaopass.VisitorID, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	name, err := d.unseal(useName, payer, sealed)
	return kaopass.Visitor{Name: name}.DisplayName(), err
}

// verb carries a verb out: one statement, which is its own transaction. One that lost a race is sent again.
func (d *DB) verb(ctx context.Context, stmt *sqlx.Stmt, a ask, more ...any) (Outcome, kaopass.ChargeID, error) {
	answer, err := d.send(ctx, stmt, a, more...)
	if err != nil {
		return Outcome{}, "", err
	}
	return d.outcome(answer)
}

func (d *DB) send(ctx context.Context, stmt *sqlx.Stmt, a ask, more ...any) (answer verbAnswer, err error) {
	if err := checkKey(a.key); err != nil {
		return answer, err
	}
	err = again(ctx, func() error { return stmt.GetContext(ctx, &answer, a.args(more)...) })
	if err == nil && answer.Outcome != nil && !*answer.Replayed {
		d.feed.ring()
	}
	return answer, fault(ctx, err)
}
