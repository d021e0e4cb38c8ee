package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/kaopass/kaopass"
)

func TestFaultsAreSorted(t *testing.T) {
	t.Parallel()
	answered := func(code string) error { return fmt.Errorf("x: %w", &pq.Error{Code: pqerror.Code(code)}) }
	for _, away := range []error{answered("57P01"), answered("57P03"), answered("53300"), answered("08006"), answered("57014"),
		answered("55P03"), answered("25006"), driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED,
		&net.OpError{Op: "dial", Err: syscall.ENOENT}} {
		if !errors.Is(fault(t.Context(), away), ErrUnavailable) {
			t.Errorf("%v does not mean that the database is away", away)
		}
	}
	for _, ours := range []error{ErrNotFound, ErrKeyReused, &StateError{"captured"}, answered("42601"), answered("23505"), errors.New("x")} {
		if got := fault(t.Context(), ours); got != ours {
			t.Errorf("%v became %v", ours, got)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := fault(gone, driver.ErrBadConn); err != context.Canceled {
		t.Errorf("the caller left: %v", err)
	}
	if err := fault(gone, nil); err != nil {
		t.Errorf("nothing went wrong: %v", err)
	}
}

// Two verbs that lock two visitors in opposite order: PostgreSQL ends one, which is run again.
func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	d := openTest(t)
	a, _ := d.newVisitor(t, "a@example.jp")
	b, _ := d.newVisitor(t, "b@example.jp")
	met := make(chan bool)
	both := func(first, second kaopass.VisitorID, meet func()) error {
		times := 0
		return d.tx(t.Context(), func(t *tx) error {
			if _, err := t.lockVisitor(first); err != nil {
				return err
			}
			if times++; times == 1 {
				meet()
			}
			_, err := t.lockVisitor(second)
			return err
		})
	}
	done := make(chan error)
	go func() { done <- both(a.ID, b.ID, func() { met <- true }) }()
	if err := both(b.ID, a.ID, func() { <-met }); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
