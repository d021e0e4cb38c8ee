package embedded

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

func TestOneHolderOrManySharers(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "users.lock")
	first, err := shareLock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	second, err := shareLock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tryLock(name); !errors.Is(err, errLocked) {
		t.Errorf("taken alone beside two shares: %v", err)
	}
	if first.alone() {
		t.Error("the first believes itself alone")
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	if !second.alone() {
		t.Error("the last does not know that it is alone")
	}
	if err := second.release(); err != nil {
		t.Fatal(err)
	}
	last, err := tryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := last.release(); err != nil {
		t.Fatal(err)
	}
}

func TestWaitingForALockEnds(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "gate.lock")
	held, err := tryLock(name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockPoll)
	defer cancel()
	if _, err := waitLock(ctx, name); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want the deadline's", err)
	}
	time.AfterFunc(3*lockPoll, func() { _ = held.release() })
	got, err := waitLock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.release(); err != nil {
		t.Fatal(err)
	}
}

func TestALockNeedsItsDirectory(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "absent", "gate.lock")
	if _, err := waitLock(t.Context(), name); err == nil {
		t.Error("locked what is not there")
	}
}
