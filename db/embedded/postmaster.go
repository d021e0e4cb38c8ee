package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// statusPoll is how often a starting or stopping server is looked at.
const statusPoll = 5 * time.Millisecond

// quitWithin is how long an immediate shutdown may take before SIGKILL.
const quitWithin = 3 * time.Second

var errEnded = errors.New("PostgreSQL ended while starting")

// postmaster is what PostgreSQL says of itself in postmaster.pid (the lines
// are listed in its src/include/utils/pidfile.h).
type postmaster struct {
	pid   int
	ready bool // accepts connections
}

// readPostmaster returns the postmaster that the data directory names, and
// false if it names none. The process may be long gone.
func readPostmaster(dataDir string) (postmaster, bool) {
	text, err := os.ReadFile(pidFile(dataDir))
	if err != nil {
		return postmaster{}, false
	}
	lines := strings.Split(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 1 {
		return postmaster{}, false
	}
	const statusLine = 8 // counted from 1
	ready := len(lines) >= statusLine && strings.TrimSpace(lines[statusLine-1]) == "ready"
	return postmaster{pid: pid, ready: ready}, true
}

func pidFile(dataDir string) string { return filepath.Join(dataDir, "postmaster.pid") }

// running reports whether the place's own postmaster lives.
func running(p place) bool {
	pm, named := readPostmaster(p.dataDir())
	return named && serves(pm.pid, p)
}

// serves reports whether pid is the postmaster of this place, and not another
// process that was given the number after a crash or in a new container: a
// postmaster's working directory is its data directory.
func serves(pid int, p place) bool {
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err == nil {
		data, err := filepath.EvalSymlinks(p.dataDir())
		return err == nil && cwd == data
	}
	if _, err := os.Stat("/proc/self/cwd"); err == nil {
		return false // there is a /proc, and pid is not in it or is not ours
	}
	if !exists(pid) {
		return false
	}
	conn, err := net.DialTimeout("unix", filepath.Join(p.socketDir(), socketName), time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func exists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// disown makes harmless what a dead server left if its number belongs to
// another process by now, for PostgreSQL would take that one for itself and
// refuse to start. The caller has seen that the server does not run.
func disown(p place) error {
	// Whose socket it is follows from whose data directory it is: it is ours alone.
	err := os.Remove(filepath.Join(p.socketDir(), socketName+".lock"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	pm, named := readPostmaster(p.dataDir())
	if !named || !exists(pm.pid) {
		return nil
	}
	text, err := os.ReadFile(pidFile(p.dataDir()))
	if err != nil {
		return err
	}
	// PostgreSQL does not refuse its own parent's number, and goes on to its
	// second check, of the shared memory that the file names too: so it stays.
	_, rest, _ := strings.Cut(string(text), "\n")
	file, err := os.OpenFile(pidFile(p.dataDir()), os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%d\n%s", os.Getpid(), rest)
	return errors.Join(err, file.Close())
}

// halt stops the server: fast, which ends all sessions and writes a
// checkpoint; at ctx's end or after stopWithin immediate, which recovers later.
func halt(ctx context.Context, p place) error {
	pm, named := readPostmaster(p.dataDir())
	if !named || !serves(pm.pid, p) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	if signalled(ctx, p, pm.pid, syscall.SIGINT) {
		return nil
	}
	for _, harder := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL} {
		// The caller's time is over; this is what it must wait for all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), quitWithin)
		defer cancel()
		if signalled(ctx, p, pm.pid, harder) {
			return fmt.Errorf("PostgreSQL did not stop in time and was ended by %v; it recovers at the next start", harder)
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) does not stop", pm.pid)
}

// signalled sends the signal and reports whether the server went before ctx did.
func signalled(ctx context.Context, p place, pid int, signal syscall.Signal) bool {
	if err := syscall.Kill(pid, signal); err != nil {
		return errors.Is(err, syscall.ESRCH)
	}
	for serves(pid, p) {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(statusPoll):
		}
	}
	return true
}

// adopt waits for a server that already runs, left over or another process's,
// and reports whether it is ready; not so if none runs or it was just stopping.
func adopt(ctx context.Context, p place) (ready bool, err error) {
	for {
		pm, named := readPostmaster(p.dataDir())
		if !named || !serves(pm.pid, p) {
			return false, nil
		}
		if pm.ready {
			return true, nil
		}
		if err := pause(ctx, nil); err != nil {
			return false, err
		}
	}
}

// awaitReady waits until the child that we started accepts connections.
func awaitReady(ctx context.Context, p place, ended <-chan struct{}) error {
	for {
		if pm, named := readPostmaster(p.dataDir()); named && pm.ready && serves(pm.pid, p) {
			return nil
		}
		if err := pause(ctx, ended); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, ended <-chan struct{}) error {
	select {
	case <-ended:
		return errEnded
	case <-ctx.Done():
		return fmt.Errorf("PostgreSQL does not become ready: %w", ctx.Err())
	case <-time.After(statusPoll):
		return nil
	}
}
