package index

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"
)

// near is a unit vector with a given cosine to another.
func near(r *rand.Rand, v []float32, cos float64) []float32 {
	u := unit(r, len(v))
	along := cosine(u, v)
	var square float64
	for i := range u {
		u[i] -= along * v[i]
		square += float64(u[i]) * float64(u[i])
	}
	k := float32(math.Sqrt((1 - cos*cos) / square))
	for i := range u {
		u[i] = float32(cos)*v[i] + k*u[i]
	}
	return u
}

// large is an index in which the first stage is used.
func large(t testing.TB, r *rand.Rand, dim int) *Index {
	t.Helper()
	x := New(dim)
	for i := range quickChunks*chunkRows - 100 {
		x.Put(id(i), unit(r, dim))
	}
	return x
}

// Whoever is enrolled is found as the exact search finds them, however unlike the probe; the first stage is what found
// most of them.
func TestSearchFindsWhomExactFinds(t *testing.T) {
	if raced {
		t.Skip("too many people for the race detector")
	}
	r := rand.New(rand.NewPCG(11, 1))
	x := large(t, r, 192)
	s := newScratch(x.space)
	sure := 0
	for i := range 300 {
		who, cos := id(i*100), 0.3+0.6*r.Float64()
		v, _ := x.Vector(who)
		probe := near(r, v, cos)
		got, want := x.Search(probe, 3, -1), x.Exact(probe, 3, -1)
		if got[0].ID != want[0].ID || got[0].Score != want[0].Score {
			t.Errorf("at %.3f found %s, exactly %s", cos, got[0].ID, want[0].ID)
		}
		s.queries[0].ask(x.space, probe, 3, -1)
		if x.quick(s, 1) == 0 {
			sure++
		} else if cos > 0.55 {
			t.Errorf("not sure at %.3f", cos)
		}
	}
	if sure < 150 {
		t.Errorf("sure of %d in 300", sure)
	}
	if n := testing.AllocsPerRun(5, func() {
		s.queries[0].ask(x.space, unit(r, 192), 21, -1)
		x.quick(s, 1)
	}); n > 1 { // the probe's own
		t.Errorf("%v allocations in a search", n)
	}
}

// What signs say of a cosine is as near to it as the first stage takes for granted.
func TestSignsTellCosines(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	const dim = 192
	x := New(dim)
	var off, square float64
	const n = 2000
	for range n {
		v := unit(r, dim)
		x.Put("enr_a", v)
		cos := 1.8*r.Float64() - 0.9
		q := newScratch(x.space).queries[0]
		q.ask(x.space, near(r, v, cos), 1, -1)
		q.signs.draw(q.turned)
		told := float64(q.signs.cosine(float32(q.signs.sum((*x.chunks.Load())[0].plane)), dim)) - cos
		off, square = off+told/n, square+told*told/n/(1-cos*cos)
	}
	if width := math.Sqrt((math.Pi/2 - 1) / dim); math.Abs(off) > 0.005 || math.Sqrt(square) > 1.1*width {
		t.Errorf("signs are off by %.4f ± %.4f, want 0 ± %.4f", off, math.Sqrt(square), width)
	}
}

// Questions that wait are served together, each with its own answer; nobody waits who need not.
func TestWhoeverWaitsIsServedTogether(t *testing.T) {
	var (
		lock    sync.Mutex
		batches []int
		block   = make(chan struct{})
	)
	l := line{serve: func(requests []*request) {
		lock.Lock()
		batches = append(batches, len(requests))
		lock.Unlock()
		<-block
		for _, r := range requests {
			r.hits = []Hit{{Score: r.floor}}
		}
	}}
	cores := runtime.GOMAXPROCS(0)
	var all sync.WaitGroup
	for i := range cores + 40 {
		all.Go(func() {
			if got := l.ask(&request{floor: float32(i)}); got[0].Score != float32(i) {
				t.Errorf("%d was answered %v", i, got)
			}
		})
	}
	for waiting := 0; waiting < 40; time.Sleep(time.Millisecond) {
		l.lock.Lock()
		waiting = len(l.waiting)
		l.lock.Unlock()
	}
	close(block)
	all.Wait()
	alone, together := 0, 0
	for _, n := range batches {
		if n == 1 {
			alone++
		}
		together = max(together, n)
	}
	if alone < cores || together != BatchMax || l.running != 0 {
		t.Errorf("served %v, %d still running", batches, l.running)
	}
}

func BenchmarkSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	x := large(b, r, 192)
	v, _ := x.Vector(id(77))
	query := near(r, v, 0.7)
	b.ReportAllocs()
	for b.Loop() {
		x.Search(query, 21, -1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(x.Len()), "ns/person")
}
