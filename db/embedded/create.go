package embedded

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"

	"github.com/lib/pq"
)

//go:embed create.sql
var createSQL string

// duplicateDatabase is SQLSTATE 42P04.
const duplicateDatabase = "42P04"

// Create makes a database on the server of url, unless it is there.
func Create(ctx context.Context, url, database string) (err error) {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, fmt.Sprintf(createSQL, pq.QuoteIdentifier(database)))
	var refused *pq.Error
	if errors.As(err, &refused) && refused.Code == duplicateDatabase {
		return nil
	}
	return err
}
