package db

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/kaopass/kaopass"
)

// How followers are woken (law 3). A NOTIFY takes a lock of the whole server when its transaction commits, so it is
// never part of a verb: one notifier per process says, on a connection of its own, that something was committed.
const (
	wakeEvery   = 20 * time.Millisecond  // at most so often
	pollEvery   = 500 * time.Millisecond // and a follower that nobody wakes looks by itself
	feedBatch   = 500                    // events read at once
	retryAfter  = 250 * time.Millisecond // while the database is away
	wakeChannel = "kaopass_event"
)

// feed wakes the followers of this process, and those of others.
type feed struct {
	rung     chan struct{} // a verb here committed events; room for one
	pool     *sqlx.DB      // one connection, to notify on
	listener *pq.Listener  // another, to be notified on
	stop     context.CancelFunc
	stopped  sync.WaitGroup

	mu   sync.Mutex
	wake chan struct{} // closed, and replaced, at each wake
}

// startFeed starts the notifier and the listener; neither needs the database to be there.
func startFeed(d *DB, url string) (*feed, error) {
	pool, err := connect(url, 1)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background()) // ends with close, not with the call that starts
	f := &feed{rung: make(chan struct{}, 1), pool: pool, stop: stop, wake: make(chan struct{})}
	f.listener = pq.NewListener(url, retryAfter, 10*time.Second, nil)
	f.stopped.Go(func() { f.notify(ctx, d.q.Event.Wake) })
	f.stopped.Go(func() { f.listen(ctx) })
	return f, nil
}

// ring tells the notifier that events were committed. It never waits.
func (f *feed) ring() {
	select {
	case f.rung <- struct{}{}:
	default:
	}
}

// notify passes rings on, to the followers here at once and to other processes, at most every wakeEvery.
func (f *feed) notify(ctx context.Context, text string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.rung:
		}
		f.wakeAll()
		if _, err := f.pool.ExecContext(ctx, text); err != nil && ctx.Err() == nil {
			continue // the others poll as well
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wakeEvery):
		}
	}
}

// listen wakes the followers when another process committed events, and after each reconnection.
func (f *feed) listen(ctx context.Context) {
	f.stopped.Go(func() { // Listen answers only once there is a connection
		if err := f.listener.Listen(wakeChannel); err != nil && ctx.Err() == nil {
			f.wakeAll()
		}
	})
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.listener.Notify:
			f.wakeAll()
		}
	}
}

// next is closed at the next wake. Ask for it before reading, and nothing is missed between.
func (f *feed) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wake
}

func (f *feed) wakeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.wake)
	f.wake = make(chan struct{})
}

func (f *feed) close() error {
	f.stop()
	err := f.listener.Close()
	f.stopped.Wait()
	return errors.Join(err, f.pool.Close())
}

// Follow calls each for every event after seq, in order, until ctx ends; it is woken within 20 ms of a commit, polls
// as well, reconnects by itself, and never skips a row that commits late: it reads only below the oldest running
// transaction. It answers the error of each, or that of ctx.
func (d *DB) Follow(ctx context.Context, seq int64, each func(kaopass.Event) error) error {
	for {
		woken := d.feed.next()
		var rows []eventRow
		err := d.patiently(ctx, func() error {
			rows = rows[:0]
			return d.list(ctx, &rows, d.q.Event.After, seq, feedBatch)
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := each(row.event()); err != nil {
				return err
			}
			seq = row.Seq
		}
		if len(rows) == feedBatch {
			continue
		}
		if err := pause(ctx, pollEvery, woken); err != nil {
			return err
		}
	}
}

// FollowFromNow is Follow for whoever has nothing to catch up with.
func (d *DB) FollowFromNow(ctx context.Context, each func(kaopass.Event) error) error {
	var seq int64
	err := d.patiently(ctx, func() error { return d.get(ctx, &seq, d.q.Event.Newest) })
	if err != nil {
		return err
	}
	return d.Follow(ctx, seq, each)
}

// patiently reads again and again while the database is away, until ctx ends.
func (d *DB) patiently(ctx context.Context, read func() error) error {
	for {
		err := read()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, ErrUnavailable) {
			return err
		}
		if err := pause(ctx, retryAfter, nil); err != nil {
			return err
		}
	}
}

// pause waits for d, for a wake, or for the end of ctx, whose error it answers.
func pause(ctx context.Context, d time.Duration, woken <-chan struct{}) error {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-woken:
	case <-wait.C:
	}
	return nil
}
