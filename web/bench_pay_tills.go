package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/embedded"
)

// payTills is a made-up venue whose tills only confirm. It is filled by the database's owner, past the guards, and its tills
// are served as everywhere else: by the role that owns nothing.
type payTills struct {
	*db.DB
	served    *db.DB
	alone     *db.DB // the same, each confirmation by itself; nil where that is not measured
	owned     bool   // DB is ours to close
	payers    int
	rounds    int
	confirmed int
	lastRate  float64
	left      map[int][]db.Awaiting // prepared and not confirmed yet, by the number of their stores
	transfers int64                 // at the last audit
}

// How many people pay. A visitor pays a few times a day: fewer people would each have more payments of the same day than
// anybody has, all of which are read for their limits.
const (
	payersMany = 100_000
	payersFew  = 10_000 // with a top-up each, the ten thousand transfers beside which a filled venue is measured
)

// openTills fills the venue of the server's first database.
func (c *benchPay) openTills(ctx context.Context, cfg *Config, s *store) (_ *payTills, err error) {
	p := &payTills{DB: s.DB, payers: payersMany, left: map[int][]db.Awaiting{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if err := p.fill(ctx, 0); err != nil {
		return nil, err
	}
	if p.served, err = servedBy(ctx, s, embedded.Database, db.Config{Keys: cfg.Keys()}); err != nil {
		return nil, err
	}
	p.alone, err = servedBy(ctx, s, embedded.Database, db.Config{Keys: cfg.Keys(), NeverTogether: true})
	return p, err
}

// venueOf makes another venue on the same server, with payments of the season before.
func (c *benchPay) venueOf(ctx context.Context, cfg *Config, s *store, name string, past int) (_ *payTills, err error) {
	url, keys := s.postgres.URL(name), cfg.Keys()+"-"+name
	if err := errors.Join(embedded.Create(ctx, s.URL, name), db.Migrate(ctx, url)); err != nil {
		return nil, err
	}
	p := &payTills{owned: true, payers: payersFew, left: map[int][]db.Awaiting{}}
	if p.DB, err = db.Open(ctx, db.Config{URL: url, Keys: keys}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	if err := p.fill(ctx, past); err != nil {
		return nil, err
	}
	p.served, err = servedBy(ctx, s, name, db.Config{Keys: keys})
	return p, err
}

// servedBy opens a database as the server's role.
func servedBy(ctx context.Context, s *store, name string, cfg db.Config) (*db.DB, error) {
	cfg.URL = s.postgres.ServerURL(name)
	if err := db.Separate(ctx, s.postgres.URL(name), cfg.URL); err != nil {
		return nil, err
	}
	return db.Open(ctx, cfg)
}

func (p *payTills) fill(ctx context.Context, past int) error {
	if err := p.FillPay(ctx, p.payers); err != nil {
		return err
	}
	if past > 0 {
		if err := p.FillPast(ctx, past, p.payers); err != nil {
			return err
		}
	}
	return p.FillVacuum(ctx)
}

// Close ends the connections.
func (p *payTills) Close() error {
	var errs []error
	for _, ours := range []*db.DB{p.served, p.alone} {
		if ours != nil {
			errs = append(errs, ours.Close())
		}
	}
	if p.owned {
		errs = append(errs, p.DB.Close())
	}
	return errors.Join(errs...)
}

// sound audits the venue.
func (p *payTills) sound(ctx context.Context, out output) (bool, error) {
	if err := p.FillVacuum(ctx); err != nil {
		return false, err
	}
	found, err := p.AuditLedger(ctx)
	for _, breach := range found.Breaches {
		out.say("%s", breach)
	}
	p.transfers = found.Transfers
	return found.OK, err
}

// awaitingFirst is how many payments a second are prepared before it is known how many are confirmed.
const awaitingFirst = 8000

// pay prepares payments and confirms them, each once, from many tills at the same time: until the time is over or there are
// none left. What is left over is the next turn's: people do not walk away from a dozen tills a day, and each payment that
// names a payer is looked at for their limits.
func (p *payTills) pay(ctx context.Context, by *db.DB, clients, stores int, during time.Duration) (perSecond float64, err error) {
	p.rounds++
	name := "b" + strconv.Itoa(p.rounds) + "x"
	waiting := p.left[stores]
	if missing := int(max(awaitingFirst, 2*p.lastRate)*during.Seconds()) - len(waiting); missing > 0 {
		more, err := p.FillAwaiting(ctx, name, missing, stores, p.payers)
		if err != nil {
			return 0, err
		}
		waiting = append(waiting, more...)
	}
	var next, done atomic.Int64
	var all sync.WaitGroup
	failed := make([]error, clients)
	begun := time.Now()
	for i := range clients {
		all.Go(func() {
			for failed[i] == nil && time.Since(begun) < during {
				n := next.Add(1) - 1
				if n >= int64(len(waiting)) {
					return
				}
				failed[i] = confirmOne(ctx, by, waiting[n])
				done.Add(1)
			}
		})
	}
	all.Wait()
	p.left[stores] = waiting[min(int(next.Load()), len(waiting)):]
	p.confirmed += int(done.Load())
	p.lastRate = max(p.lastRate, float64(done.Load())/time.Since(begun).Seconds())
	return float64(done.Load()) / time.Since(begun).Seconds(), errors.Join(failed...)
}

func confirmOne(ctx context.Context, by *db.DB, w db.Awaiting) error {
	key := kaopass.Key{Owner: string(w.Till), Name: string(w.Payment), Body: sha256.Sum256([]byte(w.Method))}
	out, err := by.ConfirmPayment(ctx, nil, key, w.Till, w.Payment, w.Method)
	if err == nil && out.Status != kaopass.Captured {
		return fmt.Errorf("payment %s is %s: %s", w.Payment, out.Status, out.Reason)
	}
	return err
}

// tpcbDriver carries out TPC-B on the benchmark's server.
type tpcbDriver struct {
	name string
	path string // of pgbench; empty: own
	url  string
	own  *db.TPCB
}

func (c *benchPay) openTPCB(ctx context.Context, s *store) (*tpcbDriver, error) {
	t := &tpcbDriver{url: s.postgres.URL("tpcb")}
	if err := embedded.Create(ctx, s.URL, "tpcb"); err != nil {
		return nil, err
	}
	path, err := exec.LookPath("pgbench")
	if err != nil {
		t.name = fmt.Sprintf("kaopass's own TPC-B driver, scale %d, prepared statements: pgbench is not installed", db.TPCBScale)
		t.own, err = db.OpenTPCB(ctx, t.url)
		return t, err
	}
	t.path, t.name = path, fmt.Sprintf("pgbench, tpcb-like, scale %d, simple protocol", db.TPCBScale)
	_, err = t.pgbench(ctx, "-i", "-q", "-s", strconv.Itoa(db.TPCBScale))
	return t, err
}

// pgbench runs it with no more of our environment than it needs.
func (t *tpcbDriver) pgbench(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, t.path, append(args, t.url)...) //nolint:gosec // pgbench of the PATH
	cmd.Env = []string{"LC_ALL=C"}
	said, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("pgbench: %w: %s", err, said)
	}
	return string(said), nil
}

// run answers transactions a second.
func (t *tpcbDriver) run(ctx context.Context, clients int, during time.Duration) (float64, error) {
	if t.own != nil {
		return t.own.Run(ctx, clients, during)
	}
	said, err := t.pgbench(ctx, "-n", "-c", strconv.Itoa(clients), "-j", "2", "-T", strconv.Itoa(int(during.Seconds())))
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial`).FindStringSubmatch(said)
	if found == nil {
		return 0, fmt.Errorf("pgbench said no tps: %s", said)
	}
	return strconv.ParseFloat(found[1], 64)
}

// Close ends what was opened.
func (t *tpcbDriver) Close() error {
	if t.own != nil {
		return t.own.Close()
	}
	return nil
}
