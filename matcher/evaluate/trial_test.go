package evaluate

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/evaluate/stat"
)

func quiet(string, ...any) {}

// crowd is an album of made-up people: a direction of their own, and photos about it.
func crowd(people, photos, dim int, noise float64) *Album {
	r := rand.New(rand.NewPCG(11, 12))
	a := &Album{byName: map[string]int32{}, numbered: map[string]int{}}
	for who := range people {
		own := draw(r, dim, nil, 1)
		p := person{}
		for range photos {
			p.photos = append(p.photos, len(a.photos))
			a.photos = append(a.photos, Photo{Person: int32(who), probe: draw(r, dim, own, noise), frame: draw(r, dim, own, noise)})
		}
		a.people = append(a.people, p)
	}
	return a
}

// draw is a random unit vector about another.
func draw(r *rand.Rand, dim int, about []float32, noise float64) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(noise * r.NormFloat64() / math.Sqrt(float64(dim)))
		if about != nil {
			v[i] += about[i]
		}
	}
	return fuse(v)
}

// plainly compares as one would without blocks, threads and floors.
func plainly(t *trial) *stat.Set {
	s := &stat.Set{People: t.people, Floor: -2}
	for i := range t.probes.len() {
		for j := range t.templates.len() {
			if genuine, counts := t.relation(i, j); counts {
				put(s, stat.Comparison{Score: dot(t.probes.at(i), t.templates.at(j)), Probe: t.probes.owner[i], Template: t.templates.owner[j]}, genuine)
			}
		}
	}
	s.Sort()
	return s
}

func TestComparisonsInBlocksAreComparisons(t *testing.T) {
	a := crowd(150, 7, 32, 0.6)
	for _, tr := range []*trial{a.allPairs(), a.deal(Frames{3, 1}, 1), a.deal(Frames{3, 3}, 1)} {
		got, err := tr.compare(t.Context(), nil, 3, quiet)
		if err != nil {
			t.Fatal(err)
		}
		want := plainly(tr)
		if len(got.raw.Genuine) != len(want.Genuine) || got.raw.Impostors != want.Impostors {
			t.Fatalf("%v: %d and %d comparisons, want %d and %d", tr.frames, len(got.raw.Genuine), got.raw.Impostors, len(want.Genuine), want.Impostors)
		}
		for _, fmr := range []float64{1e-2, 1e-3, 1e-4} {
			g, _ := got.raw.Threshold(fmr)
			w, _ := want.Threshold(fmr)
			if math.Abs(g-w) > 1e-5 {
				t.Errorf("%v at %g: %v, want %v", tr.frames, fmr, g, w)
			}
		}
		ones := make([]float64, tr.people)
		for i := range ones {
			ones[i] = 1
		}
		if weight := got.raw.Weight(ones); math.Abs(weight-float64(got.raw.Impostors)) > 0.5 {
			t.Errorf("%v: all pairs weigh %v, there are %d", tr.frames, weight, got.raw.Impostors)
		}
	}
}

func TestDealtPhotosAreNeverComparedWithThemselves(t *testing.T) {
	a := crowd(40, 7, 16, 0)
	for i := range a.photos { // every photo is its own direction: a shared one shows as a high cosine
		v := make([]float32, len(a.photos))
		v[i] = 1
		a.photos[i].probe, a.photos[i].frame = v, v
	}
	for _, f := range []Frames{{3, 1}, {3, 3}, {2, 5}} {
		s := plainly(a.deal(f, 1))
		if len(s.Genuine) < 40 {
			t.Errorf("%v: %d comparisons of one person", f, len(s.Genuine))
		}
		for _, c := range s.Genuine {
			if c.Score != 0 {
				t.Fatalf("%v: a probe and a template share a photo", f)
			}
		}
	}
	if s := plainly(a.deal(Frames{4, 4}, 1)); len(s.Genuine) != 0 || s.Impostors == 0 {
		t.Error("of seven photos four and four are not apart; strangers can still be compared")
	}
}

// Of the photos that the product takes, each is compared with each other, on both sides, and none with itself.
func TestPhotosTaken(t *testing.T) {
	a := crowd(30, 4, 16, 0.3)
	for i := range a.photos {
		a.photos[i].Refused = map[matcher.Use]kaopass.Reason{}
		if i%4 == 0 {
			a.photos[i].Refused[matcher.UseEnrol] = kaopass.FaceTurned
		}
		if i%4 == 1 {
			a.photos[i].Refused[matcher.UseGate] = kaopass.FaceTurned
		}
	}
	tr := a.taken()
	if tr.probes.len() != 90 || tr.templates.len() != 90 {
		t.Errorf("%d probes, %d templates", tr.probes.len(), tr.templates.len())
	}
	s := plainly(tr)
	if want := 30 * (3*3 - 2); len(s.Genuine) != want || s.Impostors != 90*90-30*9 {
		t.Errorf("%d comparisons of one person, want %d; %d of two", len(s.Genuine), want, s.Impostors)
	}
}

func TestNeighbourhoods(t *testing.T) {
	tr := crowd(120, 3, 24, 0.5).allPairs()
	near, err := tr.neighbours(t.Context(), 2, quiet)
	if err != nil || near.people != 120 {
		t.Fatal(near, err)
	}
	gallery := tr.gallery()
	for _, i := range []int{0, 77, 200} {
		var want []neighbour
		for j := range gallery.len() {
			if gallery.owner[j] != tr.probes.owner[i] {
				want = keep(want, neighbour{gallery.owner[j], dot(tr.probes.at(i), gallery.at(j))}, 200)
			}
		}
		if len(near.probes[i]) != matcher.NearestOthers+1 {
			t.Fatalf("%d neighbours", len(near.probes[i]))
		}
		for k, n := range near.probes[i] {
			if n.who != want[k].who {
				t.Fatalf("neighbour %d of %d is %d, want %d", k, i, n.who, want[k].who)
			}
		}
		nearest := want[0]
		var others float32
		for _, n := range want[1 : matcher.NearestOthers+1] {
			others += n.score / matcher.NearestOthers
		}
		got := near.relative(i, 5, nearest.score, nearest.who)
		if wanted := nearest.score - (others+near.templates[5])/2; math.Abs(float64(got-wanted)) > 1e-5 {
			t.Errorf("c of the nearest is %v, want %v", got, wanted)
		}
	}
	if few, err := crowd(30, 2, 24, 0.5).allPairs().neighbours(t.Context(), 1, quiet); few != nil || err != nil {
		t.Error("thirty people have no neighbourhoods")
	}
}

func TestIdentification(t *testing.T) {
	tr := crowd(200, 4, 64, 0.4).allPairs()
	near, err := tr.neighbours(t.Context(), 2, quiet)
	if err != nil {
		t.Fatal(err)
	}
	got := identify(tr, near)
	if got.Gallery != 200 || got.NonMated != 800 || got.Mated != 800 || got.Rank1 != 1 || got.ShortList != 1 {
		t.Errorf("%+v", got)
	}
	if len(got.Points) != 2 || got.Points[0].Threshold >= got.Points[1].Threshold || got.Points[1].FNIR > 0.01 {
		t.Errorf("%+v", got.Points)
	}
}

func TestWorkStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := crowd(150, 7, 32, 0.6).allPairs().compare(ctx, nil, 2, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	first := errors.New("the first fault")
	if err := eachOf(t.Context(), "things", 100, 4, quiet, func(i int) error { return first }); !errors.Is(err, first) {
		t.Errorf("err = %v", err)
	}
}
