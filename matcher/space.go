package matcher

import (
	"fmt"
	"slices"
	"sync"

	"github.com/kaopass/kaopass"
)

// Two embedders side by side. A venue that changes its embedder names both in its manifest; people enrolled with the one
// before are recognised by it until their next visit, which gives them a template of the one in force.
//
// A vector is of the space of the model that made it, and the cosine of two spaces' vectors means nothing. The vectors of
// the model in force are []float32 throughout this package; those of a former one are foreign, which is no slice: nothing
// that compares, fuses or searches takes it, and nothing here takes the others. What keeps the two apart is the compiler.
// Templates carry their space's name, and are made into either only by the doors [Probe.Against], [gallery.apply] and
// former.of, each of which reads that name.

// foreign is a unit vector of a former model's space.
type foreign struct{ numbers []float32 }

func (v foreign) near(o foreign) float64 { return cosine(v.numbers, o.numbers) }

func fuseForeign(all []foreign) foreign {
	numbers := make([][]float32, len(all))
	for i, v := range all {
		numbers[i] = v.numbers
	}
	return foreign{fuse(numbers)}
}

// former is an embedder that was in force before, for as long as somebody has a template of it.
type former struct {
	model   string
	network *network
	policy  Policy
	people  *gallery // of its own space; only the methods below search it

	mu     sync.Mutex
	moved  map[kaopass.EnrolmentID]struct{} // who has a template of the model in force by now: asked in the shadow only
	shadow Shadow
}

// Shadow counts how often both models came to the same conclusion about somebody whom both know. It names nobody and
// holds no score.
type Shadow struct{ Agreed, Disagreed int64 }

// renewFMR is the share of strangers that may be taken for the holder where a gate's frames replace a template: rarer than
// for letting them in, since what is replaced stays.
const renewFMR = 1e-6

// Beside takes a former embedder in beside the one in force: templates of it are compared and found from now on. The
// manifest has to name it. There is one at a time: call it once, before the gallery is loaded.
func (m *Matcher) Beside(model string) error {
	if f := m.beside.Load(); f != nil {
		return fmt.Errorf("matcher: %s is compared beside the model in force already; %s would be a third", f.model, model)
	}
	at := slices.IndexFunc(m.former, func(other Model) bool { return other.ID() == model })
	if at < 0 {
		return fmt.Errorf("matcher: the manifest names no embedder %q, and people are enrolled with it", model)
	}
	policy, err := policyFor(Config{}, model)
	if err != nil {
		return err
	}
	network, err := loadNetwork(m.models, m.former[at])
	if err != nil {
		return err
	}
	people := newGallery(model, int(network.model.Outputs[0].Shape[1]))
	m.beside.Store(&former{model: model, network: network, policy: policy, people: people, moved: map[kaopass.EnrolmentID]struct{}{}})
	return nil
}

// Former names the embedder beside the one in force; empty where there is none.
func (m *Matcher) Former() string {
	if f := m.beside.Load(); f != nil {
		return f.model
	}
	return ""
}

// Shadow answers what both models said of the same faces; zero where there is one model.
func (m *Matcher) Shadow() Shadow {
	f := m.beside.Load()
	if f == nil {
		return Shadow{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shadow
}

// of is the door for templates: the vector of one that this model made.
func (f *former) of(t kaopass.Template) (foreign, bool) {
	if f == nil || t.Model != f.model || len(t.Frames) == 0 {
		return foreign{}, false
	}
	return foreign{t.Fused()}, true
}

// apply follows the feed. Whoever gets a template of the model in force stays here for the shadow.
func (f *former) apply(change kaopass.TemplateChange) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.moved, change.Enrolment)
	if _, here := f.people.people.Vector(change.Enrolment); here && !change.Removed && change.Template.Model != f.model {
		f.moved[change.Enrolment] = struct{}{}
		return
	}
	f.people.apply(change)
}

// forget takes somebody out at once.
func (f *former) forget(id kaopass.EnrolmentID, seq int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.moved, id)
	f.people.forget(id, seq)
}

// left is how many people only this model knows.
func (f *former) left() int {
	if f == nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.people.people.Len() - len(f.moved)
}

// aside is what a probe carries for the former model; empty where there is none.
type aside struct {
	former *former
	vector foreign
}

// asideOf fuses what the good frames of an approach gave.
func asideOf(all []seen) (a aside) {
	var vectors []foreign
	for _, s := range all {
		if s.reason == "" && s.aside.former != nil {
			a.former, vectors = s.aside.former, append(vectors, s.aside.vector)
		}
	}
	if a.former != nil {
		a.vector = fuseForeign(vectors)
	}
	return a
}

// against is [Probe.Against] for a template of the former model.
func (a aside) against(t kaopass.Template, frames int) kaopass.Reason {
	kept, ok := a.former.of(t)
	switch {
	case !ok:
		return kaopass.NotEnrolled
	case a.vector.near(kept) < a.former.policy.gate(frames, len(t.Frames)):
		return kaopass.FaceMismatch
	}
	return ""
}

// Renew makes a template of the model in force out of a probe, for somebody whose template a former model made, if it
// knows the person with a wide margin and a frame is good enough to enrol.
func (p Probe) Renew(t kaopass.Template) (kaopass.Template, bool) {
	kept, ok := p.aside.former.of(t)
	if !ok || p.Reason != "" || p.aside.vector.near(kept) < p.aside.former.policy.Threshold(renewFMR, p.frames, len(t.Frames)) {
		return t, false
	}
	return renewed(p.model, p.fit)
}

// over gives a template of the model in force to a payer whom the code named, if the former model knows the face as well
// as a template that learns asks for.
func (s sample) over(t kaopass.Template, model string) (kaopass.Template, bool) {
	kept, ok := s.aside.former.of(t)
	if !ok || s.aside.vector.near(kept) < s.aside.former.policy.gate(1, len(t.Frames))+growMargin {
		return t, false
	}
	return renewed(model, s.frames)
}

// renewed makes a template of frames that are good enough to enrol.
func renewed(model string, fit []frame) (kaopass.Template, bool) {
	t := kaopass.Template{Model: model}
	for _, v := range choose(fit, kaopass.EnrolledFramesMax) {
		t.Frames = append(t.Frames, slices.Clone(v))
	}
	return t, len(t.Frames) > 0
}

// closeFormer frees the former model.
func (m *Matcher) closeFormer() error {
	if f := m.beside.Load(); f != nil {
		return f.network.close()
	}
	return nil
}

// embedFormer runs the former model on the face that embed was last fed with.
func (w *workspace) embedFormer() (a aside, err error) {
	if w.beside == nil {
		if w.beside, err = w.former.network.newCall(); err != nil {
			return a, err
		}
	}
	c := w.beside
	size := alignSide * alignSide
	w.convert(0, size, c.network.model.Input, c.in, c.in[size:], c.in[2*size:])
	if err := c.run(); err != nil {
		return a, err
	}
	a = aside{w.former, foreign{slices.Clone(c.out[0])}}
	normalise(a.vector.numbers)
	return a, nil
}
