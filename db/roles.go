package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Separate lets the role of one connection string work on a database that another role owns and migrates: the server's role
// may do what its verbs do, and cannot switch off, drop or empty what guards the book. Call it as often as [Migrate], after
// it. An error where both are one role, or where the server's may do anything anyway.
func Separate(ctx context.Context, owner, server string) (err error) {
	named, err := readQueries()
	if err != nil {
		return err
	}
	var role string
	if err := askOnce(ctx, server, func(pool *sql.DB) error {
		return pool.QueryRowContext(ctx, named["role-is"].Query).Scan(&role)
	}); err != nil {
		return fmt.Errorf("db: the server's role: %w", err)
	}
	return askOnce(ctx, owner, func(pool *sql.DB) error {
		_, err := pool.ExecContext(ctx, named["role-grant"].Query, role)
		return err
	})
}

// askOnce opens a database for one question.
func askOnce(ctx context.Context, url string, question func(*sql.DB) error) (err error) {
	pool, err := sql.Open("postgres", url)
	if err != nil {
		return fmt.Errorf("db: connection string: %w", err)
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	return fault(ctx, question(pool))
}
