package matcher

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ModelsPerSecond runs the models of one probe on every worker for a while, with nothing around them: how many faces a
// second this machine could read at best. Nobody else is read meanwhile.
func (m *Matcher) ModelsPerSecond(ctx context.Context, during time.Duration) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, during)
	defer cancel()
	var (
		done  atomic.Int64
		group sync.WaitGroup
		errs  = make(chan error, m.queue.workers)
		begun = time.Now()
	)
	for range m.queue.workers {
		group.Go(func() { errs <- m.modelsUntil(ctx, &done) })
	}
	group.Wait()
	close(errs)
	var err error
	for e := range errs {
		err = errors.Join(err, e)
	}
	return float64(done.Load()) / time.Since(begun).Seconds(), err
}

func (m *Matcher) modelsUntil(ctx context.Context, done *atomic.Int64) error {
	w, err := m.queue.take(ctx, m.probes)
	if err != nil {
		return err
	}
	defer m.queue.put(w)
	for ctx.Err() == nil {
		for _, c := range []*call{w.calls.detect, w.calls.landmark, w.calls.embed, w.calls.liveness} {
			if err := c.run(); err != nil {
				return err
			}
		}
		done.Add(1)
	}
	return nil
}
