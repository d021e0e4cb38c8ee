package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// ErrSchema is what Open answers when the schema is older or newer than this program: migrate, or start the program
// that made it.
var ErrSchema = errors.New("db: the schema is not the one of this program")

// migrateWait is how long one process waits for another that migrates, in seconds.
const migrateWait = 120

// SchemaSum changes with the migrations of this program: a database that it migrated may be copied for as long as the sum
// is the same.
func SchemaSum() string {
	sum := sha256.New()
	entries, _ := schemaFiles.ReadDir("schema") // embedded: it is there
	for _, e := range entries {
		text, _ := schemaFiles.ReadFile("schema/" + e.Name())
		sum.Write(append([]byte(e.Name()), text...))
	}
	return string(sum.Sum(nil))
}

// Migrate brings the schema up to date, each step in one transaction, under an advisory lock, forward only.
func Migrate(ctx context.Context, url string) error {
	pool, err := sql.Open("postgres", url) // without the limits of connect: a step may take long
	if err != nil {
		return fmt.Errorf("db: connection string: %w", err)
	}
	steps, err := migrations(pool)
	if err != nil {
		return errors.Join(err, pool.Close())
	}
	if _, err = steps.Up(ctx); err == nil {
		err = mendNumbers(ctx, pool)
	}
	return errors.Join(fault(ctx, err), pool.Close())
}

// mendNumbers lets the numbers of events go on above those that are there, after a restore into a cluster whose
// transaction ids are younger than the log. That is the owner's to do; whether it has to be done, anybody sees.
func mendNumbers(ctx context.Context, pool *sql.DB) error {
	named, err := readQueries()
	if err != nil {
		return err
	}
	var ahead bool
	if err := pool.QueryRowContext(ctx, named["venue-numbers-ahead"].Query).Scan(&ahead); err != nil || !ahead {
		return err
	}
	_, err = pool.ExecContext(ctx, named["venue-mend-numbers"].Query)
	return err
}

// checkNumbers refuses a log whose numbers lie ahead of this cluster's transactions: new events would come before old
// ones, and no follower would ever see them.
func (d *DB) checkNumbers(ctx context.Context) error {
	var ahead bool
	if err := d.get(ctx, &ahead, d.q.Venue.Ahead); err != nil || !ahead {
		return err
	}
	return fmt.Errorf("%w: the log was restored from an older server: run `kaopass migrate`", ErrSchema)
}

// serverMin is the oldest PostgreSQL that is supported, as server_version_num tells it.
const serverMin = 15_00_00

// checkServer refuses a server that is too old, before a statement fails that says so less clearly.
func checkServer(ctx context.Context, pool *sqlx.DB) error {
	named, err := readQueries()
	if err != nil {
		return err
	}
	var version int
	if err := pool.GetContext(ctx, &version, named["venue-server"].Query); err != nil {
		return fault(ctx, err)
	}
	if version < serverMin {
		return fmt.Errorf("db: the server is PostgreSQL %d; 15 or newer is needed", version/10_000)
	}
	return nil
}

// checkSchema refuses a schema that is not exactly the one in schema/.
func checkSchema(ctx context.Context, pool *sql.DB) error {
	steps, err := migrations(pool)
	if err != nil {
		return err
	}
	pending, err := steps.HasPending(ctx)
	if err != nil {
		return fault(ctx, err)
	}
	current, ours, err := steps.GetVersions(ctx)
	if err != nil {
		return fault(ctx, err)
	}
	if pending || current != ours {
		return fmt.Errorf("%w: it has step %d, the program has %d: run `kaopass migrate`, or a newer kaopass", ErrSchema, current, ours)
	}
	return nil
}

func migrations(pool *sql.DB) (*goose.Provider, error) {
	steps, err := fs.Sub(schemaFiles, "schema")
	if err != nil {
		return nil, err
	}
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, migrateWait))
	if err != nil {
		return nil, err
	}
	// Out of order: two lines of work may each bring a step, and it does not matter which lands first.
	return goose.NewProvider(goose.DialectPostgres, pool, steps, goose.WithSessionLocker(turn), goose.WithAllowOutofOrder(true),
		goose.WithTableName("schema_step"), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
}
