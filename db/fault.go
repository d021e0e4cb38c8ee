package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// fault sorts the errors of a verb: what this package says itself passes, what means that PostgreSQL is not there (or is
// too busy to answer in time) becomes ErrUnavailable, what it cannot keep as text ErrText, a caller that left stays context.Canceled, and anything else is a
// mistake of ours.
func fault(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Canceled
	case errors.Is(err, ErrUnavailable):
		return err
	case ctx.Err() != nil, isAway(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case isText(err):
		return ErrText
	}
	return err
}

// isText reports whether whoever asks sent what PostgreSQL keeps in no text: a NUL, or bytes that are no UTF-8. Where a verb
// does not clean a text it is the caller's mistake, not ours, and the same again will not do either.
func isText(err error) bool {
	var answered *pq.Error
	return errors.As(err, &answered) && slices.Contains([]pqerror.Code{"22021", "22P05"}, answered.Code)
}

// isAway reports whether the error says that the server cannot answer now. Codes and classes are those of PostgreSQL's
// manual, appendix A.
func isAway(err error) bool {
	var answered *pq.Error
	if errors.As(err, &answered) {
		class := string(answered.Code[:2])
		return slices.Contains([]string{"08", "53", "57"}, class) || // connection, resources, operator intervention
			slices.Contains([]pqerror.Code{"55P03", "25P03", "25006"}, answered.Code) // lock timeout, idle timeout, now a standby
	}
	var network net.Error
	for _, gone := range []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return errors.As(err, &network)
}

// errRace says that another verb was first, and that running this one again will see what it did.
var errRace = errors.New("db: another verb was first")

// isRace reports whether the verb lost against another one and may simply be run again: errRace, a serialisation
// failure or a deadlock.
func isRace(err error) bool {
	var answered *pq.Error
	return errors.Is(err, errRace) ||
		errors.As(err, &answered) && (answered.Code == "40001" || answered.Code == "40P01")
}

// breaks reports whether err is PostgreSQL refusing a row for the named constraint or unique index.
func breaks(err error, constraint string) bool {
	var answered *pq.Error
	return errors.As(err, &answered) && answered.Constraint == constraint
}
