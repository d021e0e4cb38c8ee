package flat

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, dim := range []int{16, 192, 512} {
		rows := New(1000, dim)
		for i := range 1000 * dim {
			rows.All[i] = float32(r.NormFloat64())
		}
		queries := [][]float32{rows.Row(3), rows.Row(999), rows.Row(512)}
		for i, hits := range rows.SearchAll(queries, 5) {
			want := make([]float32, 1000)
			dotsGo(want, rows.All, queries[i])
			for j, h := range hits {
				if math.Abs(float64(h.Score-want[h.Row])) > 1e-3 || j > 0 && h.Score > hits[j-1].Score {
					t.Fatalf("row %d has %g, want %g", h.Row, h.Score, want[h.Row])
				}
			}
			if len(hits) != 5 || hits[0].Row != []int{3, 999, 512}[i] {
				t.Fatalf("%d: found %v", dim, hits)
			}
		}
		if one := rows.Search(queries[0], 1); len(one) != 1 || one[0].Row != 3 {
			t.Errorf("found %v", one)
		}
	}
}

func TestStreamReadsAll(t *testing.T) {
	memory := make([]float32, 4096)
	if Stream(memory) != 0 {
		t.Error("nothing adds up to something")
	}
	memory[4095], memory[0] = 1, 1
	if Stream(memory) == 0 || streamGo(memory) != 2 {
		t.Error("the ends are not read")
	}
}
