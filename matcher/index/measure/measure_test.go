package measure

import (
	"math/rand/v2"
	"testing"

	"github.com/kaopass/kaopass/matcher/index/flat"
)

// folk are people of no face: each with two photos, near to each other.
func folk(n, dim int) (people [][]Photo) {
	r := rand.New(rand.NewPCG(1, 1))
	for range n {
		a, b := make([]float32, dim), make([]float32, dim)
		for i := range a {
			a[i] = float32(r.NormFloat64())
			b[i] = a[i] + 0.5*float32(r.NormFloat64())
		}
		unit(a)
		unit(b)
		people = append(people, []Photo{{Short: a}, {Short: b}})
	}
	return people
}

func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	const n = 40_000
	shown := 0
	got, err := Run(t.Context(), Config{People: n, Real: folk(300, 192), Probes: 100, Rounds: 1, Threads: []int{1},
		Peer: func(rows *flat.Rows, people int, probes [][]float32, truth []int) map[string]any {
			shown = len(probes)
			return map[string]any{"nobody": people}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if !got.OK() || got.Recall != 1 || got.ErasedTried != leavers || got.Probes != 100 || shown != 96 {
		t.Errorf("measured %+v", got)
	}
	if got.Dim != 192 || got.FlatDim != longDim || !got.Lifted || got.N != n || got.Peers["nobody"] != n {
		t.Errorf("measured %+v", got)
	}
	if got.BytesPerPerson < 230 || got.BytesPerPerson > 280 || got.ErrorMax > truthMargin/2 {
		t.Errorf("%.1f bytes a person, cosines off by %.4f", got.BytesPerPerson, got.ErrorMax)
	}
	if len(got.Batch) != 3 || got.Batch["32"]["1"].PerSecond <= 0 || got.Till["1"].Milliseconds <= 0 {
		t.Errorf("batches %v, till %v", got.Batch, got.Till)
	}
}

func TestRunWithoutAnybody(t *testing.T) {
	if _, err := Run(t.Context(), Config{People: 1000}); err == nil {
		t.Error("measured nobody")
	}
	if _, err := Run(t.Context(), Config{People: 100, Real: folk(300, 192)}); err == nil {
		t.Error("enrolled fewer than there are")
	}
	if _, err := Run(t.Context(), Config{People: 1000, Real: [][]Photo{{{Short: []float32{1, 0}}}}}); err == nil {
		t.Error("measured without two photos of anybody")
	}
}

// A probe is as near to its person as two photos of somebody else are to each other.
func TestProbesAreAsNearAsPhotos(t *testing.T) {
	p, err := newPopulation(folk(300, 192), 1)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(2, 2))
	var probes, photos float64
	for i := range 300 {
		who, photo := p.probe(r, 1)
		probes += dot(photo.Short, p.real[who][0].Short) / 300
		photos += dot(p.real[i][0].Short, p.real[i][1].Short) / 300
	}
	if probes < photos-0.03 || probes > photos+0.03 {
		t.Errorf("probes have %.3f, photos %.3f", probes, photos)
	}
	if who := rowOf(idOf(1234)); who != 1234 {
		t.Errorf("row %d", who)
	}
}
