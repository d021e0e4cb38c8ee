package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// Checkpoint sums the merchant side up to where the log is complete, so that a store's balance stays cheap to read; web
// calls it on a timer. made is false where nothing was posted since the last one. What commits late is above the horizon,
// and so in the next.
func (d *DB) Checkpoint(ctx context.Context) (made bool, err error) {
	err = d.tx(ctx, func(t *tx) error {
		if _, err := t.do(t.q.Enrolment.Patience); err != nil { // the first one after a season without
			return err
		}
		return t.get(&made, t.q.Ledger.Checkpoint, t.now)
	})
	return made, err
}

// StoreBalance is what the venue owes a store now: its last checkpoint and what was posted since. ErrNotFound where
// nobody paid there yet.
func (d *DB) StoreBalance(ctx context.Context, store kaopass.Zone) (kaopass.Money, error) {
	var yen int64
	err := d.get(ctx, &yen, d.q.Ledger.Store, store)
	return kaopass.Yen(yen), err
}
