package evaluate

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kaopass/kaopass/matcher"
)

// What a probe meets is what comparing it with everybody finds, as near as eight bits a number tell.
func TestASearchIsExhaustive(t *testing.T) {
	g := fitted(t, families(120, 2, 32), 1)
	const size, onSite = 700, 150
	v, err := openVenue(t.Context(), g, size, onSite, 9, 2, quiet)
	if err != nil {
		t.Fatal(err)
	}
	var everyone [][]float32 // made again by the same seed
	random := rand.New(rand.NewPCG(9, 0))
	for range size {
		everyone = append(everyone, g.draw(random))
	}
	r := rand.New(rand.NewPCG(7, 7))
	probes := make([][]float32, 70) // more than two batches
	for i := range probes {
		probes[i] = g.draw(r)
	}
	found, err := v.search(t.Context(), probes, 2, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ranked := func(of []float32, among [][]float32) (scores []float64) {
		for _, p := range among {
			scores = append(scores, float64(dot(of, p)))
		}
		slices.Sort(scores)
		slices.Reverse(scores)
		return scores
	}
	for i, probe := range probes {
		for name, side := range map[string]struct {
			got  []float64
			want []float64
		}{"all": {found[i].all, ranked(probe, everyone)}, "on the site": {found[i].onSite, ranked(probe, everyone[:onSite])}} {
			if len(side.got) != matcher.NearestOthers+1 {
				t.Fatalf("%s: %d found", name, len(side.got))
			}
			for k, s := range side.got {
				if math.Abs(s-side.want[k]) > 0.01 {
					t.Fatalf("%s, place %d: %v, want %v", name, k, s, side.want[k])
				}
			}
		}
		if found[i].onSite[0] > found[i].all[0]+1e-6 {
			t.Errorf("somebody on the site is nearer than everybody: %+v", found[i])
		}
	}
}

// A neighbourhood leaves the person out whom it surrounds.
func TestMeansLeaveThePersonOut(t *testing.T) {
	g := fitted(t, families(120, 2, 32), 1)
	v, err := openVenue(t.Context(), g, 200, 50, 1, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 0))
	member := g.draw(random)
	with, without := v.means([][]float32{member}, 0)[0], v.means([][]float32{member}, 1)[0]
	if with <= without || with-without < (1-with)/matcher.NearestOthers/2 {
		t.Errorf("with itself %v, without %v", with, without)
	}
	if meanOf([]float64{1, 2, 6}) != 3 || meanOf(nil) != 0 {
		t.Error("a mean is no mean")
	}
}

// Filling a venue ends with its context; the same people are made however many make them.
func TestAVenueThatIsStopped(t *testing.T) {
	g := fitted(t, crowd(80, 2, 16, 0.5), 1)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := openVenue(ctx, g, 100, 10, 1, 2, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
	v, err := openVenue(t.Context(), g, 100, 100, 1, 2, quiet)
	if err != nil || v.onSite.Len() != 100 || v.size != 100 {
		t.Fatal(err)
	}
	if _, err := v.search(ctx, [][]float32{g.anchor[0]}, 1, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
