package matcher

import (
	"context"
	"image"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
)

// What a capture collects.
const (
	frontsMin     = 3                      // good frontal frames before the head is to be turned
	frontInterval = 300 * time.Millisecond // between two of them
	frontSame     = 0.985                  // cosine above which a frame adds nothing to the last, unless frontPatience passed
	frontPatience = 500 * time.Millisecond //
	restartsMax   = 3                      // somebody else stepped in; once more, and the capture ends
	strangersMax  = 2                      // frames of somebody else in a row until that is believed
)

// PAD while capturing (ISO/IEC 30107-3): frames are judged alone and together.
const (
	captureLiveMin = 0.5 // a frame under it is not kept
	liveDoubt      = 0.9 // their mean under it asks for another turn
	notLiveMax     = 25  // such frames, when they are the majority, end the capture
)

// step is where a capture stands; its number is what Progress.Step shows.
type step int

const (
	stepFront step = iota + 1
	stepTurn
	stepFinish
	stepDone
)

// Capture is one person's guided enrolment: several good frontal frames, turns of the head to sides and at moments
// that nobody can foresee, and back to the front, the same person throughout. It keeps vectors, and while it lasts a few
// grey thumbs of the face and how it moved; it forgets those when it ends, and the vectors too unless it ends well.
type Capture struct {
	lock    sync.Mutex
	matcher *Matcher
	now     func() time.Time
	started time.Time // of the first frame

	step      step
	asks      int // right turns that are asked for, where nothing else speaks for more
	turns     turns
	kept      []frame // that the template will be chosen from
	fronts    []front
	strangers int // frames of somebody else in a row
	restarts  int
	live      liveCount
	motion    motion
	trail     trail

	hints    steady
	progress kaopass.Progress
}

// front is what a good frontal frame leaves.
type front struct {
	at     time.Time
	yaw    float64
	vector []float32
	thumb  thumb
}

// liveCount is the liveness of all frontal frames that were good enough to ask.
type liveCount struct {
	sum       float64
	good, bad int
}

func (l liveCount) passed() bool {
	return l.good > l.bad && l.sum/float64(l.good+l.bad) >= captureLiveMin
}

// doubtful reports frames that passed, but not as living people's do.
func (l liveCount) doubtful() bool {
	return l.bad > 0 || l.sum < liveDoubt*float64(l.good+l.bad)
}

// NewCapture starts a guided capture; it lasts at most kaopass.CaptureMax from its first frame on. Each capture of the
// same person that lately ended as a replay would end (kaopass.Reason.Suspect) makes the challenge a turn longer.
func (m *Matcher) NewCapture(missed int) *Capture {
	c := &Capture{matcher: m, now: time.Now, asks: turnsUsual + max(missed, 0)}
	c.begin()
	return c
}

// begin forgets everything about the person.
func (c *Capture) begin() {
	c.step, c.turns = stepFront, newTurns(c.asks)
	c.kept, c.fronts = nil, nil
	c.live, c.motion, c.trail, c.strangers = liveCount{}, motion{}, trail{}, 0
}

// Add looks at one frame and answers the one hint to show next. ErrBusy means that the frame was not looked at: show
// kaopass.HintWait, which is in the answer, and go on. After Done or Ended the answer stays the same.
func (c *Capture) Add(ctx context.Context, img image.Image) (kaopass.Progress, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.progress.Done || c.progress.Ended != "" {
		return c.progress, nil
	}
	if c.started.IsZero() {
		c.started = c.now()
	}
	if c.now().Sub(c.started) >= kaopass.CaptureMax {
		return c.end(kaopass.CaptureExpired), nil
	}
	w, err := c.matcher.queue.take(ctx, c.matcher.frames)
	if err != nil {
		wait := c.report(c.progress.Hint)
		wait.Hint = kaopass.HintWait
		return wait, err
	}
	defer c.matcher.queue.put(w)
	v, err := w.look(toYCbCr(img))
	if err != nil {
		return kaopass.Progress{}, err
	}
	return c.advance(w, &v)
}

// advance lets the step that the capture is in judge a frame.
func (c *Capture) advance(w *workspace, v *view) (kaopass.Progress, error) {
	if hint := v.someone(); hint != "" {
		return c.say(hint), nil
	}
	if c.trail.add(c.now(), v.movement(), c.base()) {
		return c.end(kaopass.NotLive), nil
	}
	switch c.step {
	case stepTurn:
		return c.turning(w, v)
	default:
		return c.facing(w, v)
	}
}

// facing collects a frontal frame: one of the first few, or the last of all.
func (c *Capture) facing(w *workspace, v *view) (kaopass.Progress, error) {
	if hint := v.mend(); hint != "" {
		if c.step == stepFinish && hint == kaopass.HintFront {
			hint = kaopass.HintBack
		}
		return c.say(hint), nil
	}
	at := c.now()
	if n := len(c.fronts); n > 0 && at.Sub(c.fronts[n-1].at) < frontInterval {
		return c.say(kaopass.HintHold), nil
	}
	vector, err := w.embed(true)
	if err != nil {
		return kaopass.Progress{}, err
	}
	score := w.score()
	if !c.same(vector, v.pose.yaw) {
		return c.stranger(), nil
	}
	shown := w.thumb() // before liveness draws over it
	if c.motion.add(shown); c.motion.still() {
		return c.end(kaopass.NotLive), nil
	}
	if l := limitsOfCapture(); score < l.unified {
		return c.say(v.weakest(l).remedy().hint), nil
	}
	if n := len(c.fronts); n > 0 && at.Sub(c.fronts[n-1].at) < frontPatience && cosine(vector, c.fronts[n-1].vector) > frontSame {
		return c.say(kaopass.HintHold), nil
	}
	live, err := w.live(v.picture, v.box)
	if err != nil {
		return kaopass.Progress{}, err
	}
	if !c.count(live) {
		if c.live.bad >= notLiveMax && c.live.bad > c.live.good {
			return c.end(kaopass.NotLive), nil
		}
		return c.say(kaopass.HintReal), nil
	}
	c.fronts = append(c.fronts, front{at, v.pose.yaw, vector, shown})
	c.keep(vector, score)
	return c.faced(), nil
}

// faced goes on where a frontal frame was the last one needed.
func (c *Capture) faced() kaopass.Progress {
	switch {
	case c.step == stepFinish && c.live.passed() && c.motion.enough():
		c.step = stepDone
		return c.finish()
	case c.step == stepFinish:
		return c.say(kaopass.HintReal)
	case len(c.fronts) >= frontsMin && c.live.passed():
		c.beginTurns()
	}
	return c.advanceTo(kaopass.HintHold)
}

// count takes a frame's liveness into account and reports whether the frame may be kept.
func (c *Capture) count(live float64) bool {
	c.live.sum += live
	if live < captureLiveMin {
		c.live.bad++
		return false
	}
	c.live.good++
	return true
}

// keep remembers a frame that the template may be chosen from.
func (c *Capture) keep(vector []float32, score float64) {
	if len(c.kept) < poolMax {
		c.kept = append(c.kept, frame{vector, score})
	}
}

// same reports whether a vector is the person's whom this capture began with. A head turned far is less like itself.
func (c *Capture) same(vector []float32, yaw float64) bool {
	if len(c.fronts) == 0 {
		return true
	}
	near := c.matcher.policy.SameMin
	if abs(yaw) > farYaw {
		near = farSame
	}
	var all [][]float32
	for _, f := range c.fronts {
		all = append(all, f.vector)
	}
	if cosine(vector, fuse(all)) < near {
		return false
	}
	c.strangers = 0
	return true
}

// stranger begins again once it is sure that somebody else stepped in.
func (c *Capture) stranger() kaopass.Progress {
	if c.strangers++; c.strangers < strangersMax {
		return c.report(c.progress.Hint)
	}
	if c.restarts++; c.restarts > restartsMax {
		return c.end(kaopass.FaceChanged)
	}
	c.begin()
	return c.advanceTo(kaopass.HintSamePerson)
}

// finish ends well.
func (c *Capture) finish() kaopass.Progress {
	c.fronts, c.motion, c.trail = nil, motion{}, trail{}
	c.progress = kaopass.Progress{Hint: kaopass.HintDone, Step: c.steps(), Steps: c.steps(), Share: 1, Done: true}
	return c.progress
}

// end gives up, and forgets.
func (c *Capture) end(reason kaopass.Reason) kaopass.Progress {
	p := c.report(c.progress.Hint)
	c.begin()
	p.Ended = reason
	c.progress = p
	return p
}

// Template answers the template once Progress.Done was said.
func (c *Capture) Template() (kaopass.Template, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if !c.progress.Done {
		return kaopass.Template{}, false
	}
	return c.matcher.enrolled(c.kept), true
}
