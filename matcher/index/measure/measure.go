// Package measure asks of an index what a venue rests on: how fast, how exact, how large, and whether the erased are
// gone; beside a float32 search of everyone on the same people in the same minute.
package measure

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/kaopass/kaopass/matcher/index"
	"github.com/kaopass/kaopass/matcher/index/flat"
)

// Config says what to measure. Zero numbers mean their defaults.
type Config struct {
	People  int       // enrolled; the real ones are the first of them
	Real    [][]Photo // of each real person
	Probes  int       // of framesFused photos each; default 10,000
	Threads []int     // default 1 and 2
	Rounds  int       // of timing; default 9
	Say     func(format string, args ...any)
	// Peer, if set, is shown the enrolled rows and some probes once all else is measured.
	Peer func(rows *flat.Rows, people int, probes [][]float32, truth []int) map[string]any
}

// seed makes every run draw the same people.
const seed = 20261122

// framesFused is of how many photos a probe is made: a till sends up to five, and with a million people enrolled one is
// known not to be enough (DESIGN, section 7).
const framesFused = 3

// singlesShare is how many probes of one photo are asked as well, as a part of the others.
const singlesShare = 5

// The defaults of Config.
const (
	probesDefault = 10_000
	roundsDefault = 9
)

// hitsAsked is how many hits a till asks for (DESIGN, section 7: ranks 2 to 21 say how crowded the place is).
const hitsAsked = 21

// Result is what bench search tells. Times are medians on one thread, in milliseconds, unless said otherwise.
type Result struct {
	CPU     string `json:"cpu"`
	Kernels string `json:"kernels"`
	N       int    `json:"n"`
	Dim     int    `json:"dim"`
	Real    int    `json:"real_people"` // of N
	Lifted  bool   `json:"lifted"`      // too few real people: the reference is the same vector

	BytesPerPerson float64 `json:"bytes_per_person"` // on the heap and beside it, all counted

	FlatDim    int     `json:"flat_dim"`
	Flat       float64 `json:"flat_f32_ms"`
	FlatGBps   float64 `json:"flat_gb_per_s"`
	Search     float64 `json:"search_ms"`      // probes of those enrolled
	SearchMean float64 `json:"search_mean_ms"` // of the same
	Stranger   float64 `json:"search_stranger_ms"`
	Speedup    float64 `json:"speedup"` // Flat over Search
	Exact      float64 `json:"exact_ms"`
	ExactTimes float64 `json:"exact_speedup"`
	Subset     float64 `json:"subset_ms"` // an eighth of the people, exactly
	SubsetOf   int     `json:"subset_people"`
	Stream     float64 `json:"stream_gb_per_s"` // reading as much memory, and nothing else
	ExactGBps  float64 `json:"exact_gb_per_s"`
	Bandwidth  float64 `json:"exact_bandwidth_share"`

	Accuracy
	Single Accuracy                   `json:"one_photo"` // the same for probes of one photo
	Batch  map[string]map[string]Rate `json:"batch"`     // exact: queries in a pass, then threads
	Till   map[string]Rate            `json:"till"`      // searches one by one: threads

	AddsPerSecond float64 `json:"adds_per_s"` // one thread
	Erase         float64 `json:"erase_us"`   // while somebody searches
	EraseMax      float64 `json:"erase_us_max"`
	ErasedFound   int     `json:"erased_found"` // of ErasedTried, by either search
	ErasedTried   int     `json:"erased_tried"`

	Peers map[string]any `json:"peers"`
}

// Rate is how long a pass takes and how many queries that is a second, on all threads together.
type Rate struct {
	Milliseconds float64 `json:"ms"`
	PerSecond    float64 `json:"per_s"`
}

// OK reports whether what must hold holds, whatever the machine: the erased are gone, whoever is enrolled is found.
func (r *Result) OK() bool { return r.ErasedFound == 0 && r.Recall >= recallMin }

// recallMin is the share of those enrolled that must be found as float32 finds them.
const recallMin = 0.9999

// bench is one run.
type bench struct {
	Config
	people  *population
	rows    *flat.Rows
	index   *index.Index
	probes  []question
	singles []question
	random  *rand.Rand
	result  Result
}

// question is a probe, and whose face it is.
type question struct {
	who int
	Photo
}

// Run measures. It needs 2.5 kB of memory a person.
func Run(ctx context.Context, c Config) (*Result, error) {
	b := &bench{Config: c, random: rand.New(rand.NewPCG(seed, 1))}
	if b.Probes == 0 {
		b.Probes = probesDefault
	}
	if b.Rounds == 0 {
		b.Rounds = roundsDefault
	}
	if len(b.Threads) == 0 {
		b.Threads = []int{1, 2}
	}
	if b.Say == nil {
		b.Say = func(string, ...any) {}
	}
	var err error
	if b.people, err = newPopulation(c.Real, seed); err != nil {
		return nil, err
	}
	if c.People < len(b.people.real) {
		return nil, errors.New("more real people than are to be enrolled")
	}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"making everyone's float32 rows", b.fill}, {"enrolling everyone in the index", b.enrol},
		{"timing one query at a time", b.time}, {"timing batches", b.batches}, {"comparing with float32", b.accuracy},
		{"adding and erasing", b.comeAndGo}, {"asking peers", b.peers},
	} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b.Say("%s", step.name)
		step.do()
	}
	return &b.result, nil
}

func (b *bench) fill() {
	b.rows = b.people.flatRows(b.People, seed)
	b.probes, b.singles = b.draw(b.Probes, framesFused), b.draw(b.Probes/singlesShare, 1)
	b.result.N, b.result.FlatDim, b.result.Real, b.result.Lifted = b.People, b.rows.Dim, len(b.people.real), b.people.lifted
}

func (b *bench) draw(n, frames int) (out []question) {
	for range n {
		who, photo := b.people.probe(b.random, frames)
		out = append(out, question{who, photo})
	}
	return out
}

// enrol measures what the index alone takes on the heap.
func (b *bench) enrol() {
	before := heap()
	b.index = index.New(len(b.people.mean.Short))
	b.people.enrol(b.index, b.People, seed)
	b.result.BytesPerPerson = (heap() - before + float64(b.index.Mapped())) / float64(b.index.Len())
	b.result.Dim, b.result.Kernels = b.index.Dim(), b.index.Kernels()
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools are emptied by the second
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// probe is a probe by turns.
func (b *bench) probe(i int) question { return b.probes[i%len(b.probes)] }

func (b *bench) peers() {
	b.result.Peers = map[string]any{}
	if b.Peer == nil {
		return
	}
	const some = 96
	var probes [][]float32
	var truth []int
	for i := range min(some, len(b.probes)) {
		probes = append(probes, b.probe(i).Long)
		truth = append(truth, b.rows.Search(b.probe(i).Long, 1)[0].Row)
	}
	b.result.Peers = b.Peer(b.rows, b.People, probes, truth)
}

// timed is how long something takes, in milliseconds.
func timed(do func()) float64 {
	begun := time.Now()
	do()
	return float64(time.Since(begun)) / float64(time.Millisecond)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func mean(v []float64) (sum float64) {
	for _, x := range v {
		sum += x / float64(len(v))
	}
	return sum
}
