package matcher

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// The challenge of turns: look to the front for as long as a die says, turn to the side that a die says, come back, and
// again. Each side is drawn when it is asked for and for itself, so nothing that was filmed before can know it: a film
// that turns at just the right moments is right every second time. A turn that comes before its prompt, or sooner than
// anybody could react, or to the wrong side, is not held against a person, who may fidget or mix up left and right; it
// costs further turns, and a few of them end the capture. What a film comes to by chance is in DESIGN.md.
const (
	turnsUsual = 2                      // right turns that are asked of everybody
	turnsDoubt = 3                      // … where liveness was in doubt
	turnsMax   = 6                      // … and of whoever was not believed before; mistakes come on top
	pauseMin   = 400 * time.Millisecond // to the front before a prompt, at least
	pauseMax   = 1500 * time.Millisecond
	reactMin   = 300 * time.Millisecond // from the prompt to the first turned frame; a simple reaction to light alone takes 0.2 s (Woods et al., 2015)
	reactMax   = 8 * time.Second        // later it counts, but costs another turn: a film that seldom turns waits for its prompt
	wrongMax   = 2                      // turns to the wrong side
	earlyMax   = 3                      // turns that nobody asked for
	lateMax    = 2                      // late ones that cost anything: whoever is slow is slow every time
	turnMax    = 75 * time.Second       // for one turn, or for coming back
)

// What mistakes cost, in turns.
const (
	wrongCost = 2
	earlyCost = 1
	lateCost  = 1
)

// turns is how far the challenge is. It knows moments and angles, no pictures.
type turns struct {
	side  func() side          // draws where to turn
	pause func() time.Duration // draws how long to wait before asking

	needed, right, wrong, early, late int

	state   turnState
	since   time.Time     // of the state
	wait    time.Duration // of turnWaiting
	asked   side          // of turnAsked
	row     int           // frames in a row turned to …
	rowSide side          // … this side
	rowAt   time.Time     // … since then
}

// turnState is what the head is expected to do.
type turnState int

const (
	turnWaiting   turnState = iota // to look to the front until it is asked
	turnAsked                      // to turn
	turnReturning                  // to come back
)

// turnNews is what a frame brought.
type turnNews int

const (
	turnNothing  turnNews = iota
	turnPrompted          // a side is asked for from now on
	turnRight             // a right turn
	turnMistake           // one that was wrong, or not asked for
	turnsDone             // the last right turn
	turnsMissed           // too many mistakes, or too long
)

// newTurns begins a challenge of so many turns at a moment at which the head is to the front.
func newTurns(needed int) turns {
	return turns{side: randomSide, pause: randomPause, needed: min(needed, turnsMax)}
}

// begin starts the first pause.
func (t *turns) begin(at time.Time) { t.state, t.since, t.wait, t.row = turnWaiting, at, t.pause(), 0 }

// see takes a frame: how far the head is turned, and how this person looks to the front. flat says that the frame shows
// a front held askew.
func (t *turns) see(at time.Time, yaw, base float64, flat bool) turnNews {
	to := turnedTo(yaw, base)
	if flat {
		to = 0
	}
	t.inRow(at, to)
	turned := t.row >= turnedFrames
	switch {
	case at.Sub(t.since) > turnMax:
		return turnsMissed
	case turned && t.state == turnWaiting, turned && t.state == turnAsked && t.rowAt.Sub(t.since) < reactMin:
		t.early++
		return t.mistake(at, earlyCost)
	case turned && t.state == turnAsked && t.rowSide != t.asked:
		t.wrong++
		return t.mistake(at, wrongCost)
	case turned && t.state == turnAsked:
		return t.turned(at)
	case to == 0 && abs(yaw-base) <= frontalYaw:
		return t.front(at)
	}
	return turnNothing
}

// inRow counts frames that are turned to one side.
func (t *turns) inRow(at time.Time, to side) {
	switch {
	case to == 0:
		t.row = 0
	case t.row > 0 && to == t.rowSide:
		t.row++
	default:
		t.row, t.rowSide, t.rowAt = 1, to, at
	}
}

// mistake costs further turns; a few are too many.
func (t *turns) mistake(at time.Time, cost int) turnNews {
	if t.wrong > wrongMax || t.early > earlyMax {
		return turnsMissed
	}
	t.needed += cost
	t.state, t.since = turnReturning, at
	return turnMistake
}

// turned counts a right turn.
func (t *turns) turned(at time.Time) turnNews {
	if t.rowAt.Sub(t.since) > reactMax && t.late < lateMax {
		t.late++
		t.needed += lateCost
	}
	t.state, t.since = turnReturning, at
	if t.right++; t.right >= t.needed {
		return turnsDone
	}
	return turnRight
}

// front goes on where the head had to come back, and asks where the pause is over.
func (t *turns) front(at time.Time) turnNews {
	switch {
	case t.state == turnReturning:
		t.begin(at)
	case t.state == turnWaiting && at.Sub(t.since) >= t.wait:
		t.state, t.since, t.asked, t.row = turnAsked, at, t.side(), 0
		return turnPrompted
	}
	return turnNothing
}

// turnedTo answers the side that a head is turned to, 0 for neither: by the measure itself, or by as much against how
// this person looks to the front, for whom the camera stands a little aside.
func turnedTo(yaw, base float64) side {
	for _, s := range [2]side{ownLeft, ownRight} {
		to, by := float64(s)*yaw, float64(s)*(yaw-base)
		if to >= turnedYaw && by >= frontalYaw || to > frontalYaw && by >= turnedYaw {
			return s
		}
	}
	return 0
}

// random answers an even random number below 2³².
func random() uint32 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (package crypto/rand)
	return binary.LittleEndian.Uint32(b[:])
}

func randomSide() side {
	if random()&1 == 0 {
		return ownLeft
	}
	return ownRight
}

func randomPause() time.Duration {
	return pauseMin + time.Duration(random())*(pauseMax-pauseMin)/(1<<32)
}
