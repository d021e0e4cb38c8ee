package matcher

import (
	"crypto/rand"
	"math"
	"time"

	"github.com/kaopass/kaopass"
)

// The challenge: the head is turned to either side, in an order drawn when the capture begins. What is flat cannot do
// it (seen from wherever, a print's nose stays where it is between its eyes and mouth), and a film made beforehand has
// to fit the order. It does not stop a film that turns both ways again and again, or a face drawn by a machine.
const (
	turnedYaw    = 0.15             // turned, by the measure of DESIGN section 7
	frontalYaw   = 0.08             // what is within it is the front, wherever the camera stands
	farYaw       = 0.30             // so far that the face is less like itself …
	farSame      = 0.20             // … and is compared with this instead of SameMin
	turnedFrames = 2                // in a row: of a picture held askew, points are misread now and then
	wrongMax     = 12               // turns to the wrong side
	turnMax      = 75 * time.Second // for one turn
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

// randomSides draws the order.
func randomSides() [2]side {
	var b [1]byte
	_, _ = rand.Read(b[:]) // never fails (package crypto/rand)
	if b[0]&1 == 0 {
		return [2]side{ownLeft, ownRight}
	}
	return [2]side{ownRight, ownLeft}
}

// turned reports whether a head with this yaw is turned to the side: by the measure itself, or by as much against how
// this person looks to the front, for whom the camera stands a little aside.
func (s side) turned(yaw, base float64) bool {
	to := float64(s) * yaw
	return to >= turnedYaw || to > frontalYaw && float64(s)*(yaw-base) >= turnedYaw
}

// turning waits for the turn that is asked for.
func (c *Capture) turning(w *workspace, v *view) (kaopass.Progress, error) {
	asked := c.sides[c.step-stepTurn]
	if v.grades()[faceSize] < limitsOf(UseGate).floor[faceSize] {
		return c.say(kaopass.HintCloser), nil
	}
	vector, err := w.embed(false)
	if err != nil {
		return kaopass.Progress{}, err
	}
	if !c.same(vector, v.pose.yaw) {
		if abs(v.pose.yaw) > farYaw { // so far round that nobody could say
			return c.say(asked.hint()), nil
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
	if asked.turned(v.pose.yaw, c.base()) && !flat(shown, c.thumbs()) {
		if c.turned++; c.turned >= turnedFrames {
			return c.turnDone(), nil
		}
		return c.say(asked.hint()), nil
	}
	c.turned = 0
	if c.missed(-asked, v.pose.yaw) {
		return c.end(kaopass.ChallengeMissed), nil
	}
	return c.say(asked.hint()), nil
}

// turnDone asks for the next turn, or for the front again.
func (c *Capture) turnDone() kaopass.Progress {
	c.step, c.turned, c.turnedAt, c.astray = c.step+1, 0, c.now(), true // what was right is the wrong side now
	if c.step == stepFinish {
		return c.advanceTo(kaopass.HintBack)
	}
	return c.advanceTo(c.sides[c.step-stepTurn].hint())
}

// missed counts turns to the wrong side, and the time.
func (c *Capture) missed(wrong side, yaw float64) bool {
	astray := float64(wrong)*yaw >= turnedYaw
	if astray && !c.astray {
		c.wrong++
	}
	c.astray = astray
	return c.wrong > wrongMax || c.now().Sub(c.turnedAt) > turnMax
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
