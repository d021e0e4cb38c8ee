package matcher

import (
	"context"
	"errors"
	"image"
	"sync"
	"sync/atomic"

	"github.com/kaopass/kaopass"
)

// Probe is a face in front of a camera now. It cannot be printed, logged or marshalled.
type Probe struct {
	Reason kaopass.Reason // why the face cannot be used; empty where it can

	vector []float32
	frames int
	fit    []frame // those that are good enough to enrol
	aside  aside   // the same face, as a former model sees it
	model  string
	policy Policy
}

// String hides the numbers from every print.
func (p Probe) String() string { return "probe(hidden)" }

// GoString hides the numbers from %#v.
func (p Probe) GoString() string { return p.String() }

// MarshalJSON refuses: a probe goes nowhere as JSON.
func (p Probe) MarshalJSON() ([]byte, error) {
	return nil, errors.New("matcher: a probe is never written as JSON")
}

// Against compares 1:1 and answers why not: "" for the same person, kaopass.FaceMismatch for another, the probe's own
// reason, or kaopass.NotEnrolled for a template that this model did not make.
func (p Probe) Against(t kaopass.Template) kaopass.Reason {
	switch {
	case p.Reason != "":
		return p.Reason
	case t.Model != p.model || len(t.Frames) == 0:
		return p.aside.against(t, p.frames)
	case cosine(p.vector, t.Fused()) < p.policy.gate(p.frames, len(t.Frames)):
		return kaopass.FaceMismatch
	}
	return ""
}

// Read finds the one face in each of 1 to FramesMax images of one approach, checks its quality and whether it lives, and
// fuses those that are good. A refused face is in Probe.Reason; errors are ErrBusy, *ImageError and the context's.
func (m *Matcher) Read(ctx context.Context, use Use, images [][]byte) (Probe, error) {
	seen, err := m.seeAll(ctx, limitsOf(use), images, false)
	if err != nil {
		return Probe{}, err
	}
	p := Probe{model: m.model, policy: m.Policy()}
	good, reason := m.usable(use, seen)
	if reason != "" {
		p.Reason = reason
		return p, nil
	}
	p.vector, p.frames = fuse(vectorsOf(good)), len(good)
	for _, s := range seen {
		if s.reason == "" && s.fit {
			p.fit = append(p.fit, s.frame)
		}
	}
	p.aside = asideOf(seen)
	return p, nil
}

// Template makes a template of 1 to FramesMax photos of one person, all of enrolment grade. Photos know no challenge:
// whoever brings them vouches for the person. The reason says why not; errors are Read's.
func (m *Matcher) Template(ctx context.Context, images [][]byte) (kaopass.Template, kaopass.Reason, error) {
	seen, err := m.seeAll(ctx, limitsOf(UseEnrol), images, true)
	if err != nil {
		return kaopass.Template{}, "", err
	}
	for _, s := range seen {
		if s.reason != "" {
			return kaopass.Template{}, s.reason, nil
		}
	}
	good, reason := m.usable(UseEnrol, seen)
	if reason == kaopass.FaceMany { // each photo shows one face, and they are not one person's
		reason = kaopass.FaceChanged
	}
	if reason != "" {
		return kaopass.Template{}, reason, nil
	}
	return m.enrolled(good), "", nil
}

// seen is what one image gave.
type seen struct {
	reason kaopass.Reason
	live   float64
	frame
	fit   bool  // to enrol
	aside aside // of a former model, where there is one
	err   error
}

// usable answers the vectors that may be fused, or why there are none. Liveness is judged over all good frames: one
// doubtful frame among four is noise, a print is doubtful in each.
func (m *Matcher) usable(use Use, all []seen) ([]frame, kaopass.Reason) {
	var good []frame
	var reasons []kaopass.Reason
	var live float64
	for _, s := range all {
		if s.reason != "" {
			reasons = append(reasons, s.reason)
			continue
		}
		good = append(good, s.frame)
		live += s.live
	}
	switch {
	case len(good) == 0:
		return nil, furthest(reasons)
	case live/float64(len(good)) < m.policy.liveMin(use):
		return nil, kaopass.NotLive
	case !samePerson(vectorsOf(good), m.policy.SameMin):
		return nil, kaopass.FaceMany
	}
	return good, ""
}

// samePerson reports whether every vector is near to every other.
func samePerson(vectors [][]float32, near float64) bool {
	for i, a := range vectors {
		for _, b := range vectors[:i] {
			if cosine(a, b) < near {
				return false
			}
		}
	}
	return true
}

// seeAll looks at each image. It waits for one worker and takes further ones only while they are idle: alone on the
// machine an approach is as fast as its cores, in a crowd it takes one place like everybody.
func (m *Matcher) seeAll(ctx context.Context, l limits, images [][]byte, mirrored bool) ([]seen, error) {
	if len(images) == 0 || len(images) > FramesMax {
		return nil, errNoImage
	}
	for _, b := range images {
		if err := CheckImage(b); err != nil {
			return nil, err
		}
	}
	first, err := m.queue.take(ctx, m.probes)
	if err != nil {
		return nil, err
	}
	out := make([]seen, len(images))
	var next atomic.Int64
	beside := m.beside.Load()
	work := func(w *workspace) {
		defer m.queue.put(w)
		w.former = beside
		for i := int(next.Add(1)) - 1; i < len(images) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
			out[i] = w.see(images[i], l, mirrored)
		}
	}
	var others sync.WaitGroup
	for range len(images) - 1 {
		if w := m.queue.tryTake(); w != nil {
			others.Go(func() { work(w) })
		}
	}
	work(first)
	others.Wait()
	for _, s := range out {
		err = errors.Join(err, s.err)
	}
	return out, errors.Join(ctx.Err(), err)
}

// see takes one image all the way: a face that is refused early costs no more than it has to.
func (w *workspace) see(b []byte, l limits, mirrored bool) (s seen) {
	img, err := decodeChecked(b)
	if err != nil {
		return seen{err: err}
	}
	w.laps.mark("decode")
	return w.seePicture(toYCbCr(img), l, mirrored)
}

func (w *workspace) seePicture(pic *image.YCbCr, l limits, mirrored bool) (s seen) {
	v, err := w.look(pic)
	if err != nil {
		return seen{err: err}
	}
	if s.reason = v.judge(l); s.reason != "" {
		return s
	}
	if s.vector, s.err = w.embed(mirrored); s.err != nil { // before liveness, which draws over the aligned face
		return s
	}
	w.laps.mark("embed")
	if s.score = w.score(); s.score < l.unified {
		s.reason = kaopass.FaceUnclear
		return s
	}
	if w.former != nil && !mirrored { // what is enrolled now is of the model in force alone
		if s.aside, s.err = w.embedFormer(); s.err != nil {
			return s
		}
	}
	enrol := limitsOf(UseEnrol)
	s.fit = s.score >= enrol.unified && v.judge(enrol) == ""
	s.live, s.err = w.live(v.picture, v.box)
	s.fit = s.fit && s.live >= captureLiveMin
	w.laps.mark("liveness")
	return s
}
