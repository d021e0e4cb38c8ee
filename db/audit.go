package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
)

// auditQueries finds what must not be, a sentence for each breach; db/schema/0011_ledger.sql has the constraints that keep it from coming into being.
type auditQueries struct {
	Counts   *sqlx.Stmt `query:"audit-counts"`
	Legs     *sqlx.Stmt `query:"audit-legs"`
	Sum      *sqlx.Stmt `query:"audit-sum"`
	Wallets  *sqlx.Stmt `query:"audit-wallets"`
	Pending  *sqlx.Stmt `query:"audit-pending"`
	Payments *sqlx.Stmt `query:"audit-payments"`
	Strays   *sqlx.Stmt `query:"audit-strays"`
	Keys     *sqlx.Stmt `query:"audit-keys"`
	Charges  *sqlx.Stmt `query:"audit-charges"`
	Tasks    *sqlx.Stmt `query:"audit-tasks"`
	Points   *sqlx.Stmt `query:"audit-checkpoints"`
}

// Audit is what `kaopass audit ledger` prints.
type Audit struct {
	OK        bool     `json:"ok"`
	Breaches  []string `json:"breaches"` // a sentence each, naming the rows; at most AuditBreachesMax of a kind
	Accounts  int64    `json:"accounts"`
	Transfers int64    `json:"transfers"`
	Payments  int64    `json:"payments"`
	Keys      int64    `json:"keys"`
}

// Limits of an audit.
const (
	AuditBreachesMax = 100       // of one kind
	auditChargeLate  = time.Hour // so long a card company may owe an answer
)

// AuditLedger checks the invariants of the money, online, in one snapshot:
//
//   - every transfer has two legs, in one currency, and moves something;
//   - all accounts together are zero;
//   - every wallet says what its transfers say, and none is below zero;
//   - a pending transfer is resolved at most once, by one that matches it;
//   - every payment's state and sums are those that its transfers make;
//   - every key has one outcome, and it came true;
//   - every store's checkpoint is what its transfers up to there say;
//   - what a card company approved was booked or given back, and it owes no answer.
func (d *DB) AuditLedger(ctx context.Context) (out Audit, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out = Audit{Breaches: []string{}}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil { // a season's book takes longer than a verb may
			return err
		}
		if err := t.get(&out, t.q.Audit.Counts); err != nil {
			return err
		}
		q := t.q.Audit
		for _, check := range []*sqlx.Stmt{q.Legs, q.Sum, q.Wallets, q.Pending, q.Payments, q.Strays, q.Keys, q.Tasks, q.Points} {
			if err := t.breaches(&out, check, AuditBreachesMax); err != nil {
				return err
			}
		}
		return t.breaches(&out, q.Charges, AuditBreachesMax, t.now.Add(-auditChargeLate))
	})
	out.OK = err == nil && len(out.Breaches) == 0
	return out, err
}

// breaches adds what a check finds.
func (t *tx) breaches(out *Audit, check *sqlx.Stmt, args ...any) error {
	var found []string
	if err := t.list(&found, check, args...); err != nil {
		return err
	}
	out.Breaches = append(out.Breaches, found...)
	return nil
}
