package evaluate

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/index"
)

// venue is a gallery of made-up people, part of them on the site.
type venue struct {
	people *index.Index
	onSite *index.Set

	size int
}

// openVenue fills a gallery; workers draw side by side, each from its own seed, so that the same seed makes the same
// people.
func openVenue(ctx context.Context, g *generator, size, onSite int, seed uint64, workers int, say Say) (*venue, error) {
	v := &venue{people: index.New(g.dim), size: size}
	v.onSite = v.people.NewSet()
	const part = 10_000
	err := eachOf(ctx, "parts of the population", (size+part-1)/part, workers, say, func(at int) error {
		random := rand.New(rand.NewPCG(seed, uint64(at)))
		for i := at * part; i < min((at+1)*part, size); i++ {
			id := kaopass.EnrolmentID(fmt.Sprintf("%09d", i))
			if !v.people.Put(id, g.draw(random)) {
				return fmt.Errorf("the index does not take person %d", i)
			}
			if i < onSite && !v.onSite.Add(id) {
				return fmt.Errorf("person %d does not enter", i)
			}
		}
		return nil
	})
	return v, err
}

// met is whom a probe meets: the nearest of everyone and of those on the site, with the mean of the nearest 20 of each
// candidate. Everything is as the index has it, not stretched.
type met struct {
	all, onSite         []float64 // the nearest 21, best first
	allMean, onSiteMean float64   // of the best one's own neighbourhood
}

// search asks the venue for many probes at once, exactly.
func (v *venue) search(ctx context.Context, probes [][]float32, workers int, say Say) ([]met, error) {
	out := make([]met, len(probes))
	const batch = 32
	err := eachOf(ctx, "batches of searches", (len(probes)+batch-1)/batch, workers, say, func(at int) error {
		part := probes[at*batch : min((at+1)*batch, len(probes))]
		candidates := make([][]float32, 0, 2*len(part))
		for i, hits := range v.people.ExactAll(part, matcher.NearestOthers+1, -1) {
			here := v.people.Within(v.onSite, part[i], matcher.NearestOthers+1, -1)
			out[at*batch+i] = met{all: scores(hits), onSite: scores(here)}
			for _, best := range []index.Hit{hits[0], here[0]} {
				vector, _ := v.people.Vector(best.ID)
				candidates = append(candidates, vector)
			}
		}
		means := v.means(candidates, 1)
		for i := range part {
			out[at*batch+i].allMean, out[at*batch+i].onSiteMean = means[2*i], means[2*i+1]
		}
		return nil
	})
	return out, err
}

// means is the mean similarity of each vector to its 20 nearest, after leaving out the first so many: itself, where it is
// in the gallery.
func (v *venue) means(vectors [][]float32, leave int) []float64 {
	out := make([]float64, len(vectors))
	for i, hits := range v.people.ExactAll(vectors, matcher.NearestOthers+leave, -1) {
		out[i] = meanOf(scores(hits)[leave:])
	}
	return out
}

func scores(hits []index.Hit) []float64 {
	out := make([]float64, len(hits))
	for i, h := range hits {
		out[i] = float64(h.Score)
	}
	return out
}

func meanOf(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x / float64(len(v))
	}
	return sum
}
