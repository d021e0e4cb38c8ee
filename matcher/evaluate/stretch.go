package evaluate

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// stretch maps a made-up similarity to the one that as large a share of real strangers reaches: a line between the
// shares that were observed, the last slope beyond them, never flatter than one for one.
type stretch struct{ made, real []float64 }

// newStretch compares the same people's strangers, made-up and real.
func newStretch(made, real *stat.Set) stretch {
	var s stretch
	for _, fmr := range []float64{0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5} {
		if fmr*float64(min(made.Impostors, real.Impostors)) < stretchFewest {
			break
		}
		m, _ := made.Threshold(fmr)
		r, _ := real.Threshold(fmr)
		if n := len(s.made); n == 0 || m > s.made[n-1] && r > s.real[n-1] {
			s.made, s.real = append(s.made, m), append(s.real, r)
		}
	}
	return s
}

// stretchFewest is how many strangers must be behind a share that similarities are stretched by.
const stretchFewest = 50

func (s stretch) of(made float64) float64 {
	n := len(s.made)
	if n < 2 {
		return made
	}
	i := 1
	for i < n-1 && made > s.made[i] {
		i++
	}
	slope := (s.real[i] - s.real[i-1]) / (s.made[i] - s.made[i-1])
	if made > s.made[n-1] {
		return math.Min(s.real[n-1]+math.Max(slope, 1)*(made-s.made[n-1]), 1)
	}
	return s.real[i-1] + slope*(made-s.made[i-1])
}

// stretchSample is how many made-up people similarities are looked at among.
const stretchSample = 2500

// stretches are how made-up similarities become real ones: of real people with made-up ones, and of made-up ones with
// each other. The first half of the judges sets the one, and the other half says how far it holds.
func (r *running) stretches(ctx context.Context, m *madeUp, f Frames, judges []int, out *Generator) (real, made stretch, err error) {
	first, second := r.judging(m, f, judges, 0), r.judging(m, f, judges, 1)
	random := rand.New(rand.NewPCG(r.options.Seed, 888_888))
	crowd := &rows{}
	for i := range stretchSample {
		crowd.add(m.maker.draw(random), int32(i), 0)
	}
	strangers := func(t *trial) (*stat.Set, error) {
		found, err := t.compare(ctx, nil, r.workers, r.say)
		return found.raw, err
	}
	var sets [5]*stat.Set
	for i, t := range []*trial{first, first.against(crowd), second, second.against(crowd),
		{frames: f, people: stretchSample, probes: *crowd, templates: *crowd}} {
		if sets[i], err = strangers(t); err != nil {
			return real, made, err
		}
	}
	real, made = newStretch(sets[1], sets[0]), newStretch(sets[4], sets[0])
	if len(out.Checks) == 0 {
		out.Checks = checks(sets[2], sets[3], real)
	}
	return real, made, nil
}

// judging is half of the judges as probes, and those whom the generator was fitted to as templates.
func (r *running) judging(m *madeUp, f Frames, judges []int, half int) *trial {
	role := make(map[int32]int, len(judges)+len(m.fit))
	for i, who := range judges {
		role[int32(who)] = 1 + i%2
	}
	for _, who := range m.fit {
		role[int32(who)] = -1
	}
	t := r.album.deal(f, r.options.Seed)
	out := &trial{frames: f, people: t.people}
	for i := range t.probes.len() {
		if role[t.probes.owner[i]] == half+1 {
			out.probes.add(t.probes.at(i), t.probes.owner[i], 0)
		}
	}
	for j := range t.templates.len() {
		if role[t.templates.owner[j]] == -1 {
			out.templates.add(t.templates.at(j), t.templates.owner[j], 0)
		}
	}
	return out
}

// against is the same probes with a crowd of others.
func (t *trial) against(crowd *rows) *trial {
	out := &trial{frames: t.frames, people: t.people + crowd.len(), probes: t.probes}
	for j := range crowd.len() {
		out.templates.add(crowd.at(j), int32(t.people+j), 0)
	}
	return out
}

// checks compare strangers of people whom nothing was fitted to.
func checks(real, made *stat.Set, s stretch) (out []Check) {
	for _, fmr := range []float64{1e-1, 1e-2, 1e-3, 1e-4, 1e-5} {
		threshold, reached := real.Threshold(fmr)
		if reached < 10 {
			return out
		}
		other, _ := made.Threshold(fmr)
		out = append(out, Check{FMR: fmr, Real: threshold, Made: s.of(other), Ratio: made.FMR(s.back(threshold)) / fmr})
	}
	return out
}

// back is the made-up similarity that is stretched to a real one.
func (s stretch) back(real float64) float64 {
	low, high := -1.0, 1.0
	for range 50 {
		if middle := (low + high) / 2; s.of(middle) < real {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}
