package db

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// Sweep removes what is over: old keys, codes, sessions and ceremonies. Nothing depends on it, as each is also checked
// when it is used; web calls it now and then so that tables stay small.
func (d *DB) Sweep(ctx context.Context) error {
	return d.tx(ctx, func(t *tx) error {
		for _, old := range []struct {
			stmt *sqlx.Stmt
			age  time.Duration
		}{
			{t.q.Key.Sweep, kaopass.KeyKept},
			{t.q.SignIn.CodeSweep, time.Hour},
			{t.q.Passkey.CeremonySweep, CeremonyWithin},
			{t.q.Staff.SessionSweep, StaffSessionWithin},
			{t.q.Staff.MissSweep, StaffTriesWithin},
			{t.q.Snapshot.KeySweep, SnapshotWithin},
			{t.q.Company.Sweep, NoticeKept},
			{t.q.Company.FormOld, NoticeKept},
		} {
			if _, err := t.do(old.stmt, t.now.Add(-old.age)); err != nil {
				return err
			}
		}
		_, err := t.do(t.q.SignIn.SessionSweep, t.now.Add(-SessionIdle), t.now.Add(-SessionWithin))
		return err
	})
}
