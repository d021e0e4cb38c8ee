package db

import (
	"context"

	"github.com/kaopass/kaopass"
)

// SignOutEverywhere ends every session of a visitor.
func (d *DB) SignOutEverywhere(ctx context.Context, id kaopass.VisitorID) error {
	return d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.SignIn.SessionEndAll, id)
		return err
	})
}
