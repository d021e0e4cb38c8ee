package db

import (
	"context"
	"time"

	"github.com/kaopass/kaopass"
)

// Limits of staff sessions.
const (
	StaffSessionWithin = 12 * time.Hour
	StaffTries         = 10 // wrong passwords in StaffTriesWithin, then TooManyTries
	StaffTriesWithin   = 15 * time.Minute
)

// AddStaff makes a member of staff, or sets role and password of one that exists. The password is stored as argon2id.
func (d *DB) AddStaff(ctx context.Context, s kaopass.Staff, password, actor string) (kaopass.Staff, error) {
	return kaopass.Staff{}, errUnwritten
}

// StaffSignedIn is a fresh staff session.
type StaffSignedIn struct {
	Staff  kaopass.Staff
	Token  string
	Reason kaopass.Reason // SignInCodeWrong (login or password), TooManyTries
}

// StaffSignIn checks login and password.
func (d *DB) StaffSignIn(ctx context.Context, login, password string) (StaffSignedIn, error) {
	return StaffSignedIn{}, errUnwritten
}

// StaffSession finds whose token this is.
func (d *DB) StaffSession(ctx context.Context, token string) (kaopass.Staff, error) {
	return kaopass.Staff{}, errUnwritten
}

// StaffSignOut ends a staff session.
func (d *DB) StaffSignOut(ctx context.Context, token string) error { return errUnwritten }

// StaffList lists the staff, by login.
func (d *DB) StaffList(ctx context.Context) ([]kaopass.Staff, error) { return nil, errUnwritten }
