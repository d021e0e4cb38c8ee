package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/kaopass/kaopass/db/seal"
)

// ErrKeys is what Open answers when the database was sealed with keys that the folder does not hold.
var ErrKeys = errors.New("db: the venue's keys are not those that sealed this database")

// loadKeys reads the venue's keys, or makes them where nothing was sealed yet, and checks that they are the ones that
// sealed what is here. It never makes new keys beside sealed rows: that would only hide that the old ones are lost.
func (d *DB) loadKeys(ctx context.Context, folder string) (keys *seal.Venue, err error) {
	err = d.tx(ctx, func(t *tx) error {
		var check []byte
		if err := t.get(&check, t.q.Venue.Check); err != nil { // locks the row: two first starts take turns
			return err
		}
		keys, err = seal.Load(folder)
		if errors.Is(err, seal.ErrNoKeys) && check == nil {
			keys, err = seal.Make(folder)
		}
		switch {
		case errors.Is(err, seal.ErrNoKeys), err == nil && check != nil && !keys.Made(check):
			return fmt.Errorf("%w: put %s back into %q", ErrKeys, seal.FileName, folder)
		case err != nil || check != nil:
			return err
		}
		if check, err = keys.Check(); err != nil {
			return err
		}
		return t.must(t.q.Venue.SetCheck, check)
	})
	return keys, err
}
