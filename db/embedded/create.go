package embedded

import (
	"context"
	"database/sql"
	"database/sql/driver"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/lib/pq"
)

//go:embed create.sql
var createSQL string

//go:embed create_role.sql
var createRoleSQL string

// What PostgreSQL says of what is there already: SQLSTATE 42P04 and 42710.
const (
	duplicateDatabase = "42P04"
	duplicateObject   = "42710"
)

// Create makes a database on the server of url, unless it is there.
func Create(ctx context.Context, url, database string) error {
	return createOnce(ctx, url, fmt.Sprintf(createSQL, pq.QuoteIdentifier(database)))
}

// createServerRole makes the role that a server works as, unless it is there.
func createServerRole(ctx context.Context, url string) error {
	return createOnce(ctx, url, fmt.Sprintf(createRoleSQL, pq.QuoteIdentifier(serverRole)))
}

// dying reports whether the server went away in the middle of a question, or says that it is about to: class 57, operator
// intervention.
func dying(err error) bool {
	var answered *pq.Error
	if errors.As(err, &answered) {
		return answered.Code.Class() == "57"
	}
	for _, gone := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, syscall.ENOENT} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

func createOnce(ctx context.Context, url, statement string) (err error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, statement)
	var refused *pq.Error
	if errors.As(err, &refused) && (refused.Code == duplicateDatabase || refused.Code == duplicateObject) {
		return nil
	}
	return err
}
