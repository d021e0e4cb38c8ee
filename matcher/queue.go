package matcher

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// ErrBusy says that the queue is full or that the wait for a worker was too long: one moment, then try again.
var ErrBusy = errors.New("matcher: busy")

// queue hands out workspaces, the longest waiting first. There are as many as there are workers, so no more inferences
// than that can run, and whoever would wait too long is refused at once or at the deadline.
type queue struct {
	free    chan *workspace
	workers int
	waiting atomic.Int64
	refused atomic.Int64
}

// patience is how long and behind how many others a caller waits.
type patience struct {
	waitingMax int64
	wait       time.Duration
}

// take waits for a workspace; give it back with put.
func (q *queue) take(ctx context.Context, p patience) (*workspace, error) {
	if w := q.tryTake(); w != nil {
		return w, nil
	}
	defer q.waiting.Add(-1)
	if q.waiting.Add(1) > p.waitingMax {
		q.refused.Add(1)
		return nil, ErrBusy
	}
	deadline := time.NewTimer(p.wait)
	defer deadline.Stop()
	select {
	case w := <-q.free:
		return w, nil
	case <-deadline.C:
		q.refused.Add(1)
		return nil, ErrBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// tryTake answers a workspace if one is idle, and nil otherwise. It never overtakes: while somebody waits none is idle.
func (q *queue) tryTake() *workspace {
	select {
	case w := <-q.free:
		return w
	default:
		return nil
	}
}

func (q *queue) put(w *workspace) { q.free <- w }

// QueueStats is the state of the queue for the board.
type QueueStats struct {
	Waiting int   // callers waiting for a worker now
	Running int   // workers at work now
	Refused int64 // ErrBusy answered since the start
}

func (q *queue) stats() QueueStats {
	return QueueStats{Waiting: int(q.waiting.Load()), Running: q.workers - len(q.free), Refused: q.refused.Load()}
}
