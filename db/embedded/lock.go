package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockPoll is how often a lock that another process holds is tried again.
const lockPoll = 20 * time.Millisecond

var errLocked = errors.New("locked by another process")

// lock is a flock(2): the kernel lets go of it when the process ends, however
// that ends, and a child does not inherit it (Go opens files close-on-exec).
type lock struct{ file *os.File }

// tryLock takes the lock alone, or returns errLocked.
func tryLock(name string) (*lock, error) { return openLock(name, syscall.LOCK_EX) }

// waitLock takes the lock alone, waiting for it until ctx ends.
func waitLock(ctx context.Context, name string) (*lock, error) {
	return poll(ctx, name, syscall.LOCK_EX)
}

// shareLock takes a share of the lock, waiting for it until ctx ends.
func shareLock(ctx context.Context, name string) (*lock, error) {
	return poll(ctx, name, syscall.LOCK_SH)
}

// alone turns our share into the whole lock and reports whether it could: it
// cannot while anyone else has a share. Either way the share is used up.
func (l *lock) alone() bool {
	return syscall.Flock(int(l.file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

func (l *lock) release() error { return l.file.Close() }

func poll(ctx context.Context, name string, how int) (*lock, error) {
	for {
		l, err := openLock(name, how)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %s: %w", name, ctx.Err())
		case <-time.After(lockPoll):
		}
	}
}

func openLock(name string, how int) (*lock, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &lock{file}, nil
}
