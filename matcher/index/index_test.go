package index

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/kaopass/kaopass"
	"pgregory.net/rapid"
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

func cosine(a, b []float32) float32 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return float32(s)
}

// naive is the search as one would write it without thinking.
func naive(people map[kaopass.EnrolmentID][]float32, query []float32, k int, floor float32) []Hit {
	var all []Hit
	for id, v := range people {
		if s := cosine(v, query); s >= floor {
			all = append(all, Hit{ID: id, Score: s})
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

// kept is everyone as the index keeps them.
func kept(x *Index) map[kaopass.EnrolmentID][]float32 {
	all := map[kaopass.EnrolmentID][]float32{}
	x.Each(func(id kaopass.EnrolmentID, vector []float32, _ float32) bool {
		all[id] = slices.Clone(vector)
		return true
	})
	return all
}

// tester is what tests and properties have in common.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// same fails unless both name the same people with the same scores, but for those nearer to each other than rounding.
func same(t tester, got, want []Hit) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d hits, want %d", len(got), len(want))
	}
	for i := range got {
		if math.Abs(float64(got[i].Score-want[i].Score)) > 2e-6 {
			t.Fatalf("hit %d is %+v, want %+v", i, got[i], want[i])
		}
		if got[i].ID != want[i].ID && !slices.ContainsFunc(want, func(h Hit) bool {
			return h.ID == got[i].ID && math.Abs(float64(h.Score-got[i].Score)) < 2e-6
		}) && math.Abs(float64(got[i].Score-want[len(want)-1].Score)) > 2e-6 {
			t.Fatalf("hit %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

// crowd fills an index; some leave, and some of them come again with another face.
func crowd(t testing.TB, r *rand.Rand, dim, n int) (*Index, map[kaopass.EnrolmentID][]float32) {
	t.Helper()
	x, people := New(dim), map[kaopass.EnrolmentID][]float32{}
	put := func(i int) {
		v := unit(r, dim)
		people[id(i)] = v
		if !x.Put(id(i), v) {
			t.Fatal("not put")
		}
	}
	for i := range n {
		put(i)
	}
	for i := 0; i < n; i += 3 {
		delete(people, id(i))
		if !x.Remove(id(i)) {
			t.Fatal("not removed")
		}
		if i%2 == 0 {
			put(i)
		}
	}
	if x.Len() != len(people) {
		t.Fatalf("%d people, want %d", x.Len(), len(people))
	}
	return x, people
}

// An exact search answers what a plain loop over the vectors as kept answers, whatever the number of dimensions; and
// what is kept is what was put, but for bytes.
func TestExactIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	dims, n := []int{3, 64, 100, 192, 512}, chunkRows+700
	if raced {
		dims, n = dims[:2], 700
	}
	for _, dim := range dims {
		x, people := crowd(t, r, dim, n)
		stored := kept(x)
		if len(stored) != len(people) {
			t.Fatalf("%d kept, want %d", len(stored), len(people))
		}
		queries := make([][]float32, BatchMax+5)
		for i := range queries {
			queries[i] = unit(r, dim)
		}
		all := x.ExactAll(queries, 21, 0.1)
		for i, query := range queries {
			want := naive(stored, query, 21, 0.1)
			same(t, x.Exact(query, 21, 0.1), want)
			same(t, all[i], want)
			for _, h := range want {
				if off := math.Abs(float64(h.Score - cosine(people[h.ID], query))); off > 0.01 {
					t.Fatalf("bytes move a cosine by %g in %d dimensions", off, dim)
				}
			}
		}
	}
}

// What an index must be, whoever comes and goes: the same as a map of the vectors.
func TestIndexIsAMap(t *testing.T) {
	if raced {
		t.Skip("one goroutine has no races, and this one walks far")
	}
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		const dim = 16
		x, people, means := New(dim), map[kaopass.EnrolmentID][]float32{}, map[kaopass.EnrolmentID]float32{}
		set, inSet := x.NewSet(), map[kaopass.EnrolmentID]bool{}
		some := rapid.Custom(func(t *rapid.T) kaopass.EnrolmentID { return id(rapid.IntRange(0, 200).Draw(t, "person")) })
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				who, v := some.Draw(t, "id"), unit(r, dim)
				if !x.Put(who, v) {
					t.Fatal("not put")
				}
				people[who], means[who] = v, float32(math.NaN())
			},
			"remove": func(t *rapid.T) {
				who := some.Draw(t, "id")
				if _, known := people[who]; x.Remove(who) != known {
					t.Fatal("removed or not")
				}
				delete(people, who)
				delete(inSet, who)
			},
			"mean": func(t *rapid.T) {
				who, mean := some.Draw(t, "id"), rapid.Float32Range(-1, 1).Draw(t, "mean")
				if _, known := people[who]; x.SetMean(who, mean) != known {
					t.Fatal("set or not")
				}
				means[who] = mean
			},
			"set": func(t *rapid.T) {
				who := some.Draw(t, "id")
				if rapid.Bool().Draw(t, "in") {
					if _, known := people[who]; set.Add(who) != known {
						t.Fatal("added or not")
					} else if known {
						inSet[who] = true
					}
				} else if set.Remove(who) != inSet[who] {
					t.Fatal("out of the set or not")
				} else {
					delete(inSet, who)
				}
			},
			"": func(t *rapid.T) { isMap(t, x, set, people, means, inSet, unit(r, dim)) },
		})
	})
}

func isMap(t *rapid.T, x *Index, set *Set, people map[kaopass.EnrolmentID][]float32, means map[kaopass.EnrolmentID]float32,
	inSet map[kaopass.EnrolmentID]bool, query []float32) {
	stored, members := kept(x), map[kaopass.EnrolmentID][]float32{}
	if len(stored) != len(people) || x.Len() != len(people) || set.Len() != len(inSet) {
		t.Fatalf("%d kept, %d people, %d in the set; want %d and %d", len(stored), x.Len(), set.Len(), len(people), len(inSet))
	}
	for who := range inSet {
		members[who] = stored[who]
	}
	same(t, x.Exact(query, 5, -1), naive(stored, query, 5, -1))
	same(t, x.Within(set, query, 5, -1), naive(members, query, 5, -1))
	for _, h := range x.Exact(query, 5, -1) {
		if want := means[h.ID]; h.Mean != want && !(math.IsNaN(float64(want)) && math.IsNaN(float64(h.Mean))) {
			t.Fatalf("%s has the mean %g, want %g", h.ID, h.Mean, want)
		}
		if v, known := x.Vector(h.ID); !known || cosine(v, people[h.ID]) < 0.999 {
			t.Fatalf("%s is kept as somebody else", h.ID)
		}
	}
}

func TestAnErasedPersonsNumbersAreOverwritten(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	x := New(dim)
	a, b := unit(r, dim), unit(r, dim)
	x.Put("enr_a", a)
	x.Put("enr_b", b)
	x.SetMean("enr_a", 0.25)
	set := x.NewSet()
	set.Add("enr_a")
	if !x.Remove("enr_a") || x.Remove("enr_a") {
		t.Error("removed never or twice")
	}
	if got := x.Exact(a, 5, -1); len(got) != 1 || got[0].ID != "enr_b" {
		t.Errorf("found %v", got)
	}
	c := (*x.chunks.Load())[0]
	if slices.Max(c.bytes(0)) != 0 || c.scales[0] != 0 || c.means[0] != 0 || c.ids[0] != (identity{}) {
		t.Error("the row still holds something")
	}
	for i := range c.stride / 8 {
		if c.plane[i*runRows] != 0 {
			t.Error("the plane still holds a sign")
		}
	}
	if set.Len() != 0 || set.Remove("enr_a") {
		t.Error("the set still has the person")
	}
	if x.SetMean("enr_a", 1) {
		t.Error("the erased person has a mean")
	}
	if _, known := x.Vector("enr_a"); known {
		t.Error("the erased person has a vector")
	}
	x.Put("enr_c", b)
	if x.used != 2 || x.Len() != 2 || set.Len() != 0 {
		t.Error("the free row was not used again, or its new person is in the set")
	}
}

func TestWhatIsNoVectorIsNotPut(t *testing.T) {
	x := New(3)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, v := range [][]float32{{1, 0}, nil, {0, 0, 0}, {nan, 0, 1}, {inf, 0, 0}} {
		if x.Put("enr_a", v) || x.Exact(v, 3, 0) != nil {
			t.Errorf("%v was put or found", v)
		}
	}
	if x.Put("", []float32{1, 0, 0}) || x.Put("enr_of_somebody_with_a_very_long_name", []float32{1, 0, 0}) || x.Len() != 0 {
		t.Error("put")
	}
	x.Put("enr_a", []float32{1, 0, 0})
	if x.Exact([]float32{1, 0, 0}, 0, 0) != nil || x.Exact([]float32{1, 0, 0}, 1, nan) != nil || x.Within(nil, []float32{1, 0, 0}, 1, 0) != nil {
		t.Error("found")
	}
	if got := x.ExactAll([][]float32{{1, 0}, {1, 0, 0}}, 1, 0); got[0] != nil || len(got[1]) != 1 {
		t.Errorf("found %v", got)
	}
}

// Searches go on while people come and go, and whoever is there throughout is always found; the set goes with them.
func TestPeopleComeAndGoWhileOthersSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	x := New(dim)
	resident := unit(r, dim)
	x.Put("enr_resident", resident)
	set := x.NewSet()
	set.Add("enr_resident")
	vectors := make([][]float32, 64)
	for i := range vectors {
		vectors[i] = unit(r, dim)
	}
	var writers, readers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 500 {
				x.Put(id(w*10000+i%500), vectors[i%len(vectors)])
				set.Add(id(w*10000 + i%500))
				if i%3 == 0 {
					x.Remove(id(w*10000 + (i+250)%500))
				}
			}
		})
	}
	for i := range 3 {
		readers.Go(func() {
			for range 30 {
				search := []func() []Hit{
					func() []Hit { return x.Search(resident, 1, 0.9) },
					func() []Hit { return x.Within(set, resident, 1, 0.9) },
					func() []Hit { return x.ExactAll([][]float32{resident, vectors[0]}, 1, 0.9)[0] },
				}[i]
				if got := search(); len(got) != 1 || got[0].ID != "enr_resident" {
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

// Whoever was removed is in no answer that is given afterwards, also of a search that had begun before.
func TestNobodyRemovedIsInALaterAnswer(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	x := New(dim)
	v := unit(r, dim)
	x.Put("enr_a", v)
	s := x.take()
	s.queries[0].ask(x.space, v, 5, -1)
	x.scan(s, 1)
	x.Remove("enr_a")
	if got := x.hits(s.queries[0]); len(got) != 0 {
		t.Errorf("found %v", got)
	}
}

func TestScanAllocatesNothing(t *testing.T) {
	if raced {
		t.Skip("the race detector makes pools forget")
	}
	r := rand.New(rand.NewPCG(5, 6))
	x, _ := crowd(t, r, dim, 5000)
	s := newScratch(x.space)
	query := unit(r, dim)
	if n := testing.AllocsPerRun(20, func() {
		s.queries[0].ask(x.space, query, 21, -1)
		x.scan(s, 1)
	}); n != 0 {
		t.Errorf("%v allocations in a scan", n)
	}
	v := unit(r, dim)
	if n := testing.AllocsPerRun(20, func() { x.Put("enr_0000001", v) }); n != 0 {
		t.Errorf("%v allocations in replacing a vector", n)
	}
}

func BenchmarkExact(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	x := New(192)
	for i := range 50_000 {
		x.Put(id(i), unit(r, 192))
	}
	query := unit(r, 192)
	b.ReportAllocs()
	for b.Loop() {
		x.Exact(query, 21, 0.4)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/50_000, "ns/person")
}
