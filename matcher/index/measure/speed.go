package measure

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
	"github.com/kaopass/kaopass/matcher/index/flat"
)

// Times of what is fast are taken more often in a round, so that all are taken in the same minutes.
const (
	searchesRound = 24
	exactsRound   = 4
)

// subsetShare is the part of the people who are in the subset: those on the site, of those enrolled.
const subsetShare = 8

// time measures one query at a time, each kind by turns, so that all meet the same machine.
func (b *bench) time() {
	var stream, flats, searches, strangers, exacts, subsets []float64
	rowBytes := (b.index.Dim() + 63) / 64 * 64
	memory, held := flat.Numbers(b.People * rowBytes / 4 / 256 * 256)
	defer runtime.KeepAlive(held)
	for i := range memory {
		memory[i] = 1
	}
	set := b.subset()
	at := 0
	for range b.Rounds {
		at++
		flats = append(flats, timed(func() { b.rows.Search(b.probe(at).Long, hitsAsked) }))
		for range exactsRound {
			at++
			stream = append(stream, timed(func() { flat.Stream(memory) }))
			exacts = append(exacts, timed(func() { b.index.Exact(b.probe(at).Short, hitsAsked, -1) }))
			subsets = append(subsets, timed(func() { b.index.Within(set, b.probe(at).Short, hitsAsked, -1) }))
		}
		for range searchesRound {
			at++
			searches = append(searches, timed(func() { b.index.Search(b.probe(at).Short, hitsAsked, -1) }))
		}
		for range searchesRound / 4 {
			stranger := b.people.stranger(b.random)
			strangers = append(strangers, timed(func() { b.index.Search(stranger.Short, hitsAsked, -1) }))
		}
	}
	r := &b.result
	r.Flat, r.Search, r.SearchMean, r.Stranger, r.Exact = median(flats), median(searches), mean(searches), median(strangers), median(exacts)
	r.Subset, r.SubsetOf = median(subsets), set.Len()
	r.Speedup, r.ExactTimes = r.Flat/r.Search, r.Flat/r.Exact
	r.Stream = float64(len(memory)) * 4 / median(stream) / 1e6
	r.ExactGBps = float64(b.People*rowBytes) / r.Exact / 1e6
	r.FlatGBps = float64(len(b.rows.All)) * 4 / r.Flat / 1e6
	r.Bandwidth = r.ExactGBps / r.Stream
}

// subset is an eighth of the people, drawn at random.
func (b *bench) subset() *index.Set {
	set := b.index.NewSet()
	for i := range b.People {
		if b.random.IntN(subsetShare) == 0 {
			set.Add(idOf(i))
		}
	}
	return set
}

// batchTime is how long each size of batch is asked at each number of threads.
const batchTime = time.Second

// batches measures passes of several queries, and tills' searches, on one thread and on more.
func (b *bench) batches() {
	b.result.Batch, b.result.Till = map[string]map[string]Rate{}, map[string]Rate{}
	for _, size := range []int{1, 8, 32} {
		row := map[string]Rate{}
		for _, threads := range b.Threads {
			row[fmt.Sprint(threads)] = b.rate(threads, size, func(queries [][]float32) {
				b.index.ExactAll(queries, hitsAsked, -1)
			})
		}
		b.result.Batch[fmt.Sprint(size)] = row
	}
	for _, threads := range b.Threads {
		b.result.Till[fmt.Sprint(threads)] = b.rate(threads, 1, func(queries [][]float32) {
			b.index.Search(queries[0], hitsAsked, -1)
		})
	}
}

// rate asks for a while, from several threads.
func (b *bench) rate(threads, size int, ask func(queries [][]float32)) Rate {
	var (
		all    sync.WaitGroup
		lock   sync.Mutex
		passes []float64
	)
	begun := time.Now()
	for thread := range threads {
		all.Go(func() {
			queries := make([][]float32, size)
			for at := thread * 1000; time.Since(begun) < batchTime; at += size {
				for i := range queries {
					queries[i] = b.probe(at + i).Short
				}
				took := timed(func() { ask(queries) })
				lock.Lock()
				passes = append(passes, took)
				lock.Unlock()
			}
		})
	}
	all.Wait()
	return Rate{median(passes), float64(len(passes)*size) / time.Since(begun).Seconds()}
}

// How many are added and erased.
const (
	comers  = 20_000
	leavers = 1_000
)

// comeAndGo adds people, and erases some of them while somebody searches; none of those may be found again.
func (b *bench) comeAndGo() {
	newcomers := make([]Photo, comers)
	for i := range newcomers {
		newcomers[i] = b.people.stranger(b.random)
	}
	guest := func(i int) kaopass.EnrolmentID { return idOf(b.People + i) }
	took := timed(func() {
		for i, ph := range newcomers {
			b.index.Put(guest(i), ph.Short)
		}
	})
	b.result.AddsPerSecond = comers / took * 1000
	stop, searching := make(chan struct{}), sync.WaitGroup{}
	searching.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				b.index.Exact(b.probe(i).Short, hitsAsked, -1)
			}
		}
	})
	var erasures []float64
	for i, ph := range newcomers {
		took := timed(func() { b.index.Remove(guest(i)) })
		if i >= leavers {
			continue
		}
		erasures = append(erasures, took*1000)
		b.result.ErasedTried++
		if b.finds(guest(i), ph) {
			b.result.ErasedFound++
		}
	}
	close(stop)
	searching.Wait()
	b.result.Erase = median(erasures)
	for _, e := range erasures {
		b.result.EraseMax = max(b.result.EraseMax, e)
	}
}

// finds reports whether a search for exactly this face answers the person; every tenth of them exactly.
func (b *bench) finds(who kaopass.EnrolmentID, ph Photo) bool {
	hits := b.index.Search(ph.Short, hitsAsked, -1)
	if b.result.ErasedTried%10 == 0 {
		hits = append(hits, b.index.Exact(ph.Short, hitsAsked, -1)...)
	}
	for _, h := range hits {
		if h.ID == who {
			return true
		}
	}
	return false
}
