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
	for _, text := range []error{answered("22021"), answered("22P05")} {
		if got := fault(t.Context(), text); got != ErrText {
			t.Errorf("%v became %v", text, got)
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

// A text that no table can keep is the caller's mistake, wherever it comes in; a confirmation with one is not even sent, as the
// others of its group would fail with it.
func TestWhatNoTableCanKeepIsTheCallersMistake(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	me, enr := r.visitor(1, "Taro", 5000)
	paid := r.pay(100, false, enr, me)
	for _, junk := range []string{"\x00", "\xff", "a\x00b"} {
		if _, err := r.TillReceipt(r.ctx, r.till.ID, paid.ID, kaopass.RefundID(junk)); !errors.Is(err, ErrText) {
			t.Errorf("%q as a refund: %v", junk, err)
		}
		if _, _, err := r.Events(r.ctx, EventFilter{Kind: junk}, Page{}); !errors.Is(err, ErrText) {
			t.Errorf("%q as a kind: %v", junk, err)
		}
		left, leave := context.WithCancel(r.ctx)
		leave() // whoever has left reaches no database
		if _, err := r.ConfirmPayment(left, r.desk, kaopass.Key{}, r.till.ID, paid.ID, kaopass.MethodID(junk)); !errors.Is(err, ErrText) {
			t.Errorf("%q as a method: %v", junk, err)
		}
	}
	out := r.ok2(r.CreatePayment(r.ctx, NewPayment{Till: r.till.ID, Amount: kaopass.Yen(1), OrderRef: "4\x1bp\x00\n\u202e001¥\u2028\u0085\xff"}))
	if out.OrderRef != "4p001¥" {
		t.Errorf("%q", out.OrderRef)
	}
}
