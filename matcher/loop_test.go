package matcher

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// life draws movements as a person makes them, twenty times a second: slow ones, and a blink now and then.
type life struct {
	r           *rand.Rand
	to, at      movement
	blink, hold int
}

func (l *life) next() movement {
	if l.hold--; l.hold < 0 {
		l.hold = 4 + l.r.IntN(16)
		for k := range l.to {
			l.to[k] = l.r.NormFloat64() * 0.03
		}
	}
	for k := range l.at {
		l.at[k] += 0.2 * (l.to[k] - l.at[k])
	}
	out := l.at
	if l.blink--; l.blink < 3 {
		out[2] -= 0.12
	}
	if l.blink < 0 {
		l.blink = 40 + l.r.IntN(60)
	}
	return out
}

// grained is a movement as the camera measures it.
func grained(r *rand.Rand, m movement) movement {
	for k := range m {
		m[k] += r.NormFloat64() * 0.004
	}
	return m
}

// toldAfter plays movements, five a second in the mean, and answers when they are taken for a loop; 0: never.
func toldAfter(r *rand.Rand, seconds float64, at func(float64) movement) float64 {
	var t trail
	zero := time.Unix(1_800_000_000, 0)
	for now := 0.0; now < seconds; now += 0.15 + 0.1*r.Float64() {
		if t.add(zero.Add(time.Duration(now*float64(time.Second))), grained(r, at(now)), 0) {
			return now
		}
	}
	return 0
}

func TestAMovementThatComesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	l := life{r: r}
	var film []movement // 20 a second
	for range 20 * 60 {
		film = append(film, l.next())
	}
	playing := func(period float64) func(float64) movement {
		return func(now float64) movement { return film[int(math.Mod(now, period)*20)] }
	}
	for _, period := range []float64{2, 5, 10, 20} {
		if told := toldAfter(r, 60, playing(period)); told < period || told > period+12 {
			t.Errorf("a loop of %v s is told after %.1f s", period, told)
		}
	}
	if told := toldAfter(r, 60, playing(60)); told != 0 {
		t.Errorf("a minute without a repetition is told after %.1f s", told)
	}
	if told := toldAfter(r, 60, func(float64) movement { return movement{} }); told != 0 {
		t.Errorf("a face that hardly moves is told after %.1f s", told)
	}
	if told := toldAfter(r, 60, playing(40)); told != 0 {
		t.Errorf("a film longer than what is remembered is told after %.1f s: then say so in DESIGN.md", told)
	}
}

// Turns that were asked for are alike, in a person who does nothing else.
func TestTurnsAreNoLoop(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 4))
		var starts []float64
		for at := 2.0; at < 60; at += 2.5 + 1.1*r.Float64() {
			starts = append(starts, at)
		}
		turning := func(now float64) (m movement) {
			for _, s := range starts {
				if into := now - s; into > 0 && into < 1 {
					m[0] = 0.25 * math.Sin(math.Pi*into)
				}
			}
			return m
		}
		if told := toldAfter(r, 60, turning); told != 0 {
			t.Errorf("seed %d: told after %.1f s", seed, told)
		}
	}
}

func TestATrailForgets(t *testing.T) {
	var tr trail
	for n := range 2000 {
		tr.add(time.Unix(1_800_000_000, 0).Add(time.Duration(n)*50*time.Millisecond), movement{}, 0)
	}
	if most := int(loopSpan/(50*time.Millisecond)) + 2; len(tr.moments) > most {
		t.Errorf("%d moments are kept", len(tr.moments))
	}
}

// Real people, as they move in the clips: never a loop as it was filmed, and one where a part of it goes round.
func TestAClipIsNoLoopUntilItGoesRound(t *testing.T) {
	told, loops := 0, 0
	for clip, from := range map[string]int{franck: 42, cap12: 5} {
		f := moving(t, clip, from, 24)
		for seed := range uint64(6) {
			r := rand.New(rand.NewPCG(seed, 9))
			show := func(i int) movement { return f.moves[i%len(f.moves)] }
			if at := toldAfter(r, 23.5, func(now float64) movement { return show(int(now * movingRate)) }); at != 0 {
				t.Errorf("%s, as it was filmed, is told after %.1f s", clip, at)
			}
			for _, period := range []float64{3, 6, 9} {
				start := r.IntN(len(f.moves) - int(period*movingRate))
				loops++
				if toldAfter(r, 2*period+12, func(now float64) movement {
					return show(start + int(math.Mod(now, period)*movingRate))
				}) != 0 {
					told++
				}
			}
		}
	}
	t.Logf("%d of %d loops told", told, loops)
	if told*10 < loops*6 {
		t.Errorf("%d of %d loops told", told, loops)
	}
}

// Pictures of a man that go round before a capture end it, long before his patience with the turns would.
func TestALoopEndsACapture(t *testing.T) {
	a, s := newActor(t), newStage(t, anySides())
	begun, i := s.at, 0
	s.every = 200 * time.Millisecond
	p := s.run(func(kaopass.Hint) image.Image { i++; return a.fronts[i/2%len(a.fronts)] })
	if took := s.at.Sub(begun); p.Ended != kaopass.NotLive || took > 20*time.Second {
		t.Errorf("ended %s after %v", p.Ended, took)
	}
}
