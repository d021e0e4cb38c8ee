package evaluate

import (
	"math"
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

// flat is a trial of two dimensions in which similarities are cosines of angles, in degrees.
func flat(probes, templates map[int32]float64) *trial {
	t := &trial{frames: Frames{1, 1}}
	add := func(to *rows, of map[int32]float64) {
		for who := range int32(100) {
			if degrees, ok := of[who]; ok {
				sin, cos := math.Sincos(degrees * math.Pi / 180)
				to.add([]float32{float32(cos), float32(sin)}, who, 0)
			}
		}
	}
	add(&t.probes, probes)
	add(&t.templates, templates)
	return t
}

// byHand finds everybody's nearest others without blocks.
func byHand(t *trial) *neighbourhoods {
	near := &neighbourhoods{people: t.templates.len()}
	for i := range t.probes.len() {
		var list []neighbour
		for j := range t.templates.len() {
			if t.templates.owner[j] != t.probes.owner[i] {
				list = keep(list, neighbour{t.templates.owner[j], dot(t.probes.at(i), t.templates.at(j))}, t.templates.len())
			}
		}
		near.probes = append(near.probes, list)
	}
	return near
}

// Four who are enrolled and one who is not, who is a stranger only. Whoever is nearer to another's template than to the
// own one is not first.
func TestIdentificationByHand(t *testing.T) {
	templates := map[int32]float64{0: 0, 1: 30, 2: 90, 3: 120}
	for _, c := range []struct {
		probes map[int32]float64
		first  float64
	}{
		{map[int32]float64{0: 2, 1: 29, 2: 61, 3: 140, 4: 10}, 1}, // 61° is 29° from 90° and 31° from 30°
		{map[int32]float64{0: 16, 1: 29, 2: 59, 3: 140, 4: 10}, 0.5},
	} {
		tr := flat(c.probes, templates)
		if got := identify(tr, byHand(tr)); got.Mated != 4 || got.NonMated != 5 || got.Rank1 != c.first || got.Gallery != 4 {
			t.Errorf("%v: %+v", c.probes, got)
		}
	}
}

// At each rate no more strangers than that find somebody, and whoever is enrolled and not first above it is missed:
// counted one by one.
func TestOpenSetPointsAreCounted(t *testing.T) {
	tr := crowd(150, 3, 16, 1.1).deal(Frames{1, 1}, 5)
	near, err := tr.neighbours(t.Context(), 2, quiet)
	if err != nil || near == nil {
		t.Fatal(err)
	}
	got := identify(tr, near)
	own := tr.ownScores()
	if len(got.Points) != 2 || got.Rank1 == 1 || got.Rank1 == 0 || got.ShortList < got.Rank1 {
		t.Fatalf("%+v", got)
	}
	for _, p := range got.Points {
		found, missed, mated := 0.0, 0.0, 0.0
		for i, others := range near.probes {
			best := float64(others[0].score)
			if best > p.Threshold {
				found++
			}
			if own[i] < -1 {
				continue
			}
			mated++
			if float64(own[i]) < p.Threshold || float64(own[i]) <= best {
				missed++
			}
		}
		if share := found / float64(len(near.probes)); share > p.FPIR {
			t.Errorf("%v of strangers find somebody, %v may", share, p.FPIR)
		}
		if math.Abs(p.FNIR-missed/mated) > 1e-9 {
			t.Errorf("missed %v, counted %v", p.FNIR, missed/mated)
		}
	}
	if got.Points[0].FNIR > got.Points[1].FNIR {
		t.Errorf("fewer strangers miss more of the enrolled: %+v", got.Points)
	}
}

// A short list has as many places as a till shows: whoever comes after them is not on it.
func TestTheShortListHasItsPlaces(t *testing.T) {
	tr := flat(map[int32]float64{0: 0}, map[int32]float64{0: 40})
	for _, c := range []struct {
		nearer int
		listed float64
	}{{kaopass.ShortListMax - 1, 1}, {kaopass.ShortListMax, 0}} {
		others := slices.Repeat([]neighbour{{1, 0.9}}, c.nearer)
		others = append(others, slices.Repeat([]neighbour{{2, 0.1}}, 30)...)
		got := identify(tr, &neighbourhoods{people: 51, probes: [][]neighbour{others}})
		if got.ShortList != c.listed || got.Rank1 != 0 {
			t.Errorf("%d others are nearer: %+v", c.nearer, got)
		}
	}
}

// A probe's own template shares no photo with it, in every kind of trial.
func TestOwnScoresAreOfOtherPhotos(t *testing.T) {
	a := crowd(20, 2, 8, 0.5)
	a.people[7].photos = a.people[7].photos[:1]
	each := a.allPairs()
	for i, s := range each.ownScores() {
		if who := each.probes.owner[i]; who == 7 && s > -1 || who != 7 && (s < -1 || s > 0.99999) {
			t.Errorf("probe %d of person %d has %v for its own", i, who, s)
		}
	}
	for i, s := range a.deal(Frames{2, 1}, 1).ownScores() {
		if s > -1 {
			t.Errorf("two photos are both in probe %d: nothing is left for a template, and yet %v", i, s)
		}
	}
}
