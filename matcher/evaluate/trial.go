package evaluate

import (
	"context"
	"math/rand/v2"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

// Frames is how many frames are fused on each side of a comparison.
type Frames struct{ Probe, Template int }

// drawsMax is how often a person's photos are dealt anew into probes and templates: more draws say more about the same
// few photos, and nothing about more people.
const drawsMax = 4

// trial is what is to be compared with so many frames on each side.
type trial struct {
	frames    Frames
	people    int
	probes    rows
	templates rows
	each      bool // every photo is a row on both sides, row i the same on both: each pair counts once
	whole     bool // every photo is a row on its side: each pair of one person counts
	once      bool // with whole: a photo that is on both sides has one draw on both, and is not compared with itself
}

// allPairs compares every photo with every other once: the earlier as a template, the later as a probe.
func (a *Album) allPairs() *trial {
	t := &trial{frames: Frames{1, 1}, people: len(a.people), each: !a.apart, whole: true}
	for who := range a.people {
		for draw, at := range a.probesOf(who) {
			t.probes.add(a.photos[at].probe, int32(who), int32(draw))
		}
		for draw, at := range a.templatesOf(who) {
			t.templates.add(a.photos[at].frame, int32(who), int32(draw))
		}
	}
	return t
}

// taken is allPairs of the photos that a use would take: templates are judged as enrolment does, probes as a gate.
func (a *Album) taken() *trial {
	all := a.allPairs()
	t := &trial{frames: all.frames, people: all.people, whole: true}
	for who := range a.people {
		for draw, at := range a.probesOf(who) {
			if p := &a.photos[at]; p.Refused[matcher.UseGate] == "" {
				t.probes.add(p.probe, int32(who), int32(draw))
			}
		}
		for draw, at := range a.templatesOf(who) {
			if p := &a.photos[at]; p.Refused[matcher.UseEnrol] == "" {
				t.templates.add(p.frame, int32(who), int32(draw))
			}
		}
	}
	t.once = !a.apart
	return t
}

// deal draws probes of n frames and templates of m of everybody who has so many photos, disjoint where the person has
// n + m. The same seed deals the same.
func (a *Album) deal(f Frames, seed uint64) *trial {
	t := &trial{frames: f, people: len(a.people)}
	random := rand.New(rand.NewPCG(seed, uint64(f.Probe*100+f.Template)))
	for who := range a.people {
		probes, templates := a.probesOf(who), a.templatesOf(who)
		for draw := range int32(drawsMax) {
			shuffle(random, probes)
			if a.apart {
				shuffle(random, templates)
			} else {
				templates = reversed(probes) // the probe from the front, the template from the back
			}
			if draw > 0 && len(probes) <= f.Probe && len(templates) <= f.Template {
				break // the same photos again
			}
			disjoint := a.apart || len(probes) >= f.Probe+f.Template
			t.dealOne(a, who, draw, probes, templates, disjoint)
		}
	}
	return t
}

// apartDraw is added to a template's draw that shares photos with the probe's, so that the two are never compared.
const apartDraw = 1 << 16

func (t *trial) dealOne(a *Album, who int, draw int32, probes, templates []int, disjoint bool) {
	if len(probes) >= t.frames.Probe {
		var vectors [][]float32
		for _, at := range probes[:t.frames.Probe] {
			vectors = append(vectors, a.photos[at].probe)
		}
		t.probes.add(fuse(vectors...), int32(who), draw)
	}
	if len(templates) < t.frames.Template {
		return
	}
	var vectors [][]float32
	for _, at := range templates[:t.frames.Template] {
		vectors = append(vectors, a.photos[at].frame)
	}
	if !disjoint {
		draw += apartDraw
	}
	t.templates.add(fuse(vectors...), int32(who), draw)
}

func shuffle(r *rand.Rand, s []int) {
	r.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
}

func reversed(s []int) []int {
	out := make([]int, len(s))
	for i, v := range s {
		out[len(s)-1-i] = v
	}
	return out
}

// relation is what comparing probe i with template j says: a genuine pair, two people, or nothing.
func (t *trial) relation(i, j int) (genuine, counts bool) {
	same := t.probes.owner[i] == t.templates.owner[j]
	switch {
	case t.each:
		return same, j < i // the earlier photo as the template
	case same && t.once:
		return true, t.probes.draw[i] != t.templates.draw[j]
	case same && !t.whole:
		return true, t.probes.draw[i] == t.templates.draw[j]
	}
	return same, true
}

// tailKept is the share of strangers' comparisons that is kept one by one; the rest is counted.
const tailKept = 0.025

// scored is a trial's comparisons, once by cosine and, where neighbourhoods are known, once by the statistic c.
type scored struct{ raw, relative *stat.Set }

// compare makes every comparison of the trial, block by block.
func (t *trial) compare(ctx context.Context, near *neighbourhoods, workers int, say Say) (scored, error) {
	out := scored{raw: t.empty(t.floor(nil))}
	if near != nil {
		out.relative = t.empty(t.floor(near))
	}
	stripes := (t.probes.len() + blockSide - 1) / blockSide
	parts := make([]scored, stripes)
	err := eachOf(ctx, "comparisons", stripes, workers, say, func(stripe int) error {
		parts[stripe] = t.stripe(stripe*blockSide, near, out)
		return nil
	})
	if err != nil {
		return scored{}, err
	}
	for _, p := range parts {
		merge(out.raw, p.raw)
		if near != nil {
			merge(out.relative, p.relative)
		}
	}
	out.raw.Sort()
	if near != nil {
		out.relative.Sort()
	}
	return out, nil
}

// empty is a set that keeps what is above a floor.
func (t *trial) empty(floor float32) *stat.Set {
	return &stat.Set{People: t.people, Floor: floor, Weight: t.weight()}
}

// stripe compares blockSide probes with all templates.
func (t *trial) stripe(i int, near *neighbourhoods, like scored) scored {
	out := scored{raw: t.empty(like.raw.Floor)}
	if near != nil {
		out.relative = t.empty(like.relative.Floor)
	}
	var scores [blockSide * blockSide]float32
	for j := 0; j < t.templates.len(); j += blockSide {
		n, m := block(&t.probes, &t.templates, i, j, &scores)
		for a := range n {
			for b := range m {
				genuine, counts := t.relation(i+a, j+b)
				if !counts {
					continue
				}
				c := stat.Comparison{Score: scores[a*blockSide+b], Probe: t.probes.owner[i+a], Template: t.templates.owner[j+b]}
				put(out.raw, c, genuine)
				if near != nil {
					c.Score = near.relative(i+a, j+b, c.Score, c.Template)
					put(out.relative, c, genuine)
				}
			}
		}
	}
	return out
}

func put(s *stat.Set, c stat.Comparison, genuine bool) {
	if genuine {
		s.Genuine = append(s.Genuine, c)
		return
	}
	s.Impostors++
	if c.Score >= s.Floor {
		s.Tail = append(s.Tail, c)
	} else {
		s.Below.Add(c.Score)
	}
}

func merge(into, from *stat.Set) {
	into.Genuine, into.Tail = append(into.Genuine, from.Genuine...), append(into.Tail, from.Tail...)
	into.Impostors += from.Impostors
	into.Below.Merge(&from.Below)
}

// floorLooks is how many comparisons tell where the kept tail begins.
const floorLooks = 100_000

// floor is the score that about tailKept of the strangers reach, looked at in a sample; with few comparisons all are
// kept.
func (t *trial) floor(near *neighbourhoods) float32 {
	if t.probes.len() == 0 || t.templates.len() == 0 || t.probes.len()*t.templates.len() <= 4*floorLooks {
		return -2
	}
	random := rand.New(rand.NewPCG(1, 1))
	var h stat.Histogram
	s := &stat.Set{Floor: 2}
	for s.Impostors < floorLooks {
		i, j := random.IntN(t.probes.len()), random.IntN(t.templates.len())
		if t.probes.owner[i] == t.templates.owner[j] {
			continue
		}
		score := dot(t.probes.at(i), t.templates.at(j))
		if near != nil {
			score = near.relative(i, j, score, t.templates.owner[j])
		}
		h.Add(score)
		s.Impostors++
	}
	s.Below = h
	threshold, _ := s.Threshold(tailKept)
	return float32(threshold)
}

// weight is the weight of all comparisons of two people, by how often each person is in the rows: the sum over all pairs
// of rows less that over the pairs of one person.
func (t *trial) weight() func([]float64) float64 {
	probes, templates := make([]float64, t.people), make([]float64, t.people)
	for _, who := range t.probes.owner {
		probes[who]++
	}
	for _, who := range t.templates.owner {
		templates[who]++
	}
	share := 1.0
	if t.each {
		share = 0.5 // each pair once
	}
	return func(w []float64) float64 {
		var p, q, same float64
		for who, x := range w {
			p, q = p+x*probes[who], q+x*templates[who]
			same += x * x * probes[who] * templates[who]
		}
		return share * (p*q - same)
	}
}
