package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/matcher"
)

type serveCommand struct{ Config }

// Help is shown by `kaopass serve --help`.
func (serveCommand) Help() string {
	return "Starts the whole product: portal, gates, tills, kiosk and console. Ctrl-C stops it cleanly.\n\n" +
		"Example: kaopass serve --lan\n\nphones on this network then reach it over HTTPS."
}

// Run serves until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, out output) error {
	p, err := start(ctx, &c.Config, out)
	if err != nil {
		return err
	}
	p.greet(out)
	select {
	case <-ctx.Done():
		out.say("\nStopping …")
	case err = <-p.failed:
	}
	return errors.Join(err, p.Close())
}

// program is the running product: made by start, ended by Close, so that a test can hold the real thing.
type program struct {
	cfg   *Config
	store *store
	faces *matcher.Matcher
	company
	app    *fiber.App
	signIn signIn // how to sign in to a venue that was seeded
	url    string
	closed []io.Closer // what else has to be closed, last first
	stop   context.CancelFunc
	work   sync.WaitGroup
	failed chan error

	snapshots  snapshots
	loadedFrom atomic.Pointer[loadedFrom] // nil until the gallery is loaded
}

// The server's limits.
const (
	bodyMax      = 12 << 20
	readWithin   = 30 * time.Second
	answerWithin = 15 * time.Second // a request that is not a stream
	idleWithin   = 75 * time.Second
	writeWithin  = 11 * time.Minute // the longest answer is the board's stream, which ends itself after ten
	drainWithin  = 10 * time.Second
	expireEvery  = 5 * time.Second
)

// start opens everything and serves. What it says while it starts goes to out.
func start(ctx context.Context, cfg *Config, out output) (_ *program, err error) {
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	p := &program{cfg: cfg, stop: stop, failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if p.store, err = serveStore(ctx, cfg, out.stderr); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if p.signIn, err = p.seed(ctx); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	named, err := cfg.calibration()
	if err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	if err = p.openFaces(ctx, named); err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	p.faces.HoldGallery()
	listener, err := p.listen(working)
	if err != nil {
		return nil, err
	}
	if p.app, err = p.build(working); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	p.work.Go(func() {
		if err := p.app.Listener(listener); err != nil {
			p.fail(err)
		}
	})
	if err = p.follow(working); err != nil { // gates and visitors are served meanwhile
		return nil, fmt.Errorf("gallery: %w", err)
	}
	if err = p.followOnSite(working); err != nil {
		return nil, fmt.Errorf("who is on the site: %w", err)
	}
	p.learn(working)
	p.upkeep(working)
	p.calibrations(working)
	return p, nil
}

// background does a piece of work now and then until the program stops.
func (p *program) background(ctx context.Context, every time.Duration, do func(context.Context)) {
	p.work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				do(ctx)
			}
		}
	})
}

func (p *program) fail(err error) {
	select {
	case p.failed <- err:
	default:
	}
}

// listen takes the configured address; port 0 takes any, and p.url says which.
func (p *program) listen(ctx context.Context) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.cfg.Addr)
	if err != nil {
		return nil, err
	}
	listener = request.Linger(listener)
	scheme := "http"
	if p.cfg.LAN {
		if listener, err = secure(listener, p.cfg.Data); err != nil {
			return nil, err
		}
		scheme = "https"
	}
	p.url = orElse(p.cfg.Public, scheme+"://"+reachable(listener.Addr(), p.cfg.LAN))
	return listener, nil
}

// Close stops serving, lets what is being answered finish, and closes everything in turn.
func (p *program) Close() error {
	var errs []error
	p.saveLast()
	p.stop() // ends the streams, which would keep the server from coming to rest
	if p.app != nil {
		err := p.app.ShutdownWithTimeout(drainWithin)
		if errors.Is(err, context.DeadlineExceeded) { // a browser's spare connection, or somebody who is very slow: no fault of ours
			slog.Warn("connections were still open at the stop, and are cut", "after", drainWithin)
			err = nil
		}
		errs = append(errs, err)
	}
	for _, c := range p.closed {
		errs = append(errs, c.Close())
	}
	p.work.Wait()
	if p.faces != nil {
		errs = append(errs, p.faces.Close())
	}
	if p.store != nil {
		errs = append(errs, p.store.Close())
	}
	return errors.Join(errs...)
}
