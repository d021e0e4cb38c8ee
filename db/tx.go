package db

import (
	"context"
	crypto "crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// tx is one verb at work: one transaction and one reading of the clock.
type tx struct {
	*DB
	ctx    context.Context //nolint:containedctx // a tx is one call: it lives and ends within the verb that was given the context
	sql    *sqlx.Tx
	now    time.Time // UTC, whole microseconds, as PostgreSQL keeps it
	events int       // appended so far: the place of the next one within its transaction
}

// How often a verb that lost a race is run again, and how long at most it lets the winner go ahead each time.
const (
	raceTries = 3
	raceYield = 30 * time.Millisecond
)

// tx runs a verb. What it did is committed when do answers nil, and undone otherwise. A verb that lost a race against
// another (a deadlock, a serialisation failure, a key taken meanwhile) is run again from the start, so do sets what it
// finds in variables outside of it anew.
func (d *DB) tx(ctx context.Context, do func(*tx) error) error {
	return fault(ctx, again(ctx, func() error { return d.attempt(ctx, nil, do) }))
}

// again runs a transaction, and runs it again where it lost a race.
func again(ctx context.Context, do func() error) error {
	err := do()
	for range raceTries {
		if !isRace(err) {
			break
		}
		yield := raceYield/3 + rand.N(raceYield*2/3) //nolint:gosec // a pause, not a secret
		if err := pause(ctx, yield, nil); err != nil {
			break
		}
		err = do()
	}
	return err
}

// snapshot runs a verb that only reads, all of it as of one moment.
func (d *DB) snapshot(ctx context.Context, do func(*tx) error) error {
	return fault(ctx, d.attempt(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, do))
}

func (d *DB) attempt(ctx context.Context, kind *sql.TxOptions, do func(*tx) error) (err error) {
	begun, err := d.pool.BeginTxx(ctx, kind)
	if err != nil {
		return err
	}
	t := &tx{DB: d, ctx: ctx, sql: begun, now: d.clock()}
	defer func() {
		if undo := begun.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) && !errors.Is(undo, driver.ErrBadConn) {
			err = errors.Join(err, undo)
		}
	}()
	if err := do(t); err != nil {
		return err
	}
	if err := begun.Commit(); err != nil {
		return err
	}
	if t.events > 0 {
		d.feed.ring()
	}
	return nil
}

// clock reads the venue's clock as PostgreSQL will keep it.
func (d *DB) clock() time.Time { return d.now().UTC().Truncate(time.Microsecond) }

// get reads one row into dest: ErrNotFound where there is none.
func (t *tx) get(dest any, stmt *sqlx.Stmt, args ...any) error {
	err := t.sql.StmtxContext(t.ctx, stmt).GetContext(t.ctx, dest, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// find reads one row into dest, which is left alone where there is none.
func (t *tx) find(dest any, stmt *sqlx.Stmt, args ...any) (found bool, err error) {
	err = t.get(dest, stmt, args...)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// list reads every row into the slice that dest points to.
func (t *tx) list(dest any, stmt *sqlx.Stmt, args ...any) error {
	return t.sql.StmtxContext(t.ctx, stmt).SelectContext(t.ctx, dest, args...)
}

// do carries a statement out and answers how many rows it touched.
func (t *tx) do(stmt *sqlx.Stmt, args ...any) (rows int64, err error) {
	res, err := t.sql.StmtxContext(t.ctx, stmt).ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// must is do for a statement that has to touch exactly one row: ErrNotFound where it touched none.
func (t *tx) must(stmt *sqlx.Stmt, args ...any) error {
	rows, err := t.do(stmt, args...)
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

// newID makes an identifier of the verb's moment.
func (t *tx) newID(p kaopass.Prefix) string { return newID(p, t.now) }

func newID(p kaopass.Prefix, at time.Time) string {
	var random [10]byte
	crypto.Read(random[:]) // never fails (crypto/rand, since Go 1.24)
	return kaopass.NewID(p, at, random)
}

// get reads one row outside of any transaction: ErrNotFound where there is none.
func (d *DB) get(ctx context.Context, dest any, stmt *sqlx.Stmt, args ...any) error {
	err := stmt.GetContext(ctx, dest, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return fault(ctx, err)
}

// list reads every row outside of any transaction.
func (d *DB) list(ctx context.Context, dest any, stmt *sqlx.Stmt, args ...any) error {
	return fault(ctx, stmt.SelectContext(ctx, dest, args...))
}
