package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// CardEntry is one line of a card company's own books: see [kaopass.CardEntry].
type CardEntry = kaopass.CardEntry

// CardBooks reads what a card company says it did, as something to hold our own ledger against. It is asked for days that
// are over, so what it answers may be late by minutes, never by hours.
type CardBooks interface {
	// Entries lists captures and refunds that were booked in [from, until), oldest first. Authorisations and releases are
	// not in it: they move no money.
	Entries(ctx context.Context, from, until time.Time) ([]CardEntry, error)
}
