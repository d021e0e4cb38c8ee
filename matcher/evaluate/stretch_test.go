package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// strangersOf is a set of strangers whose similarities are drawn.
func strangersOf(n int, seed uint64, score func(*rand.Rand) float64) *stat.Set {
	r := rand.New(rand.NewPCG(seed, 1))
	s := &stat.Set{People: 2, Floor: -2}
	for range n {
		put(s, stat.Comparison{Score: float32(score(r)), Template: 1}, false)
	}
	s.Sort()
	return s
}

// A stretch never turns an order around, goes on at least one for one beyond what was seen, and is the way back of back.
func TestAStretchKeepsTheOrder(t *testing.T) {
	made := strangersOf(100_000, 1, func(r *rand.Rand) float64 { return 0.1 * r.NormFloat64() })
	real := strangersOf(100_000, 2, func(r *rand.Rand) float64 { return 0.02 + 0.06*r.NormFloat64() }) // nearer together
	s := newStretch(made, real)
	last := math.Inf(-1)
	for x := -0.5; x < 0.95; x += 0.01 {
		got := s.of(x)
		if got < last {
			t.Fatalf("%v becomes %v, less than what was less", x, got)
		}
		last = got
	}
	end := s.made[len(s.made)-1]
	if step := s.of(end+0.1) - s.of(end); math.Abs(step-0.1) > 1e-9 {
		t.Errorf("beyond what was seen 0.1 becomes %v: it was flatter than one for one before", step)
	}
	for _, x := range []float64{0.05, 0.2, 0.3} {
		if back := s.back(s.of(x)); math.Abs(back-x) > 1e-6 {
			t.Errorf("%v comes back as %v", x, back)
		}
	}
}

// A share that fewer than fifty strangers are behind stretches nothing.
func TestAStretchNeedsPeople(t *testing.T) {
	for n, points := range map[int]int{100: 0, 200: 1, 1000: 2, 20_000: 5} {
		set := strangersOf(n, 1, func(r *rand.Rand) float64 { return 0.1 * r.NormFloat64() })
		s := newStretch(set, set)
		if len(s.made) != points {
			t.Errorf("%d strangers give %d shares, want %d", n, len(s.made), points)
		}
		if got := s.of(0.33); points < 2 && got != 0.33 || points >= 2 && math.Abs(got-0.33) > 1e-9 {
			t.Errorf("%d strangers like themselves: 0.33 becomes %v", n, got)
		}
	}
}

// Made-up strangers who are like real ones are found to be; those who are more distant are not, by as much as they are.
func TestChecks(t *testing.T) {
	normal := func(r *rand.Rand) float64 { return 0.1 * r.NormFloat64() }
	real := strangersOf(200_000, 3, normal)
	same := checks(real, strangersOf(200_000, 4, normal), stretch{})
	if len(same) != 4 {
		t.Fatalf("%d checks: of two hundred thousand two are one in a hundred thousand, too few", len(same))
	}
	for _, c := range same {
		if c.Ratio < 0.4 || c.Ratio > 2 || math.Abs(c.Real-c.Made) > 0.02 || c.FMR >= 1e-3 && math.Abs(c.Ratio-1) > 0.25 {
			t.Errorf("%+v", c)
		}
	}
	distant := checks(real, strangersOf(200_000, 5, func(r *rand.Rand) float64 { return 0.07 * r.NormFloat64() }), stretch{})
	for i, c := range distant {
		if c.Ratio >= same[i].Ratio || c.Made >= c.Real {
			t.Errorf("%+v", c)
		}
	}
	if few := checks(strangersOf(50, 6, normal), real, stretch{}); len(few) != 0 {
		t.Errorf("fifty strangers check nothing: %+v", few)
	}
}

// Judges are in one half or the other, and meet only those whom the generator was fitted to.
func TestJudgesAreApart(t *testing.T) {
	r := &running{album: crowd(40, 2, 8, 0.5), workers: 1, say: quiet, options: Options{Seed: 1}}
	fit, judges := r.halves()
	if len(fit) != 20 || len(judges) != 20 {
		t.Fatalf("%d and %d", len(fit), len(judges))
	}
	m := &madeUp{fit: fit}
	seen := map[int32]int{}
	for half := range 2 {
		tr := r.judging(m, Frames{1, 1}, judges, half)
		if tr.probes.len() == 0 || tr.templates.len() == 0 {
			t.Fatalf("half %d judges nothing", half)
		}
		mine := map[int32]bool{}
		for _, who := range tr.probes.owner {
			mine[who] = true
			if who%2 == 0 {
				t.Errorf("%d was fitted to, and judges", who)
			}
		}
		for who := range mine {
			seen[who]++
		}
		for _, who := range tr.templates.owner {
			if who%2 != 0 {
				t.Errorf("%d judges, and is met", who)
			}
		}
		if s := plainly(tr); len(s.Genuine) != 0 {
			t.Errorf("%d comparisons of one person among strangers", len(s.Genuine))
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d judges of 20", len(seen))
	}
	for who, n := range seen {
		if n != 1 {
			t.Errorf("%d judges in both halves", who)
		}
	}
}

// A crowd that a trial is held against is nobody of the trial.
func TestAgainstACrowd(t *testing.T) {
	tr := crowd(5, 1, 8, 0.5).allPairs()
	others := &rows{}
	for i := range 7 {
		others.add(tr.probes.at(i%5), int32(i), 0) // even who has the very same face
	}
	with := tr.against(others)
	if s := plainly(with); len(s.Genuine) != 0 || s.Impostors != 5*7 || with.people != 12 {
		t.Errorf("%d comparisons of one person, %d of two, %d people", len(s.Genuine), s.Impostors, with.people)
	}
}
