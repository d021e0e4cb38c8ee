package matcher

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
)

// Everyone in the gallery has a number of their own: the mean similarity to the neighboursMax nearest other people (m_g
// of DESIGN, section 7). It is found by an exact search.
//
// How old it may be: a newcomer has none for as long as one batch takes, and the index says NaN. Who came or went since
// is not in the numbers of their neighbours before the next night; in a gallery of up to smallGallery people everyone's
// is made anew at each change. After a load from the database all are missing, and are found at a quarter of one core:
// about three hours for 1.2 million people, in which the policy does without.
const (
	meanBatch    = index.BatchMax // searches that share one pass over the gallery
	meanRest     = 3              // times as long as a batch took, it rests: tills come first
	wantedMax    = 4096           // newcomers in the queue; one more, and whoever has no number is looked for
	smallGallery = 1000
)

// means is what the gallery owes its people.
type means struct {
	wake                    chan struct{} // room for one
	rest, queue, smallUntil int           // meanRest, wantedMax and smallGallery, but in tests

	mu     sync.Mutex
	wanted []kaopass.EnrolmentID // newcomers, in their order
	sweep  bool                  // there are people without a number who are not in the queue
	moved  bool                  // somebody came or went
}

func newMeans() means {
	return means{wake: make(chan struct{}, 1), rest: meanRest, queue: wantedMax, smallUntil: smallGallery}
}

// want queues a newcomer.
func (w *means) want(id kaopass.EnrolmentID) {
	w.note(func() {
		w.moved = true
		if w.sweep = w.sweep || len(w.wanted) == w.queue; !w.sweep {
			w.wanted = append(w.wanted, id)
		}
	})
}

func (w *means) gone() { w.note(func() { w.moved = true }) }

// all says that nobody knows who has a number.
func (w *means) all() { w.note(func() { w.sweep = true }) }

func (w *means) note(change func()) {
	w.mu.Lock()
	change()
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// some takes the next newcomers from the queue; where it is empty, sweep and moved say what else there is to do.
func (w *means) some() (ids []kaopass.EnrolmentID, sweep, moved bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := min(len(w.wanted), meanBatch); n > 0 {
		ids = slices.Clone(w.wanted[:n])
		w.wanted = slices.Delete(w.wanted, 0, n)
		return ids, false, false
	}
	sweep, moved, w.sweep, w.moved = w.sweep, w.moved, false, false
	return nil, sweep, moved
}

// TendGallery keeps everyone's mean until ctx ends: newcomers' first, then those that are missing, and at each tick of
// night everyone's. It takes a quarter of one core at most. A former model's gallery only shrinks: its people's means are
// found once.
func (m *Matcher) TendGallery(ctx context.Context, night <-chan time.Time) {
	if f := m.beside.Load(); f != nil {
		var beside sync.WaitGroup
		beside.Go(func() { tend(ctx, f.people, nil) })
		defer beside.Wait()
	}
	tend(ctx, m.gallery, night)
}

func tend(ctx context.Context, g *gallery, night <-chan time.Time) {
	t := tender{gallery: g, ctx: ctx}
	for {
		select {
		case <-ctx.Done():
			return
		case <-night:
			t.pass(true)
		case <-g.means.wake:
			t.catchUp()
		}
	}
}

// tender is one process's work on the means.
type tender struct {
	*gallery
	ctx context.Context //nolint:containedctx // a tender is one call of TendGallery

	ids     []kaopass.EnrolmentID
	vectors [][]float32
}

// catchUp does what is owed now.
func (t *tender) catchUp() {
	for t.ctx.Err() == nil {
		ids, sweep, moved := t.means.some()
		small := moved && t.people.Len() <= t.means.smallUntil
		switch {
		case len(ids) > 0:
			t.newcomers(ids)
		case sweep || small:
			t.pass(small)
		default:
			return
		}
	}
}

func (t *tender) newcomers(ids []kaopass.EnrolmentID) {
	for _, id := range ids {
		if vector, there := t.people.Vector(id); there {
			t.add(id, vector)
		}
	}
	t.flush()
}

// pass goes through the gallery once: those without a number, or everyone. Newcomers do not wait for its end.
func (t *tender) pass(everyone bool) {
	t.people.Each(func(id kaopass.EnrolmentID, vector []float32, mean float32) bool {
		if everyone || math.IsNaN(float64(mean)) {
			t.add(id, slices.Clone(vector))
		}
		if len(t.ids) == meanBatch {
			t.flush()
			t.between()
		}
		return t.ctx.Err() == nil
	})
	t.flush()
}

// between serves the newcomers of a pass, a batch at most.
func (t *tender) between() {
	t.means.mu.Lock()
	waiting := len(t.means.wanted)
	t.means.mu.Unlock()
	if waiting > 0 {
		ids, _, _ := t.means.some()
		t.newcomers(ids)
	}
}

func (t *tender) add(id kaopass.EnrolmentID, vector []float32) {
	t.ids, t.vectors = append(t.ids, id), append(t.vectors, vector)
}

// flush searches for those who were added, in one pass over the gallery, and rests.
func (t *tender) flush() {
	if len(t.ids) == 0 || t.ctx.Err() != nil {
		t.ids, t.vectors = t.ids[:0], t.vectors[:0]
		return
	}
	begun := time.Now()
	for i, hits := range t.people.ExactAll(t.vectors, hitsMax, -1) {
		if mean, some := meanOfOthers(t.ids[i], hits); some {
			t.people.SetMean(t.ids[i], mean)
		}
		clear(t.vectors[i])
	}
	t.ids, t.vectors = t.ids[:0], t.vectors[:0]
	t.changes.Add(1)
	rest := time.NewTimer(time.Duration(t.means.rest) * time.Since(begun))
	defer rest.Stop()
	select {
	case <-t.ctx.Done():
	case <-rest.C:
	}
}

// meanOfOthers is the mean score of the neighboursMax nearest who are not the person; some is false where there are none.
func meanOfOthers(own kaopass.EnrolmentID, hits []index.Hit) (mean float32, some bool) {
	var sum float32
	n := 0
	for _, h := range hits {
		if h.ID != own && n < neighboursMax {
			sum += h.Score
			n++
		}
	}
	return sum / float32(max(n, 1)), n > 0
}
