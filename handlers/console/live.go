package console

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// Live reads the board when something happened, once for everybody who watches.
type Live struct {
	db      *db.DB
	stopped chan struct{} // closed when the program stops: every stream ends

	mu       sync.Mutex
	board    db.Board
	watchers map[chan struct{}]struct{}
}

// The pace of the board.
const (
	boardEvery  = time.Second      // at most, when there is much to show
	boardAnyway = 10 * time.Second // at least: the last minute moves on when nothing happens
	boardWithin = 5 * time.Second
	watchersMax = 200
)

// NewLive makes a board that nobody watches yet.
func NewLive(store *db.DB) *Live {
	return &Live{db: store, stopped: make(chan struct{}), watchers: map[chan struct{}]struct{}{}}
}

// Run follows the feed until ctx ends, and then ends every stream. It is called once.
func (l *Live) Run(ctx context.Context) error {
	defer close(l.stopped)
	seq, err := l.db.LastSeq(ctx)
	if err != nil {
		return err
	}
	happened := make(chan struct{}, 1)
	go l.refresh(ctx, happened)
	return l.db.Follow(ctx, seq, func(kaopass.Event) error {
		poke(happened)
		return nil
	})
}

// refresh reads the board after something happened, and now and then anyway; with nobody watching it reads nothing.
func (l *Live) refresh(ctx context.Context, happened <-chan struct{}) {
	anyway := time.NewTicker(boardAnyway)
	defer anyway.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-happened:
		case <-anyway.C:
		}
		if l.watched() {
			l.read(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(boardEvery):
		}
	}
}

func (l *Live) read(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, boardWithin)
	defer cancel()
	b, err := l.db.Board(ctx)
	if err != nil {
		slog.WarnContext(ctx, "reading the board", "error", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.board = b
	for w := range l.watchers {
		poke(w)
	}
}

// poke wakes a reader that is not awake yet.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (l *Live) watched() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.watchers) > 0
}

// Board is the newest board that was read.
func (l *Live) Board() db.Board {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.board
}

// watch answers a channel that is poked when the board changed; false where too many watch already.
func (l *Live) watch() (chan struct{}, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.watchers) >= watchersMax {
		return nil, false
	}
	c := make(chan struct{}, 1)
	l.watchers[c] = struct{}{}
	return c, true
}

func (l *Live) leave(c chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.watchers, c)
}
