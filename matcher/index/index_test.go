package index

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/kaopass/kaopass"
)

const dim = 64

func unit(r *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	var square float64
	for i := range v {
		x := r.NormFloat64()
		v[i], square = float32(x), square+x*x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return v
}

func id(i int) kaopass.EnrolmentID { return kaopass.EnrolmentID(fmt.Sprintf("enr_%07d", i)) }

// plain is the search as one would write it without thinking.
func plain(people map[kaopass.EnrolmentID][]float32, query []float32, k int, floor float32) []Hit {
	var all []Hit
	for id, v := range people {
		var s float64
		for i := range v {
			s += float64(v[i]) * float64(query[i])
		}
		if float32(s) >= floor {
			all = append(all, Hit{id, float32(s)})
		}
	}
	slices.SortFunc(all, func(a, b Hit) int {
		if a.Score > b.Score {
			return -1
		}
		return 1
	})
	return all[:min(len(all), k)]
}

func TestSearchIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x, people := New(dim), map[kaopass.EnrolmentID][]float32{}
	for i := range 2*chunkRows + 100 {
		v := unit(r, dim)
		people[id(i)] = v
		if !x.Put(id(i), v) {
			t.Fatal("not put")
		}
	}
	for i := 0; i < 2*chunkRows; i += 3 { // and some leave, and some come again with another face
		delete(people, id(i))
		if !x.Remove(id(i)) {
			t.Fatal("not removed")
		}
		if i%2 == 0 {
			people[id(i)] = unit(r, dim)
			x.Put(id(i), people[id(i)])
		}
	}
	if x.Len() != len(people) {
		t.Fatalf("%d people, want %d", x.Len(), len(people))
	}
	for range 50 {
		query, floor := unit(r, dim), float32(0.2)
		got, want := x.Search(query, 21, floor), plain(people, query, 21, floor)
		if len(got) != len(want) {
			t.Fatalf("%d hits, want %d", len(got), len(want))
		}
		for i := range got {
			if got[i].ID != want[i].ID || math.Abs(float64(got[i].Score-want[i].Score)) > 1e-5 {
				t.Fatalf("hit %d is %+v, want %+v", i, got[i], want[i])
			}
		}
	}
}

func TestAnErasedPersonsNumbersAreOverwritten(t *testing.T) {
	x := New(4)
	x.Put("enr_a", []float32{1, 0, 0, 0})
	x.Put("enr_b", []float32{0, 1, 0, 0})
	if !x.Remove("enr_a") || x.Remove("enr_a") {
		t.Error("removed never or twice")
	}
	if got := x.Search([]float32{1, 0, 0, 0}, 5, -1); len(got) != 1 || got[0].ID != "enr_b" {
		t.Errorf("found %v", got)
	}
	if rows := x.chunks[0].rows; slices.Contains(rows[:4], 1) || x.chunks[0].ids[0] != "" {
		t.Errorf("the row still holds %v", rows[:4])
	}
	x.Put("enr_c", []float32{0, 0, 1, 0})
	if len(x.chunks[0].ids) != 2 || x.Len() != 2 {
		t.Error("the free row was not used again")
	}
}

func TestGrowingLeavesNothingBehind(t *testing.T) {
	x := New(2)
	x.Put("enr_0", []float32{1, 0})
	before := x.chunks[0].rows[:2:2]
	for i := range 2000 {
		x.Put(id(i), []float32{0, 1})
	}
	if before[0] != 0 {
		t.Error("the numbers were left where they had been")
	}
}

func TestWhatIsNoVectorIsNotPut(t *testing.T) {
	x := New(3)
	if x.Put("enr_a", []float32{1, 0}) || x.Put("", []float32{1, 0, 0}) || x.Put("enr_a", nil) || x.Len() != 0 {
		t.Error("put")
	}
	if x.Search([]float32{1}, 3, 0) != nil || x.Search([]float32{1, 0, 0}, 0, 0) != nil {
		t.Error("found")
	}
}

// Searches go on while people come and go, and whoever is there throughout is always found.
func TestPeopleComeAndGoWhileOthersSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := New(dim)
	resident := unit(r, dim)
	x.Put("enr_resident", resident)
	vectors := make([][]float32, 64)
	for i := range vectors {
		vectors[i] = unit(r, dim)
	}
	var writers, readers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 2000 {
				x.Put(id(w*10000+i%500), vectors[i%len(vectors)])
				if i%3 == 0 {
					x.Remove(id(w*10000 + (i+250)%500))
				}
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for range 200 {
				if got := x.Search(resident, 1, 0.9); len(got) != 1 || got[0].ID != "enr_resident" {
					t.Errorf("found %v", got)
					return
				}
				x.Len()
			}
		})
	}
	writers.Wait()
	readers.Wait()
}

func BenchmarkSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	x := New(512)
	for i := range 50_000 {
		x.Put(id(i), unit(r, 512))
	}
	query := unit(r, 512)
	b.ReportAllocs()
	for b.Loop() {
		x.Search(query, 21, 0.4)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/50_000, "ns/person")
}
