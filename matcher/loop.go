package matcher

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// A film that is played again and again shows the same movements again: what the eyes, the mouth and the head did some
// seconds ago they do once more, in step. Nobody living does. So a capture remembers, while it lasts, how a face moved
// (six small numbers a frame, which tell nobody's face), and looks for a lag at which the last seconds are what was
// before, much more than they are a little earlier or later than that lag. Frames of turned heads are left out: two
// turns are alike, since they were asked for. What it tells, and what not, is measured in DESIGN.md.
const (
	loopSpan    = 30 * time.Second      // that is remembered; a longer film is not told
	loopStep    = 50 * time.Millisecond // between two lags
	loopLagMin  = 1400 * time.Millisecond
	loopAside   = 1200 * time.Millisecond // how far from a lag others are looked at, …
	loopNear    = 400 * time.Millisecond  // … and from where on
	loopGap     = 400 * time.Millisecond  // between two frames that a moment between them can be told from
	loopFrames  = 28                      // that have to recur, six seconds or more, …
	loopKnown   = 20                      // … of which so many can be compared
	loopMax     = 0.38                    // what is left over at the lag, as a share of what is left over beside it
	loopLeftMax = 1.2                     // of what is left over at the lag, in units of the noise
	loopMoved   = 0.6                     // of what is left over beside it, in units of the noise: who hardly moves repeats nothing
	loopTurn    = 350 * time.Millisecond  // before and after a turned head
	loopFront   = 0.08                    // of yaw, from the person's front
	moveNoise   = 0.02                    // of each number, about the 90 % quantile of what a camera makes of one frame twice
	moveErrMax  = 25.0                    // of a squared difference, in units of the noise
	moveNumbers = 6
	loopLags    = int((loopSpan - loopLagMin + loopAside) / loopStep)
)

// movement is how a face is at a moment: yaw, pitch, eyes, lips, width of the mouth, height of the brows; lengths in
// units of the distance between the outer corners of the eyes.
type movement [moveNumbers]float64

// movement measures a frame.
func (v *view) movement() movement {
	m := &v.marks
	wide := math.Max(distance(m[36], m[45]), 1)
	return movement{v.pose.yaw, v.pose.pitch, m.eyeOpening(), distance(m[62], m[66]) / wide, distance(m[48], m[54]) / wide,
		(distance(m[19], m[37]) + distance(m[24], m[44])) / 2 / wide}
}

// moment is a frame of a trail.
type moment struct {
	at     time.Time
	move   movement
	turned bool
	front  bool
	unlike []float32 // by lag: the mean squared difference from then, −1 where it cannot be told; nil unless it is a front
}

// trail is how a face moved in the last seconds.
type trail struct{ moments []moment }

// lagAt is the lag of a number.
func lagAt(l int) time.Duration { return loopLagMin - loopAside + time.Duration(l)*loopStep }

// add takes a frame, and reports whether what was seen lately was seen before.
func (t *trail) add(at time.Time, move movement, base float64) (again bool) {
	for len(t.moments) > 0 && at.Sub(t.moments[0].at) > loopSpan {
		t.moments = t.moments[1:]
	}
	m := moment{at: at, move: move, turned: abs(move[0]-base) > loopFront}
	m.front = !m.turned && !t.turnedLately(at)
	switch {
	case m.front:
		m.unlike = t.compare(at, move)
	case m.turned:
		t.turns(at)
	}
	t.moments = append(t.moments, m)
	return m.front && t.recurs()
}

// turnedLately reports whether the head comes from a turn.
func (t *trail) turnedLately(at time.Time) bool {
	for i := len(t.moments) - 1; i >= 0 && at.Sub(t.moments[i].at) <= loopTurn; i-- {
		if t.moments[i].turned {
			return true
		}
	}
	return false
}

// turns leaves out what led to a turn.
func (t *trail) turns(at time.Time) {
	for i := len(t.moments) - 1; i >= 0 && at.Sub(t.moments[i].at) <= loopTurn; i-- {
		t.moments[i].front, t.moments[i].unlike = false, nil
	}
}

// compare lays a movement beside what it was at each lag.
func (t *trail) compare(at time.Time, move movement) []float32 {
	out := make([]float32, loopLags)
	j := len(t.moments) - 1
	for l := range out {
		then := at.Add(-lagAt(l))
		for j >= 0 && t.moments[j].at.After(then) {
			j--
		}
		out[l] = -1
		if j < 0 || j+1 >= len(t.moments) {
			continue
		}
		if was, ok := amid(t.moments[j], t.moments[j+1], then); ok {
			out[l] = float32(was.unlike(move))
		}
	}
	return out
}

// amid is the movement at a moment between two frames.
func amid(a, b moment, then time.Time) (m movement, ok bool) {
	gap := b.at.Sub(a.at)
	if gap <= 0 || gap > loopGap || !a.front || !b.front {
		return m, false
	}
	w := float64(then.Sub(a.at)) / float64(gap)
	for k := range m {
		m[k] = a.move[k]*(1-w) + b.move[k]*w
	}
	return m, true
}

// unlike is the mean squared difference of two movements, in units of the noise.
func (m movement) unlike(o movement) (sum float64) {
	for k := range m {
		d := (m[k] - o[k]) / moveNoise
		sum += d * d / moveNumbers
	}
	return math.Min(sum, moveErrMax)
}

// recurs looks for a lag at which the last frames are much more what was before than beside it.
func (t *trail) recurs() bool {
	last := t.last()
	if len(last) < loopFrames {
		return false
	}
	for l := int(loopAside / loopStep); l < loopLags; l++ {
		if left, beside, ok := last.around(l); ok && beside >= loopMoved && left <= loopMax*beside {
			return true
		}
	}
	return false
}

// lately is, by frame and lag, what the last frames of a front are unlike.
type lately [][]float32

func (t *trail) last() (w lately) {
	for i := len(t.moments) - 1; i >= 0 && len(w) < loopFrames; i-- {
		if t.moments[i].front {
			w = append(w, t.moments[i].unlike)
		}
	}
	return w
}

// around is what is left over at a lag and, in the lower quartile of the lags beside it, there: root mean squares, both
// of the same frames.
func (w lately) around(l int) (left, beside float64, ok bool) {
	if !w.near(l) {
		return 0, 0, false
	}
	type pair struct{ left, beside float64 }
	var all []pair
	for o := int(loopNear / loopStep); o <= int(loopAside/loopStep); o += 4 {
		for _, k := range [2]int{l - o, l + o} {
			if a, b, ok := w.both(l, k); ok {
				all = append(all, pair{a, b})
			}
		}
	}
	if len(all) < 5 {
		return 0, 0, false
	}
	slices.SortFunc(all, func(p, q pair) int { return cmp.Compare(p.beside*q.left, q.beside*p.left) })
	p := all[(len(all)-1)/4]
	return p.left, p.beside, true
}

// near reports whether enough frames can be compared at a lag, and are about what was then.
func (w lately) near(l int) bool {
	left, _, ok := w.both(l, l)
	return ok && left <= loopLeftMax
}

// both is the root mean square at two lags, of the frames that can be compared at both.
func (w lately) both(l, k int) (atL, atK float64, ok bool) {
	if k < 0 || k >= loopLags {
		return 0, 0, false
	}
	n := 0.0
	for _, frame := range w {
		if frame[l] >= 0 && frame[k] >= 0 {
			n, atL, atK = n+1, atL+float64(frame[l]), atK+float64(frame[k])
		}
	}
	return math.Sqrt(atL / n), math.Sqrt(atK / n), n >= loopKnown
}
