package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
)

// seen is the nearest stranger of some people, as the rule looks at them.
type seen struct {
	score, c float64   // of the nearest
	others   []float64 // all that were found, best first
}

// place is where somebody is searched for.
type place struct {
	people int
	seen   func(encounter) seen
}

// encounter is whom a probe meets among everyone and among those on the site, if its own template is not there.
type encounter struct{ all, onSite seen }

// mate is a probe's own template: its similarity, and the mean of that template's nearest 20 strangers.
type mate struct{ score, mean float64 }

// encounterOf stretches what the index found: similarities of the probe by one stretch, those among the made-up by
// another.
func encounterOf(m met, probe, among stretch) encounter {
	return encounter{all: seenOf(m.all, m.allMean, probe, among), onSite: seenOf(m.onSite, m.onSiteMean, probe, among)}
}

func seenOf(found []float64, candidate float64, probe, among stretch) seen {
	out := seen{others: make([]float64, len(found))}
	for i, v := range found {
		out.others[i] = probe.of(v)
	}
	out.score = out.others[0]
	out.c = matcher.Relative(out.score, meanOf(out.others[1:]), among.of(candidate))
	return out
}

// simulated is everything that was met with one number of frames.
type simulated struct {
	frames  Frames
	options Options
	listMin float64     // cosine under which nobody comes on the short list
	judges  []encounter // real people, as strangers
	own     []mate      // the same people's own templates
	sample  []encounter // made-up strangers, by whom thresholds are set
}

// lock is what the nearest must reach for the face alone to be enough; one that is not asked for is far under anything.
type lock struct{ score, c float64 }

const notAsked = -9

func (l lock) opens(score, c float64) bool { return score >= l.score && c >= l.c }

// rawFloor is the cosine that c is never enough without (DESIGN, section 7).
const rawFloor = 0.55

func (s *simulated) everyone() place {
	return place{s.options.Population, func(e encounter) seen { return e.all }}
}

func (s *simulated) here() place {
	return place{s.options.OnSite, func(e encounter) seen { return e.onSite }}
}

// steps reads off what each step of the rule gives.
func (s *simulated) steps(c *Cell) []Step {
	name := func(what string) string {
		return fmt.Sprintf("%d against %d, %s", s.frames.Probe, s.frames.Template, what)
	}
	var out []Step
	everyone, here := s.everyone(), s.here()
	if t := c.Raw.Tail; t != nil {
		fmr := simulatedFPIR / float64(s.options.Population)
		out = append(out, s.step(name("threshold by the tail model"), everyone, lock{t.Threshold(fmr), notAsked}))
	}
	out = append(out, s.step(name("threshold by the venue itself"), everyone, s.rawLock(everyone)))
	if s.options.OnSite > 0 {
		out = append(out, s.step(name("those on the site"), here, s.rawLock(here)))
	}
	out = append(out, s.step(name("everyone by c"), everyone, s.relativeLock(everyone)))
	if s.options.OnSite > 0 {
		out = append(out, s.step(name("those on the site by c"), here, s.relativeLock(here)))
	}
	return out
}

// rawLock is the cosine that 1 % of the made-up strangers reach.
func (s *simulated) rawLock(where place) lock {
	return lock{s.quantile(func(e encounter) float64 { return where.seen(e).score }), notAsked}
}

// relativeLock is the statistic c that, with the floor, 1 % of them reach.
func (s *simulated) relativeLock(where place) lock {
	return lock{rawFloor, s.quantile(func(e encounter) float64 {
		if where.seen(e).score < rawFloor {
			return notAsked
		}
		return where.seen(e).c
	})}
}

func (s *simulated) quantile(of func(encounter) float64) float64 {
	var all []float64
	for _, e := range s.sample {
		all = append(all, of(e))
	}
	slices.Sort(all)
	return math.Nextafter(all[len(all)-1-int(simulatedFPIR*float64(len(all)))], 2)
}

// step lets everybody come once as enrolled and once as a stranger.
func (s *simulated) step(name string, where place, l lock) Step {
	out := Step{Name: name, Searched: where.people, Probes: len(s.own), Strange: len(s.judges), Threshold: l.score, C: l.c}
	share := 1 / float64(len(s.judges))
	for i, e := range s.judges {
		w, own := where.seen(e), s.own[i]
		c := matcher.Relative(own.score, meanOf(w.others[:matcher.NearestOthers]), own.mean)
		switch {
		case own.score > w.score && l.opens(own.score, c):
			out.FaceOnly += share
		case own.score <= w.score && l.opens(w.score, w.c):
			out.Wrong += share
		case own.score >= s.listMin && own.score > w.others[kaopass.ShortListMax-1]:
			out.AskCode += share
		default:
			out.NotFound += share
		}
		alone := 0.0
		if l.opens(w.score, w.c) {
			alone = 1
		}
		listed := 0.0
		for _, score := range w.others[:kaopass.ShortListMax] {
			if score >= s.listMin {
				listed++
			}
		}
		out.FPIR += share * alone
		out.FPIRCode += share * (alone + (1-alone)*listed/codes)
	}
	return out
}
