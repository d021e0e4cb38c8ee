package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	logBytesMax   = 8 << 20 // then the log begins anew, with one older file kept
	logTailBytes  = 2 << 10 // how much of it an error quotes
	launchTries   = 20      // while sessions of a killed server still end
	launchTryWait = 250 * time.Millisecond
)

// settings go with every start, so that the data directory holds none that an
// old version wrote. Law: what was acknowledged survives the loss of power.
var settings = [...]string{
	"listen_addresses=",
	"unix_socket_permissions=0700",
	"max_connections=200",
	"shared_buffers=128MB",
	"fsync=on",
	"synchronous_commit=on",
	"full_page_writes=on",
	"wal_compression=on",
	"max_wal_size=2GB",
	"random_page_cost=1.1", // flash, not discs
	"jit=off",              // our statements are short
	"timezone=UTC",
	"log_timezone=UTC",
	"log_checkpoints=off",
	// Starts, stops and crashes are logged. Refused statements are not: the
	// caller reports them, and their DETAIL would show people's data.
	"log_min_messages=log",
	"log_min_error_statement=panic",
	"log_error_verbosity=terse",
	"cluster_name=kaopass",
}

// volatileSettings follow for a test's server, whose data nobody will miss.
var volatileSettings = [...]string{
	"fsync=off",
	"full_page_writes=off",
	"autovacuum=off",
}

// launch makes sure that the place's server runs and is ready.
func launch(ctx context.Context, p place) error {
	if up, err := adopt(ctx, p); up || err != nil {
		return err
	}
	if err := initialise(p); err != nil {
		return err
	}
	if err := disown(p); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := launchOnce(ctx, p)
		// Sessions of a server killed with SIGKILL notice within moments; until
		// then PostgreSQL rightly refuses to start beside them.
		if err == nil || try == launchTries || !strings.Contains(err.Error(), "shared memory block") {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(launchTryWait):
		}
	}
}

func launchOnce(ctx context.Context, p place) error {
	arguments := []string{"-D", p.dataDir(), "-c", "unix_socket_directories=" + p.socketDir()}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	if p.volatile {
		for _, setting := range volatileSettings {
			arguments = append(arguments, "-c", setting)
		}
	}
	log, begins, err := openLog(p)
	if err != nil {
		return err
	}
	child := p.command("postgres", arguments...)
	child.Stdout, child.Stderr = log, log
	if err := errors.Join(child.Start(), log.Close()); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = child.Wait() // how it ended is in its log
	}()
	err = awaitReady(ctx, p, ended)
	if errors.Is(err, errEnded) {
		return fmt.Errorf("%w; its log says:\n%s", err, tail(p.logFile(), begins))
	}
	return err
}

// command is a program of PostgreSQL as a child of ours: without our
// environment, our working directory or our terminal.
func (p place) command(program string, arguments ...string) *exec.Cmd {
	child := exec.Command(filepath.Join(p.native, "bin", program), arguments...)
	child.Dir = "/"
	child.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	child.SysProcAttr = p.owner.attributes()
	return child
}

// initialise makes a new cluster if there is none. It gets its name when it is
// complete, so that a crash half-way leaves nothing that looks like one.
func initialise(p place) error {
	_, err := os.Stat(filepath.Join(p.dataDir(), "PG_VERSION"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	half := p.dataDir() + ".new"
	if err := errors.Join(os.RemoveAll(half), os.Mkdir(half, 0o700), p.owner.own(half)); err != nil {
		return err
	}
	// The built-in C.UTF-8 sorts the same on every system and needs no locale
	// of it; people's names are sorted by the pages, in the reader's language.
	arguments := []string{"-D", half, "--username=" + role, "--auth=trust", "--encoding=UTF8",
		"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"}
	if p.volatile {
		arguments = append(arguments, "--no-sync")
	}
	if said, err := p.command("initdb", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, said)
	}
	return os.Rename(half, p.dataDir())
}

// openLog opens the server's own log, a file and not a pipe to us: it must
// still have somewhere to write when we are gone.
func openLog(p place) (log *os.File, begins int64, err error) {
	if info, err := os.Stat(p.logFile()); err == nil && info.Size() > logBytesMax {
		if err := os.Rename(p.logFile(), p.logFile()+".1"); err != nil {
			return nil, 0, err
		}
	}
	log, err = os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := log.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, log.Close())
	}
	return log, info.Size(), nil
}

// tail is the end of what was logged since begins.
func tail(name string, begins int64) string {
	log, err := os.Open(name)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = log.Close() }()
	text, err := io.ReadAll(io.NewSectionReader(log, begins, logBytesMax))
	if err != nil && !errors.Is(err, fs.ErrClosed) {
		return err.Error()
	}
	return strings.TrimSpace(string(text[max(0, len(text)-logTailBytes):]))
}
