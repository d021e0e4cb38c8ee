package measure

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/index"
	"github.com/kaopass/kaopass/matcher/index/flat"
)

// Photo is one photo's unit vector as two models make it: the one in force, and the longer one that it was made from.
type Photo struct{ Short, Long []float32 }

// realMin is from how many real people on others can be made of them.
const realMin = 200

// Others are made of real people: a generated person is the mean of all, and so much of one person's distance from it,
// and for the rest the distances of fifteen more, each weighed at random, scaled to length 1. It is made of the same
// people by the same weights for both models. With a share of 0.35, cosines of generated people to real ones have the
// tail that those of real strangers have (Labeled Faces in the Wild: 1 in 10,000 over 0.42 and 0.41).
const (
	dominant = 0.35
	mixed    = 16
)

// population is everyone who is enrolled and who will ask.
type population struct {
	real   [][]Photo // real people's photos; those of the first photo are enrolled
	mean   Photo
	off    []Photo // each real person's distance from the mean
	pairs  []pair  // of two photos of one person
	lifted bool    // the long vectors are the short ones with zeros between: too few real people, or no second model
}

// pair is how one photo of somebody differs from another.
type pair struct{ a, b Photo }

func newPopulation(people [][]Photo, seed uint64) (*population, error) {
	if len(people) == 0 {
		return nil, errors.New("no photo shows a face")
	}
	p := &population{real: people}
	if len(people) < realMin || people[0][0].Long == nil {
		p.lift(seed)
	}
	p.mean = Photo{make([]float32, len(p.real[0][0].Short)), make([]float32, len(p.real[0][0].Long))}
	for _, photos := range p.real {
		p.mean.add(photos[0], 1/float32(len(p.real)))
		for _, other := range photos[1:] {
			p.pairs = append(p.pairs, pair{photos[0], other})
		}
	}
	for _, photos := range p.real {
		d := p.mean.scaled(-1)
		d.add(photos[0], 1)
		p.off = append(p.off, d)
	}
	if len(p.pairs) == 0 {
		return nil, errors.New("nobody is on two photos, so how one person's photos differ is not known")
	}
	return p, nil
}

// longDim is the length of the vectors that the flat search compares where there is no second model.
const longDim = 512

// lift makes long vectors of the short ones with zeros between, which keeps every cosine, and more people of no face.
func (p *population) lift(seed uint64) {
	p.lifted = true
	random := rand.New(rand.NewPCG(seed, 3))
	for len(p.real) < realMin {
		v := make([]float32, len(p.real[0][0].Short))
		for i := range v {
			v[i] = float32(random.NormFloat64())
		}
		unit(v)
		p.real = append(p.real, []Photo{{Short: v}})
	}
	for _, photos := range p.real {
		for i := range photos {
			photos[i].Long = make([]float32, longDim)
			for j, x := range photos[i].Short {
				photos[i].Long[j*longDim/len(photos[i].Short)] = x
			}
		}
	}
}

// person draws somebody who is not real.
func (p *population) person(random *rand.Rand, out Photo) {
	out.set(p.mean)
	out.add(p.off[random.IntN(len(p.off))], dominant)
	share := float32(math.Sqrt((1 - dominant*dominant) / (mixed - 1)))
	for range mixed - 1 {
		out.add(p.off[random.IntN(len(p.off))], share*float32(random.NormFloat64()))
	}
	unit(out.Short)
	unit(out.Long)
}

// probe draws somebody real who comes again: who, and the fused photos of that day. Each photo is as near to the one
// enrolled as two photos of somebody else are, another each time, and differs from it as they do.
func (p *population) probe(random *rand.Rand, frames int) (who int, fused Photo) {
	who = random.IntN(len(p.real))
	fused = p.mean.scaled(0)
	for range frames {
		other := p.pairs[random.IntN(len(p.pairs))]
		near := float32(dot(other.a.Long, other.b.Long))
		photo := p.real[who][0].scaled(near)
		photo.add(other.b, 1)
		photo.add(other.a, -near)
		unit(photo.Short)
		unit(photo.Long)
		fused.add(photo, 1)
	}
	unit(fused.Short)
	unit(fused.Long)
	return who, fused
}

// stranger draws somebody who is not enrolled.
func (p *population) stranger(random *rand.Rand) Photo {
	out := p.mean.scaled(0)
	p.person(random, out)
	return out
}

// flatRows makes everyone's long rows; the real people are the first.
func (p *population) flatRows(n int, seed uint64) *flat.Rows {
	rows := flat.New(n, len(p.mean.Long))
	for i, photos := range p.real[:min(n, len(p.real))] {
		copy(rows.Row(i), photos[0].Long)
	}
	p.each(n, seed, func(i int, ph Photo) { copy(rows.Row(i), ph.Long) })
	return rows
}

// each draws everyone who is not real, the same ones whenever it is asked, on all cores.
func (p *population) each(n int, seed uint64, do func(i int, ph Photo)) {
	const block = 4096
	var all sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		all.Go(func() {
			out := p.mean.scaled(0)
			for from := core * block; from < n; from += cores * block {
				random := rand.New(rand.NewPCG(seed, uint64(from)))
				for i := from; i < min(from+block, n); i++ {
					if i >= len(p.real) {
						p.person(random, out)
						do(i, out)
					}
				}
			}
		})
	}
	all.Wait()
}

// enrol puts everyone in an index.
func (p *population) enrol(x *index.Index, n int, seed uint64) {
	for i, photos := range p.real[:min(n, len(p.real))] {
		x.Put(idOf(i), photos[0].Short)
	}
	p.each(n, seed, func(i int, ph Photo) { x.Put(idOf(i), ph.Short) })
}

// idOf has the form of a real id.
func idOf(i int) kaopass.EnrolmentID {
	return kaopass.EnrolmentID(fmt.Sprintf("enr_%026d", i+1))
}

func (ph Photo) set(from Photo) {
	copy(ph.Short, from.Short)
	copy(ph.Long, from.Long)
}

func (ph Photo) add(other Photo, k float32) {
	axpy(ph.Short, other.Short, k)
	axpy(ph.Long, other.Long, k)
}

func (ph Photo) scaled(k float32) Photo {
	out := Photo{make([]float32, len(ph.Short)), make([]float32, len(ph.Long))}
	out.add(ph, k)
	return out
}

func axpy(y, x []float32, k float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += k * x[i]
	}
}

func dot(a, b []float32) (sum float64) {
	for i, x := range a {
		sum += float64(x) * float64(b[i])
	}
	return sum
}

func unit(v []float32) {
	if length := math.Sqrt(dot(v, v)); length > 0 {
		for i := range v {
			v[i] = float32(float64(v[i]) / length)
		}
	}
}
