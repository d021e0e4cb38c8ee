package index

import (
	"bytes"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// soakFor is how long the soak lasts: KAOPASS_SOAK=30m, and a second where nobody asks for more.
func soakFor(t *testing.T) time.Duration {
	lasts, err := time.ParseDuration(os.Getenv("KAOPASS_SOAK"))
	if err != nil && os.Getenv("KAOPASS_SOAK") != "" {
		t.Fatal(err)
	}
	return max(lasts, time.Second)
}

// soak is an index under all that is done to it at once, and what is counted meanwhile.
type soak struct {
	*Index
	t     *testing.T
	here  *Set
	until time.Time

	puts, removes, searches, subsets, batches, snapshots atomic.Int64
}

// soakRange is how many ids one keeper has; keepers never touch each other's, so each knows what is true of its own.
const soakRange = 2_000

// TestSoak lets people come and go while others search, search subsets, ask in batches and write snapshots. Whoever was
// put is found by the next search, whoever was removed never again; memory stays flat.
func TestSoak(t *testing.T) {
	s := &soak{Index: New(dim), t: t, until: time.Now().Add(soakFor(t))}
	s.here = s.NewSet()
	var all sync.WaitGroup
	kept := make([]map[kaopass.EnrolmentID][]float32, 3)
	for i := range kept {
		all.Go(func() { kept[i] = s.keep(i) })
	}
	all.Go(s.batch)
	all.Go(s.write)
	all.Go(s.empty)
	heap := s.watch()
	all.Wait()
	people := 0
	for _, mine := range kept {
		people += len(mine)
		for id, v := range mine {
			if hits := s.Exact(v, 1, 0.9); len(hits) != 1 || hits[0].ID != id {
				t.Fatalf("%s is not found in the end", id)
			}
		}
	}
	if s.Len() != people {
		t.Fatalf("%d people, %d are known", s.Len(), people)
	}
	t.Logf("%d put, %d removed, %d searches, %d of subsets, %d batches, %d snapshots; heap at most %.1f MB, then %.1f MB",
		s.puts.Load(), s.removes.Load(), s.searches.Load(), s.subsets.Load(), s.batches.Load(), s.snapshots.Load(),
		float64(heap[0])/1e6, float64(heap[1])/1e6)
	if heap[1] > heap[0]+heap[0]/2+(8<<20) {
		t.Fatalf("memory grew from %d to %d bytes", heap[0], heap[1])
	}
}

func (s *soak) goesOn() bool { return time.Now().Before(s.until) && !s.t.Failed() }

// keep puts, replaces and removes its own people at random, and asks after each change whether it is so.
func (s *soak) keep(keeper int) map[kaopass.EnrolmentID][]float32 {
	r := rand.New(rand.NewPCG(uint64(keeper), 7))
	mine := map[kaopass.EnrolmentID][]float32{}
	for s.goesOn() {
		who := id(keeper*soakRange + r.IntN(soakRange))
		if v, here := mine[who]; here && r.IntN(2) == 0 {
			s.remove(who, v)
			delete(mine, who)
			continue
		}
		mine[who] = unit(r, dim)
		s.put(who, mine[who], r.IntN(2) == 0)
	}
	return mine
}

func (s *soak) put(who kaopass.EnrolmentID, v []float32, here bool) {
	s.puts.Add(1)
	if !s.Put(who, v) {
		s.t.Errorf("%s was not put", who)
	}
	s.searches.Add(1)
	if hits := s.Search(v, 1, 0.9); len(hits) != 1 || hits[0].ID != who {
		s.t.Errorf("%s was put and is not found", who)
	}
	if here && s.here.Add(who) {
		s.subsets.Add(1) // others empty the set, so that nothing is sure but that nobody else is taken for this one
		if hits := s.Within(s.here, v, 1, 0.9); len(hits) == 1 && hits[0].ID != who {
			s.t.Errorf("%s is on the site, and somebody else is found", who)
		}
	}
}

func (s *soak) remove(who kaopass.EnrolmentID, v []float32) {
	s.removes.Add(1)
	if !s.Remove(who) {
		s.t.Errorf("%s was here and could not be removed", who)
	}
	s.searches.Add(2)
	for _, hits := range [][]Hit{s.Search(v, 8, -1), s.Exact(v, 8, -1), s.Within(s.here, v, 8, -1)} {
		for _, h := range hits {
			if h.ID == who {
				s.t.Errorf("%s was removed and is found", who)
			}
		}
	}
	if _, found := s.Vector(who); found {
		s.t.Errorf("%s was removed and the numbers are there", who)
	}
}

func (s *soak) batch() {
	r := rand.New(rand.NewPCG(9, 9))
	for s.goesOn() {
		time.Sleep(10 * time.Millisecond)
		queries := make([][]float32, 1+r.IntN(2*BatchMax))
		for i := range queries {
			queries[i] = unit(r, dim)
		}
		s.batches.Add(1)
		for _, hits := range s.ExactAll(queries, 20, -1) {
			for i := 1; i < len(hits); i++ {
				if hits[i].Score > hits[i-1].Score {
					s.t.Error("hits are not in order")
				}
			}
		}
	}
}

// write writes snapshots and reads them again.
func (s *soak) write() {
	for s.goesOn() {
		s.snapshots.Add(1)
		var b bytes.Buffer
		if err := s.Write(&b); err != nil {
			s.t.Error(err)
		}
		if _, err := Read(&b); err != nil {
			s.t.Error(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// empty ends the day.
func (s *soak) empty() {
	for s.goesOn() {
		time.Sleep(100 * time.Millisecond)
		s.here.Clear()
	}
}

// watch answers the largest heap of the first half and of the second.
func (s *soak) watch() (heap [2]uint64) {
	lasts := time.Until(s.until)
	half := time.Now().Add(lasts / 2)
	for s.goesOn() {
		time.Sleep(min(lasts/20, 10*time.Second))
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		at := 0
		if time.Now().After(half) {
			at = 1
		}
		heap[at] = max(heap[at], m.HeapAlloc)
	}
	return heap
}
