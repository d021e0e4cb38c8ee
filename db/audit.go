package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
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
	Due      *sqlx.Stmt `query:"audit-due"`
	Fees     *sqlx.Stmt `query:"audit-fees"`
	Returns  *sqlx.Stmt `query:"audit-returns"`
	Untold   *sqlx.Stmt `query:"audit-untold"`
	Settled  *sqlx.Stmt `query:"audit-settlements"`
	Losses   *sqlx.Stmt `query:"audit-losses"`
}

// Audit is what `kaopass audit ledger` prints.
type Audit struct {
	OK        bool     `json:"ok"`
	Breaches  []string `json:"breaches"` // a sentence each; at most AuditBreachesMax of a kind
	Explained []Breach `json:"explained"`
	Accounts  int64    `json:"accounts"`
	Transfers int64    `json:"transfers"`
	Payments  int64    `json:"payments"`
	Keys      int64    `json:"keys"`
}

// Breach is one thing that must not be, down to its rows: what says one thing, and what says another, with ids, sums and
// moments. No name of anybody and nothing of a face stands in it.
type Breach struct {
	Kind string         `json:"kind"` // legs, sum, wallets, pending, payments, strays, keys, charges, tasks, checkpoints, due, fees, returns, untold, settlements, losses
	Says string         `json:"says"`
	Rows pq.StringArray `json:"rows"` // at most AuditRowsMax of a table
}

// Limits of an audit.
const (
	AuditBreachesMax = 100       // of one kind
	AuditRowsMax     = 20        // of one table, for one breach
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
//   - every settlement has what its transfers say;
//   - every settlement's fee is what the rate in force made of its base, and is booked, once;
//   - what went back of a top-up went the way it came, and is no more than was put in;
//   - what is owed of refunds was booked so, once, and paid out at most once;
//   - what a card company never paid was borne or collected so, once, and its account has nothing of it;
//   - what a card company approved was booked or given back, and it owes no answer;
//   - what was booked by a card is a charge, and its company has been told so or will be.
func (d *DB) AuditLedger(ctx context.Context) (out Audit, err error) {
	err = d.snapshot(ctx, func(t *tx) error {
		out = Audit{Breaches: []string{}, Explained: []Breach{}}
		if _, err := t.do(t.q.Enrolment.Patience); err != nil { // a season's book takes longer than a verb may
			return err
		}
		if err := t.get(&out, t.q.Audit.Counts); err != nil {
			return err
		}
		for _, c := range t.q.Audit.checks(t.now) {
			if err := t.breaches(&out, c); err != nil {
				return err
			}
		}
		return nil
	})
	out.OK = err == nil && len(out.Breaches) == 0
	return out, err
}

// auditCheck is one kind of what must not be.
type auditCheck struct {
	kind string
	stmt *sqlx.Stmt
	more []any
}

func (q auditQueries) checks(now time.Time) []auditCheck {
	return []auditCheck{{"legs", q.Legs, nil}, {"sum", q.Sum, nil}, {"wallets", q.Wallets, nil}, {"pending", q.Pending, nil},
		{"payments", q.Payments, nil}, {"strays", q.Strays, nil}, {"keys", q.Keys, nil}, {"tasks", q.Tasks, nil},
		{"checkpoints", q.Points, nil}, {"due", q.Due, nil}, {"fees", q.Fees, nil}, {"returns", q.Returns, nil},
		{"untold", q.Untold, nil}, {"settlements", q.Settled, nil},
		{"losses", q.Losses, nil}, {"charges", q.Charges, []any{now.Add(-auditChargeLate)}}}
}

// breaches adds what a check finds.
func (t *tx) breaches(out *Audit, c auditCheck) error {
	var found []Breach
	if err := t.list(&found, c.stmt, append([]any{AuditBreachesMax, AuditRowsMax}, c.more...)...); err != nil {
		return err
	}
	for _, b := range found {
		b.Kind = c.kind
		out.Breaches, out.Explained = append(out.Breaches, b.Says), append(out.Explained, b)
	}
	return nil
}
