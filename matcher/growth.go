package matcher

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// When a face that was shown at a till may join its payer's template (DESIGN.md, "Growth").
const (
	// growMargin is by how much nearer to the enrolled frames a face has to be than a gate asks of one frame.
	growMargin = 0.10
	// growSame is the cosine to a frame that is kept already from which on there is nothing new to learn.
	growSame = 0.90
)

// What is remembered of payments that wait for a code.
const (
	samplesMax = 4096                  // payments; beyond, nothing is remembered
	sampleMax  = kaopass.PaymentWithin // no payment waits longer
)

// samples are the faces of payments that wait for their code, in memory and nowhere else. What is dropped is overwritten.
type samples struct {
	mu sync.Mutex
	of map[kaopass.PaymentID]sample
}

type sample struct {
	frames []frame
	aside  aside
	policy Policy // that was in force
	timer  *time.Timer
}

// keep remembers the frames of a payment, instead of those that were remembered before.
func (s *samples) keep(id kaopass.PaymentID, frames []frame, aside aside, policy Policy) {
	s.drop(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(frames) == 0 || len(s.of) >= samplesMax {
		return
	}
	if s.of == nil {
		s.of = map[kaopass.PaymentID]sample{}
	}
	s.of[id] = sample{frames, aside, policy, time.AfterFunc(sampleMax, func() { s.drop(id) })}
}

// take hands out what is remembered of a payment, and forgets it.
func (s *samples) take(id kaopass.PaymentID) (sample, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.of[id]
	if ok {
		found.timer.Stop()
		delete(s.of, id)
	}
	return found, ok
}

func (s *samples) drop(id kaopass.PaymentID) {
	if found, ok := s.take(id); ok {
		found.wipe()
	}
}

func (s sample) wipe() {
	for _, f := range s.frames {
		clear(f.vector)
	}
	clear(s.aside.vector.numbers)
}

// IdentifyPayer is Identify for a payment. Where the face comes on a short list, its frames that are good enough to
// enrol are remembered until [Matcher.Learn] or [Matcher.ForgetPayment] is called for the payment, or its time is over.
func (m *Matcher) IdentifyPayer(ctx context.Context, id kaopass.PaymentID, images [][]byte) (kaopass.Identification, error) {
	probe, err := m.readAtTill(ctx, images)
	if err != nil {
		return kaopass.Identification{}, err
	}
	found := m.name(probe)
	m.samples.drop(id)
	if found.Identity != kaopass.Nobody {
		m.samples.keep(id, probe.fit, probe.aside, probe.policy)
	}
	return found, nil
}

// ForgetPayment drops what is remembered of a payment: it ended, or the face alone decided, or a code was wrong.
func (m *Matcher) ForgetPayment(id kaopass.PaymentID) { m.samples.drop(id) }

// Learn hands what is remembered of a payment, if anything, to keep, in the form in which a template learns from it, and
// forgets it. The payer of the payment has to be certain: by the code, not by the face.
func (m *Matcher) Learn(id kaopass.PaymentID, keep func(learn func(t kaopass.Template, enrolled int) (kaopass.Template, bool)) error) error {
	found, ok := m.samples.take(id)
	if !ok {
		return nil
	}
	defer found.wipe()
	return keep(func(t kaopass.Template, enrolled int) (kaopass.Template, bool) {
		if t.Model != m.model {
			return found.over(t, m.model)
		}
		return found.into(t, enrolled)
	})
}

// into gives the template with one more frame, or says that there is nothing to learn. What is compared is what was
// enrolled, never what was learned: however often a template learns, it stays as near to the enrolled face. Of the
// frames that are near enough and new, the one that adds most joins; where the template is full, it replaces the
// learned one that says least beside the others.
func (s sample) into(t kaopass.Template, enrolled int) (kaopass.Template, bool) {
	if enrolled < 1 || enrolled > len(t.Frames) {
		return t, false
	}
	anchor := fuse(t.Frames[:enrolled])
	near := s.policy.gate(1, enrolled) + growMargin
	fresh := slices.DeleteFunc(slices.Clone(s.frames), func(f frame) bool {
		return cosine(f.vector, anchor) < near || nearestTo(f.vector, t.Frames) > growSame
	})
	if len(fresh) == 0 {
		return t, false
	}
	best := slices.MaxFunc(fresh, func(a, b frame) int {
		return cmpDesc(b.score/100+farFrom(b.vector, t.Frames), a.score/100+farFrom(a.vector, t.Frames))
	})
	grown := kaopass.Template{Model: t.Model, Frames: slices.Clone(t.Frames)}
	vector := slices.Clone(best.vector)
	if len(grown.Frames) < kaopass.TemplateFramesMax {
		grown.Frames = append(grown.Frames, vector)
		return grown, true
	}
	least := leastUseful(grown.Frames, enrolled)
	if least < 0 {
		return t, false
	}
	grown.Frames = append(slices.Delete(grown.Frames, least, least+1), vector)
	return grown, true
}

// leastUseful is the learned frame that is nearest to another one; −1 where all are enrolled.
func leastUseful(frames [][]float32, enrolled int) int {
	least, nearest := -1, -2.0
	for i := enrolled; i < len(frames); i++ {
		others := slices.Delete(slices.Clone(frames), i, i+1)
		if near := nearestTo(frames[i], others); near > nearest {
			least, nearest = i, near
		}
	}
	return least
}
