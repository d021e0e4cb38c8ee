package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	goyesqlx "github.com/knadh/goyesql/v2/sqlx"
)

// TPCB is the transaction of TPC-B as pgbench runs it (PostgreSQL's manual, pgbench, "tpcb-like"), at scale 10, carried out
// by this program: a measure of a server on which no pgbench is installed. Start at [OpenTPCB].
type TPCB struct {
	pool *sqlx.DB
	q    tpcbQueries
}

// TPCBScale is how many branches there are, each with ten tellers and a hundred thousand accounts.
const TPCBScale = 10

type tpcbQueries struct {
	Make    string     `query:"tpcb-make"` // its text: the tables that the others read are not there yet
	Account *sqlx.Stmt `query:"tpcb-account"`
	Read    *sqlx.Stmt `query:"tpcb-read"`
	Teller  *sqlx.Stmt `query:"tpcb-teller"`
	Branch  *sqlx.Stmt `query:"tpcb-branch"`
	History *sqlx.Stmt `query:"tpcb-history"`
}

// OpenTPCB makes the tables in an empty database. Close what it answers.
func OpenTPCB(ctx context.Context, url string) (b *TPCB, err error) {
	named, err := readQueries()
	if err != nil {
		return nil, err
	}
	pool, err := connect(url, poolMax)
	if err != nil {
		return nil, err
	}
	b = &TPCB{pool: pool}
	if _, err = pool.ExecContext(ctx, named["tpcb-make"].Query); err == nil {
		err = goyesqlx.ScanWithContext(ctx, &b.q, named, pool)
	}
	if err != nil {
		return nil, errors.Join(fault(ctx, err), pool.Close())
	}
	return b, nil
}

// Close ends the connections.
func (b *TPCB) Close() error { return b.pool.Close() }

// Run lets clients work for a while and answers the transactions per second.
func (b *TPCB) Run(ctx context.Context, clients int, during time.Duration) (perSecond float64, err error) {
	begun := time.Now()
	done, failed := make([]int, clients), make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for time.Since(begun) < during && failed[i] == nil {
				failed[i] = b.once(ctx)
				done[i]++
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range done {
		sum += n
	}
	return float64(sum) / time.Since(begun).Seconds(), fault(ctx, errors.Join(failed...))
}

func (b *TPCB) once(ctx context.Context) (err error) {
	begun, err := b.pool.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	account, teller, branch := 1+rand.N(TPCBScale*100_000), 1+rand.N(TPCBScale*10), 1+rand.N(TPCBScale) //nolint:gosec // a load, not a secret
	delta := rand.N(10_001) - 5000                                                                      //nolint:gosec // likewise
	var balance int
	for _, step := range []struct {
		stmt *sqlx.Stmt
		args []any
	}{{b.q.Account, []any{delta, account}}, {nil, nil}, {b.q.Teller, []any{delta, teller}}, {b.q.Branch, []any{delta, branch}},
		{b.q.History, []any{teller, branch, account, delta}}} {
		if step.stmt == nil {
			err = begun.StmtxContext(ctx, b.q.Read).GetContext(ctx, &balance, account)
		} else {
			_, err = begun.StmtxContext(ctx, step.stmt).ExecContext(ctx, step.args...)
		}
		if err != nil {
			return errors.Join(err, begun.Rollback())
		}
	}
	return begun.Commit()
}
