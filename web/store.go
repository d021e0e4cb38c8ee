package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/embedded"
)

// store is the database as a command or the server uses it: the embedded server, where it is ours to run, and the
// venue's memory on top.
type store struct {
	*db.DB
	postgres *embedded.Server // nil where the server is somebody else's
	URL      string           // of the database's owner
}

const (
	stopWithin  = 20 * time.Second       // for the embedded server to come to rest
	storeWithin = 30 * time.Second       // for a database that is started beside us, or recovers, to answer
	storeEvery  = 500 * time.Millisecond // it is asked
)

// openStore opens the venue's memory for a command: it uses the server that runs, or starts it for the moment.
func openStore(ctx context.Context, cfg *Config, log io.Writer) (*store, error) {
	return connect(ctx, cfg, log, embedded.Open)
}

// serveStore opens the venue's memory for the process that serves: it keeps the embedded server running, and waits a while
// for one that does not answer yet.
func serveStore(ctx context.Context, cfg *Config, log io.Writer) (*store, error) {
	for begun, said := time.Now(), false; ; said = true {
		s, err := connect(ctx, cfg, log, embedded.Start)
		if !errors.Is(err, db.ErrUnavailable) || ctx.Err() != nil || time.Since(begun) > storeWithin {
			return s, err
		}
		if !said {
			slog.Warn("the database does not answer yet, and is waited for", "within", storeWithin, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(storeEvery):
		}
	}
}

type launch func(context.Context, embedded.Config) (*embedded.Server, error)

func connect(ctx context.Context, cfg *Config, log io.Writer, launch launch) (_ *store, err error) {
	s := &store{URL: orElse(cfg.Owner, cfg.Database)}
	server := cfg.Database
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := mkdir(cfg.Data); err != nil {
		return nil, err
	}
	if cfg.Database == "" {
		place := embedded.Config{Dir: filepath.Join(cfg.Data, "postgres"), Binaries: cfg.Packages, Log: log}
		if s.postgres, err = launch(ctx, place); err != nil {
			return nil, err
		}
		s.URL, server = s.postgres.URL(embedded.Database), s.postgres.ServerURL(embedded.Database)
		if cfg.measures {
			server = s.URL // what is measured is filled past the guards first, which only the owner may
		}
	}
	if err := db.Migrate(ctx, s.URL); err != nil {
		return nil, err
	}
	if server != s.URL {
		if err := db.Separate(ctx, s.URL, server); err != nil {
			return nil, err
		}
	}
	s.DB, err = db.Open(ctx, db.Config{URL: server, Keys: cfg.Keys()})
	return s, err
}

// Close lets go of the database, and stops the embedded server if nobody else uses it.
func (s *store) Close() error {
	var errs []error
	if s.DB != nil {
		errs = append(errs, s.DB.Close())
	}
	if s.postgres != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		errs = append(errs, s.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}
