// Package db keeps what happened: each verb is one transaction that applies the venue's rules under the lock, stores the
// outcome and appends its event.
//
// Start at [Open]. A verb takes who asks and what they ask; it answers an outcome, in which a refusal is a value
// ([kaopass.Reason]), or an error when the request cannot be carried out at all: [ErrNotFound], [ErrKeyReused],
// [ErrInFlight], a [*StateError], or [ErrUnavailable] when the database is not there. What stays true: no verb leaves
// half of itself behind, no event is written without its fact, and the same [kaopass.Key] has one outcome.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass/db/seal"
)

// Config is what Open needs.
type Config struct {
	URL  string           // a PostgreSQL connection string, version 15 or newer
	Keys string           // folder of the venue's keys; made at the first start, mode 0700
	Now  func() time.Time // the venue's clock; nil: time.Now

	NeverTogether bool // confirm each payment in a transaction of its own, however long the queue: to measure what it costs
}

// DB is the venue's memory. Its methods are safe for concurrent use.
type DB struct {
	now  func() time.Time
	code func() string // draws a payment code; a test draws from few
	pool *sqlx.DB
	q    *queries
	keys *seal.Venue
	feed *feed

	passwords passwords
	confirms  *together
	close     func() error
}

// What a verb answers when it cannot be carried out.
var (
	ErrNotFound    = errors.New("db: not found")                       // or not this caller's
	ErrKeyReused   = errors.New("db: key used for another request")    // 422 idempotency_key_reused
	ErrInFlight    = errors.New("db: the same request is in flight")   // 409 request_in_flight
	ErrUnavailable = errors.New("db: the database cannot be reached")  // 503, retryable
	ErrAmount      = errors.New("db: more than there is to take back") // 422: capture or refund above what stands
	ErrText        = errors.New("db: a text that no table can keep")   // 400: a NUL, or bytes that are no UTF-8
)

// StateError says that a payment or admission is past the point where the verb makes sense: 409.
type StateError struct{ Status string }

// Error names the status, which is not a secret.
func (e *StateError) Error() string { return "db: not possible when " + e.Status }

// Limits of the connections to PostgreSQL.
const (
	poolMax          = 24               // connections of one process; its two cores keep fewer busy
	poolIdle         = 5 * time.Minute  // then an idle connection is given back
	statementTimeout = 10 * time.Second // of one statement, on the server; a caller's deadline is usually shorter
	lockTimeout      = 5 * time.Second  // waiting for a row that another verb holds
	idleInTxTimeout  = 15 * time.Second // a process that hangs inside a transaction must not hold up the feed
	connectTimeout   = 5 * time.Second
)

// Open connects, checks that the schema is the one of this program, prepares every statement and loads the venue's
// keys. It refuses to start rather than limp. Close what it answers.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Keys == "" {
		return nil, errors.New("db: no folder for the venue's keys is named")
	}
	pool, err := connect(cfg.URL, poolMax)
	if err != nil {
		return nil, err
	}
	d := &DB{now: cfg.Now, code: drawCode, pool: pool, passwords: newPasswords(), confirms: &together{never: cfg.NeverTogether}}
	if d.now == nil {
		d.now = time.Now
	}
	if err := d.start(ctx, cfg); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return d, nil
}

// start does Open's checks, in the order in which a mistake is easiest to understand.
func (d *DB) start(ctx context.Context, cfg Config) (err error) {
	if err = checkServer(ctx, d.pool); err != nil {
		return err
	}
	if err = checkSchema(ctx, d.pool.DB); err != nil {
		return err
	}
	if d.q, err = prepare(ctx, d.pool); err != nil {
		return err
	}
	if err = d.checkNumbers(ctx); err != nil {
		return err
	}
	if d.keys, err = d.loadKeys(ctx, cfg.Keys); err != nil {
		return err
	}
	if d.feed, err = startFeed(d, cfg.URL); err != nil {
		return err
	}
	d.close = sync.OnceValue(func() error { return errors.Join(d.feed.close(), d.pool.Close()) })
	return nil
}

// Close ends the notifier and the connections; end the followers first. A server that is gone already is not an error:
// there is nobody left to say goodbye to.
func (d *DB) Close() error {
	if err := d.close(); !isAway(err) {
		return err
	}
	return nil
}

// Ready says whether the database answers now: nil, or ErrUnavailable.
func (d *DB) Ready(ctx context.Context) error {
	var one int
	return d.get(ctx, &one, d.q.Venue.Ready)
}

// connect makes a pool of at most size connections; none is opened yet. The limits go with each connection, so that no
// statement pays for setting them.
func connect(url string, size int) (*sqlx.DB, error) {
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return nil, fmt.Errorf("db: connection string: %w", err)
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	for name, limit := range map[string]time.Duration{
		"statement_timeout":                   statementTimeout,
		"lock_timeout":                        lockTimeout,
		"idle_in_transaction_session_timeout": idleInTxTimeout,
	} {
		cfg.Runtime[name] = fmt.Sprint(limit.Milliseconds())
	}
	cfg.Runtime["timezone"] = "UTC"
	cfg.ApplicationName = "kaopass"
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("db: connection string: %w", err)
	}
	pool := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(poolIdle)
	return pool, nil
}
