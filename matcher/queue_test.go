package matcher

import (
	"context"
	"errors"
	"image"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// emptyQueue has workers that nobody gives work to.
func emptyQueue(workers int) *queue {
	q := &queue{free: make(chan *workspace, workers), workers: workers}
	for range workers {
		q.put(&workspace{})
	}
	return q
}

func TestTheQueueRefusesAtOnceWhenFull(t *testing.T) {
	q := emptyQueue(1)
	held := q.tryTake()
	full := patience{waitingMax: 0, wait: time.Hour}
	if _, err := q.take(t.Context(), full); !errors.Is(err, ErrBusy) {
		t.Errorf("behind nobody's back: %v", err)
	}
	if got := q.stats(); got.Refused != 1 || got.Running != 1 || got.Waiting != 0 {
		t.Errorf("stats %+v", got)
	}
	q.put(held)
	if w, err := q.take(t.Context(), full); err != nil || w == nil {
		t.Errorf("an idle worker was refused: %v", err)
	}
}

func TestTheQueueGivesUpAtItsDeadline(t *testing.T) {
	q := emptyQueue(1)
	held := q.tryTake()
	begun := time.Now()
	_, err := q.take(t.Context(), patience{waitingMax: 5, wait: 20 * time.Millisecond})
	if took := time.Since(begun); !errors.Is(err, ErrBusy) || took < 20*time.Millisecond {
		t.Errorf("%v after %v", err, took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.take(ctx, patience{waitingMax: 5, wait: time.Hour}); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller who left: %v", err)
	}
	q.put(held)
	if got := q.stats(); got.Waiting != 0 || got.Running != 0 {
		t.Errorf("stats %+v", got)
	}
}

func TestNeverMoreAtOnceThanWorkers(t *testing.T) {
	q := emptyQueue(3)
	var running, most atomic.Int64
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			w, err := q.take(t.Context(), patience{waitingMax: 100, wait: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			time.Sleep(time.Millisecond)
			running.Add(-1)
			q.put(w)
		})
	}
	all.Wait()
	if most.Load() != 3 {
		t.Errorf("%d at once, want 3", most.Load())
	}
}

// Fifty people enrol at once on two cores, each as fast as a phone sends, and a gate asks in between: captures are told
// to wait a moment, nobody waits longer than the queue's patience, and the gate is served.
func TestFiftyCapturesAtOnce(t *testing.T) {
	cfg := testConfig(t)
	cfg.Workers, cfg.Wait = 2, 10*time.Second
	m, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	pictures := clip(t, franck)[:8]
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Second)
	defer stop()
	var looked, busy, slowest atomic.Int64
	var all sync.WaitGroup
	for i := range 50 {
		c := m.NewCapture(0)
		all.Go(func() { sendFrames(ctx, t, c, pictures, i, &looked, &busy, &slowest) })
	}
	still := stills(t, franck, 3)
	for ctx.Err() == nil {
		if probe, err := m.Read(t.Context(), UseGate, still); err != nil || probe.Reason != "" {
			t.Errorf("a gate in between: %q, %v", probe.Reason, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	all.Wait()
	t.Logf("%d frames looked at, %d told to wait, the slowest answer after %d ms", looked.Load(), busy.Load(), slowest.Load())
	if looked.Load() == 0 || busy.Load() == 0 {
		t.Error("either nobody was served or nobody had to wait")
	}
	if got := m.Queue(); got.Waiting != 0 || got.Running != 0 || got.Refused < busy.Load() {
		t.Errorf("afterwards: %+v", got)
	}
}

func sendFrames(ctx context.Context, t *testing.T, c *Capture, pictures []*image.YCbCr, i int, looked, busy, slowest *atomic.Int64) {
	for ; ctx.Err() == nil; i++ {
		begun := time.Now()
		_, err := c.Add(ctx, pictures[i%len(pictures)])
		took := time.Since(begun).Milliseconds()
		for old := slowest.Load(); took > old && !slowest.CompareAndSwap(old, took); old = slowest.Load() {
		}
		switch {
		case err == nil:
			looked.Add(1)
		case errors.Is(err, ErrBusy):
			busy.Add(1)
		case ctx.Err() == nil:
			t.Error(err)
		}
		time.Sleep(150 * time.Millisecond)
	}
}

func TestAfterCloseEverybodyIsBusy(t *testing.T) {
	cfg := testConfig(t)
	cfg.Workers, cfg.Wait = 1, 10*time.Millisecond
	m, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := m.Read(t.Context(), UseGate, stills(t, franck, 0)); !errors.Is(err, ErrBusy) {
		t.Errorf("after Close: %v", err)
	}
}
