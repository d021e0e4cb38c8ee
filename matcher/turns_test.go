package matcher

import (
	"math/rand/v2"
	"testing"
	"time"
)

// head is somebody in front of the challenge: how far the head is turned at a moment, to whom a prompt was just shown.
type head func(at time.Duration, asked side, since time.Duration) float64

const turnedFar = 0.22

// challenged runs one challenge, five frames a second, and reports whether it was passed, and how long it took.
func challenged(r *rand.Rand, needed int, h head) (passed bool, took time.Duration) {
	zero := time.Unix(1_800_000_000, 0)
	t := newTurns(needed)
	t.side = func() side { return []side{ownLeft, ownRight}[r.IntN(2)] }
	t.pause = func() time.Duration { return pauseMin + time.Duration(r.Int64N(int64(pauseMax-pauseMin))) }
	t.begin(zero)
	for at := time.Duration(0); at < 110*time.Second; at += 150*time.Millisecond + time.Duration(r.Int64N(int64(100*time.Millisecond))) {
		asked := side(0)
		if t.state == turnAsked {
			asked = t.asked
		}
		switch t.see(zero.Add(at), h(at, asked, zero.Add(at).Sub(t.since)), 0, false) {
		case turnsDone:
			return true, at
		case turnsMissed:
			return false, at
		}
	}
	return false, 110 * time.Second
}

// obliging turns to where it is asked, after a moment to read it, mixes up the sides now and then, and looks aside now and
// then without being asked.
func obliging(r *rand.Rand, mixesUp, fidgets float64, react, hold time.Duration) head {
	var turning side
	var until, next time.Duration
	return func(at time.Duration, asked side, since time.Duration) float64 {
		switch {
		case at < until:
			return float64(turning) * turnedFar
		case asked == 0 && r.Float64() < fidgets*0.2:
			turning, until = []side{ownLeft, ownRight}[r.IntN(2)], at+time.Second
		case asked != 0 && since >= react && at >= next:
			turning, until, next = asked, at+hold, at+hold+time.Second
			if r.Float64() < mixesUp {
				turning = -asked
			}
			return float64(turning) * turnedFar
		}
		return 0
	}
}

// filmed is a film that was made before: turns to these sides, each held for so long, with so much of the front before
// each; it repeats itself and begins anywhere.
func filmed(r *rand.Rand, sides []side, hold, front time.Duration) head {
	cycle := hold + front
	begin := time.Duration(r.Int64N(int64(cycle) * int64(len(sides))))
	return func(at time.Duration, _ side, _ time.Duration) float64 {
		at += begin
		if at%cycle < front {
			return 0
		}
		return turnedFar * float64(sides[int(at/cycle)%len(sides)])
	}
}

// rate is how often a challenge is passed.
func rate(needed, tries int, who func(*rand.Rand) head) (passed float64, mean time.Duration) {
	r := rand.New(rand.NewPCG(5, uint64(needed)))
	n, sum := 0, time.Duration(0)
	for range tries {
		if ok, took := challenged(r, needed, who(r)); ok {
			n, sum = n+1, sum+took
		}
	}
	return float64(n) / float64(tries), sum / time.Duration(max(n, 1))
}

// People pass, quick or slow, and so do most who mix up left and right.
func TestPeoplePassTheTurns(t *testing.T) {
	for name, p := range map[string]struct {
		mixesUp, fidgets float64
		react            time.Duration
		least            float64
	}{
		"quick":                     {0, 0, 400 * time.Millisecond, 1},
		"usual":                     {0.02, 0.02, 900 * time.Millisecond, 0.99},
		"slow":                      {0.02, 0.02, 6 * time.Second, 0.98},
		"so slow that it is late":   {0, 0, 11 * time.Second, 0.99},
		"mixes up every tenth side": {0.1, 0, 900 * time.Millisecond, 0.95},
		"cannot keep still":         {0, 0.2, 900 * time.Millisecond, 0.9},
	} {
		passed, took := rate(turnsUsual, 2000, func(r *rand.Rand) head { return obliging(r, p.mixesUp, p.fidgets, p.react, 800*time.Millisecond) })
		t.Logf("%s: %.1f %% pass, %v in the mean", name, 100*passed, took.Round(100*time.Millisecond))
		if passed < p.least {
			t.Errorf("%s: %.1f %%", name, 100*passed)
		}
	}
}

// What a film made beforehand comes to: of all rhythms tried, the best for whoever made it. The bound is that of sides
// guessed at the right moments, with the mistakes that are forgiven.
func TestHowOftenAFilmFits(t *testing.T) {
	patterns := map[string][]side{
		"one way": {ownLeft}, "by turns": {ownLeft, ownRight}, "pairs": {ownLeft, ownLeft, ownRight, ownRight},
	}
	for needed, bound := range map[int]float64{turnsUsual: 0.36, turnsDoubt: 0.22, 4: 0.13, 5: 0.08, turnsMax: 0.05} {
		best, how := 0.0, ""
		for name, sides := range patterns {
			for _, front := range []time.Duration{500, 1000, 1500, 2500, 4000, 7000} {
				for _, hold := range []time.Duration{500, 1000} {
					passed, _ := rate(needed, 1000, func(r *rand.Rand) head {
						return filmed(r, sides, hold*time.Millisecond, front*time.Millisecond)
					})
					if passed > best {
						best, how = passed, name+" "+(front*time.Millisecond).String()
					}
				}
			}
		}
		t.Logf("%d turns: the best film passes in %.1f %% (%s)", needed, 100*best, how)
		if best > bound {
			t.Errorf("%d turns: %.1f %% (%s), more than %.1f", needed, 100*best, how, 100*bound)
		}
	}
}

// Each mistake costs what it says, none more than once, and too many end it.
func TestWhatTurnsCost(t *testing.T) {
	zero := time.Unix(1_800_000_000, 0)
	type frame struct {
		after time.Duration
		yaw   float64
		want  turnNews
	}
	const ms = time.Millisecond
	front, left, right := 0.0, turnedFar, -turnedFar
	for name, c := range map[string]struct {
		frames []frame
		needed int
	}{
		"as asked":              {[]frame{{0, front, 0}, {600 * ms, front, turnPrompted}, {400 * ms, left, 0}, {200 * ms, left, turnRight}, {200 * ms, left, 0}}, 2},
		"to the wrong side":     {[]frame{{600 * ms, front, turnPrompted}, {400 * ms, right, 0}, {200 * ms, right, turnMistake}, {200 * ms, right, 0}}, 4},
		"one frame astray":      {[]frame{{600 * ms, front, turnPrompted}, {400 * ms, right, 0}, {200 * ms, front, 0}, {200 * ms, right, 0}, {200 * ms, front, 0}}, 2},
		"before it was asked":   {[]frame{{100 * ms, left, 0}, {200 * ms, left, turnMistake}, {200 * ms, left, 0}}, 3},
		"sooner than one could": {[]frame{{600 * ms, front, turnPrompted}, {200 * ms, left, 0}, {200 * ms, left, turnMistake}}, 3},
		"late":                  {[]frame{{600 * ms, front, turnPrompted}, {9000 * ms, left, 0}, {200 * ms, left, turnRight}}, 3},
		"never":                 {[]frame{{600 * ms, front, turnPrompted}, {turnMax, front, 0}, {200 * ms, front, turnsMissed}}, 2},
	} {
		n := newTurns(2)
		n.side, n.pause = func() side { return ownLeft }, func() time.Duration { return pauseMin }
		n.begin(zero)
		at := zero
		for i, f := range c.frames {
			at = at.Add(f.after)
			if got := n.see(at, f.yaw, 0, false); got != f.want {
				t.Errorf("%s, frame %d: %v, want %v", name, i, got, f.want)
			}
		}
		if n.needed != c.needed {
			t.Errorf("%s: %d turns are needed, want %d", name, n.needed, c.needed)
		}
	}
}

// What is drawn is drawn evenly, and within its limits.
func TestWhatIsDrawn(t *testing.T) {
	lefts, sum := 0, time.Duration(0)
	const draws = 4000
	for range draws {
		if randomSide() == ownLeft {
			lefts++
		}
		p := randomPause()
		if p < pauseMin || p > pauseMax {
			t.Fatalf("a pause of %v", p)
		}
		sum += p
	}
	if lefts < draws*45/100 || lefts > draws*55/100 {
		t.Errorf("%d of %d to the left", lefts, draws)
	}
	if mean := sum / draws; mean < (pauseMin+pauseMax)*45/100 || mean > (pauseMin+pauseMax)*55/100 {
		t.Errorf("pauses of %v in the mean", mean)
	}
}

// Whoever was not believed before, or whose liveness is in doubt, turns more often; nobody more than turnsMax from the start.
func TestDoubtAsksForMore(t *testing.T) {
	m := open(t)
	for missed, want := range map[int]int{0: turnsUsual, 1: turnsUsual + 1, 2: turnsUsual + 2, 11: turnsMax} {
		if c := m.NewCapture(missed); c.turns.needed != want || c.report("").Steps != want+2 {
			t.Errorf("after %d: %d turns, %d steps", missed, c.turns.needed, c.report("").Steps)
		}
	}
	for _, l := range []struct {
		liveCount
		want int
	}{{liveCount{sum: 2.9, good: 3}, turnsUsual}, {liveCount{sum: 2.4, good: 3}, turnsDoubt}, {liveCount{sum: 3.4, good: 3, bad: 1}, turnsDoubt}} {
		c := m.NewCapture(0)
		c.live = l.liveCount
		if c.beginTurns(); c.turns.needed != l.want {
			t.Errorf("%+v: %d turns", l, c.turns.needed)
		}
	}
}
