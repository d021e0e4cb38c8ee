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
	"errors"
	"time"

)

// Config is what Open needs.
type Config struct {
	URL  string           // a PostgreSQL connection string, version 15 or newer
	Keys string           // folder of the venue's keys; made at the first start, mode 0700
	Now  func() time.Time // the venue's clock; nil: time.Now
}

// DB is the venue's memory. Its methods are safe for concurrent use.
type DB struct{ now func() time.Time }

// What a verb answers when it cannot be carried out.
var (
	ErrNotFound    = errors.New("db: not found")                       // or not this caller's
	ErrKeyReused   = errors.New("db: key used for another request")    // 422 idempotency_key_reused
	ErrInFlight    = errors.New("db: the same request is in flight")   // 409 request_in_flight
	ErrUnavailable = errors.New("db: the database cannot be reached")  // 503, retryable
	ErrAmount      = errors.New("db: more than there is to take back") // 422: capture or refund above what stands
)

// StateError says that a payment or admission is past the point where the verb makes sense: 409.
type StateError struct{ Status string }

// Error names the status, which is not a secret.
func (e *StateError) Error() string { return "db: not possible when " + e.Status }

// Page asks for a part of a list, newest first unless the verb says otherwise.
type Page struct {
	Limit  int    // 1 to PageMax; 0: PageDefault
	Cursor string // opaque, from the answer before; empty: the first page
}

// The sizes of a page.
const (
	PageDefault = 50
	PageMax     = 200
)

var errUnwritten = errors.New("db: not written yet")

// Open connects, checks that the schema is the one of this program, prepares every statement and loads the venue's
// keys. It refuses to start rather than limp.
func Open(ctx context.Context, cfg Config) (*DB, error) { return nil, errUnwritten }

// Migrate brings the schema up to date, under an advisory lock, forward only.
func Migrate(ctx context.Context, url string) error { return errUnwritten }

// Close ends the notifier and the connections.
func (d *DB) Close() error { return nil }

// Ready says whether the database answers now.
func (d *DB) Ready(ctx context.Context) error { return errUnwritten }

