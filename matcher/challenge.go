package matcher

import (
	"math"

	"github.com/kaopass/kaopass"
)

// How the head is turned while the capture watches; the turns themselves, and what they cost, are in turns.go. What is
// flat cannot do it: seen from wherever, a print's nose stays where it is between its eyes and mouth.
const (
	turnedYaw    = 0.15 // turned, by the measure of DESIGN section 7
	frontalYaw   = 0.08 // what is within it is the front, wherever the camera stands
	farYaw       = 0.30 // so far that the face is less like itself …
	farSame      = 0.20 // … and is compared with this instead of SameMin
	turnedFrames = 2    // in a row: of a picture held askew, points are misread now and then
)

// side is where a head turns: +1 to the picture's right, which is the person's own left; −1 to the other.
type side float64

const (
	ownLeft  side = +1
	ownRight side = -1
)

func (s side) hint() kaopass.Hint {
	if s == ownLeft {
		return kaopass.HintTurnLeft
	}
	return kaopass.HintTurnRight
}

// turning watches the head while it waits to be asked, turns and comes back.
func (c *Capture) turning(w *workspace, v *view) (kaopass.Progress, error) {
	if v.grades()[faceSize] < limitsOf(UseGate).floor[faceSize] {
		return c.say(kaopass.HintCloser), nil
	}
	vector, err := w.embed(false)
	if err != nil {
		return kaopass.Progress{}, err
	}
	if !c.same(vector, v.pose.yaw) {
		if abs(v.pose.yaw) > farYaw { // so far round that nobody could say
			return c.say(c.turnHint()), nil
		}
		return c.stranger(), nil
	}
	if v.judge(limitsOf(UseGate)) == "" { // on its way round the head shows more of itself than in any front
		c.keep(vector, w.score())
	}
	shown := w.thumb()
	if c.motion.add(shown); c.motion.still() {
		return c.end(kaopass.NotLive), nil
	}
	askew := turnedTo(v.pose.yaw, c.base()) != 0 && flat(shown, c.thumbs())
	switch c.turns.see(c.now(), v.pose.yaw, c.base(), askew) {
	case turnsMissed:
		return c.end(kaopass.ChallengeMissed), nil
	case turnsDone:
		c.step = stepFinish
		return c.advanceTo(c.turnHint()), nil
	case turnRight, turnPrompted, turnMistake:
		return c.advanceTo(c.turnHint()), nil
	}
	return c.say(c.turnHint()), nil
}

// turnHint is what the head is to do now.
func (c *Capture) turnHint() kaopass.Hint {
	switch c.turns.state {
	case turnAsked:
		return c.turns.asked.hint()
	case turnReturning:
		return kaopass.HintBack
	}
	return kaopass.HintHold
}

// beginTurns asks for the usual turns, and for more of whom there is a doubt.
func (c *Capture) beginTurns() {
	if c.turns.needed < turnsDoubt && c.live.doubtful() {
		c.turns.needed = turnsDoubt
	}
	c.step = stepTurn
	c.turns.begin(c.now())
}

// thumbs are the frontal frames, as far as a turn is compared with them.
func (c *Capture) thumbs() []thumb {
	var all []thumb
	for _, f := range c.fronts[:min(len(c.fronts), frontsMin)] {
		all = append(all, f.thumb)
	}
	return all
}

// base is how the person looks to the front: the mean of the frontal frames.
func (c *Capture) base() float64 {
	var sum float64
	for _, f := range c.fronts {
		sum += f.yaw
	}
	return sum / float64(max(len(c.fronts), 1))
}

func abs(v float64) float64 { return math.Abs(v) }
