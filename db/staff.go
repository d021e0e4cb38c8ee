package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/kaopass/kaopass"
)

// Limits of staff sessions.
const (
	StaffSessionWithin = 12 * time.Hour
	StaffTries         = 10 // wrong passwords in StaffTriesWithin, then TooManyTries
	StaffTriesWithin   = 15 * time.Minute
)

// staffQueries keeps the people who work for the venue.
type staffQueries struct {
	ByLogin       *sqlx.Stmt `query:"staff-by-login"`
	LockLogin     *sqlx.Stmt `query:"staff-lock-login"`
	Add           *sqlx.Stmt `query:"staff-add"`
	Set           *sqlx.Stmt `query:"staff-set"`
	List          *sqlx.Stmt `query:"staff-list"`
	Misses        *sqlx.Stmt `query:"staff-misses"`
	Miss          *sqlx.Stmt `query:"staff-miss"`
	MissSweep     *sqlx.Stmt `query:"staff-miss-sweep"`
	SessionAdd    *sqlx.Stmt `query:"staff-session-add"`
	SessionRead   *sqlx.Stmt `query:"staff-session-read"`
	SessionEnd    *sqlx.Stmt `query:"staff-session-end"`
	SessionEndAll *sqlx.Stmt `query:"staff-session-end-all"`
	SessionSweep  *sqlx.Stmt `query:"staff-session-sweep"`
}

type staffRow struct {
	ID       kaopass.StaffID
	Login    string
	Name     string
	Role     kaopass.StaffRole
	Language kaopass.Language
	Password string
}

func (r staffRow) staff() kaopass.Staff {
	return kaopass.Staff{ID: r.ID, Login: r.Login, Name: r.Name, Role: r.Role, Language: r.Language}
}

// plainLogin is a login as it is kept: spaces around it and capitals do not count.
func plainLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

// AddStaff makes a member of staff, or sets name, role and password of one that exists, ending the open sessions. The
// password is stored as argon2id.
func (d *DB) AddStaff(ctx context.Context, s kaopass.Staff, password, actor string) (out kaopass.Staff, err error) {
	s.Login = plainLogin(s.Login)
	if !slices.Contains(kaopass.StaffRoles(), s.Role) || s.Login == "" || password == "" || len(password) > PasswordMax {
		return out, fmt.Errorf("db: staff with role %q, a login of %d bytes and a password of %d", s.Role, len(s.Login), len(password))
	}
	hash, err := d.passwords.hash(ctx, password)
	if err != nil {
		return out, err
	}
	err = d.tx(ctx, func(t *tx) error {
		out = s
		var row staffRow
		known, err := t.find(&row, t.q.Staff.LockLogin, s.Login)
		if err != nil {
			return err
		}
		if out.ID = row.ID; known {
			err = t.must(t.q.Staff.Set, out.ID, s.Name, s.Role, s.Language, hash)
		} else {
			out.ID = kaopass.StaffID(t.newID(kaopass.PrefixStaff))
			if err = t.must(t.q.Staff.Add, out.ID, s.Login, s.Name, s.Role, s.Language, hash, t.now); errors.Is(err, ErrNotFound) {
				err = errRace
			}
		}
		if err != nil {
			return err
		}
		if _, err := t.do(t.q.Staff.SessionEndAll, out.ID); err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.StaffAdded, Actor: actor, Subject: string(out.ID)})
		return err
	})
	return out, err
}

// StaffSignedIn is a fresh staff session.
type StaffSignedIn struct {
	Staff  kaopass.Staff
	Token  string
	Reason kaopass.Reason // SignInCodeWrong (login or password), TooManyTries
}

// StaffSignIn checks login and password. After StaffTries misses on one login nobody gets in by it for a while, not even
// with the right password; an unknown login counts and takes as long as a known one.
func (d *DB) StaffSignIn(ctx context.Context, login, password string) (out StaffSignedIn, err error) {
	login = plainLogin(login)
	tried, err := d.keys.Hash(useLogin, login)
	if err != nil {
		return out, err
	}
	var row staffRow
	var misses int
	if err := d.get(ctx, &misses, d.q.Staff.Misses, tried, d.clock().Add(-StaffTriesWithin)); err != nil {
		return out, err
	}
	if misses >= StaffTries || len(password) > PasswordMax {
		return d.staffRefused(ctx, row, tried, misses)
	}
	if err := d.get(ctx, &row, d.q.Staff.ByLogin, login); err != nil && !errors.Is(err, ErrNotFound) {
		return out, err
	}
	right, err := d.passwords.is(ctx, password, row.Password) // outside of any transaction: it takes long
	if err != nil {
		return out, err
	}
	if !right {
		return d.staffRefused(ctx, row, tried, misses)
	}
	err = d.tx(ctx, func(t *tx) error {
		token, hash, err := newSession(t.keys)
		if err != nil {
			return err
		}
		out = StaffSignedIn{Staff: row.staff(), Token: token}
		if _, err := t.do(t.q.Staff.SessionAdd, hash, row.ID, t.now); err != nil {
			return err
		}
		_, err = t.event(kaopass.Event{Kind: kaopass.StaffSignedIn, Actor: string(row.ID), Subject: string(row.ID)})
		return err
	})
	return out, err
}

// staffRefused records a refused sign-in; misses were there before.
func (d *DB) staffRefused(ctx context.Context, row staffRow, tried []byte, misses int) (out StaffSignedIn, err error) {
	out.Reason = kaopass.SignInCodeWrong
	if misses >= StaffTries {
		out.Reason = kaopass.TooManyTries
	}
	return out, d.tx(ctx, func(t *tx) error {
		if misses < StaffTries {
			if _, err := t.do(t.q.Staff.Miss, tried, t.now); err != nil {
				return err
			}
		}
		_, err := t.event(kaopass.Event{Kind: kaopass.StaffRefused, Actor: venueActor, Subject: string(row.ID), Reason: out.Reason})
		return err
	})
}

// StaffSession finds whose token this is: ErrNotFound where it is nobody's, or older than StaffSessionWithin.
func (d *DB) StaffSession(ctx context.Context, token string) (kaopass.Staff, error) {
	hash, err := sessionHash(d.keys, token)
	if err != nil {
		return kaopass.Staff{}, err
	}
	var row staffRow
	err = d.get(ctx, &row, d.q.Staff.SessionRead, hash, d.clock().Add(-StaffSessionWithin))
	return row.staff(), err
}

// StaffSignOut ends a staff session, if it has not ended yet.
func (d *DB) StaffSignOut(ctx context.Context, token string) error {
	hash, err := sessionHash(d.keys, token)
	if err != nil {
		return notFoundIsDone(err)
	}
	return d.tx(ctx, func(t *tx) error {
		_, err := t.do(t.q.Staff.SessionEnd, hash)
		return err
	})
}

// StaffList lists the staff, by login.
func (d *DB) StaffList(ctx context.Context) ([]kaopass.Staff, error) {
	var rows []staffRow
	err := d.list(ctx, &rows, d.q.Staff.List)
	staff := make([]kaopass.Staff, len(rows))
	for i, row := range rows {
		staff[i] = row.staff()
	}
	return staff, err
}
