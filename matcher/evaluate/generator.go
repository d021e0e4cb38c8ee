package evaluate

import (
	"math"
	"math/rand/v2"
)

// generator makes up strangers. Real faces crowd: a few strangers are far nearer to each other than a normal
// distribution would have them. So each made-up person lies near a real one and some of that one's neighbours, mixed at
// random, and the rest of the way is drawn from a normal distribution with real people's covariance, that within a
// person made smaller by the frames that are fused. No one is a copy of anybody.
//
// That alone still makes strangers too distant (see Check), so similarities are stretched afterwards until those of
// people whom the generator never saw agree; see stretch.
type generator struct {
	dim    int
	mean   []float32
	factor []float32 // lower triangle of the covariance's Cholesky factor, row by row, each of dim numbers
	anchor [][]float32
	near   [][]neighbour
}

// Chosen on Labeled Faces in the Wild, folds 1 to 5, so that strangers of made-up people and strangers among them both
// come near to real ones.
const (
	anchorShare = 0.7  // of a made-up person that is a mixture of real ones; the rest is drawn
	anchorNear  = 60   // neighbours that may be mixed in
	anchorMixed = 6    // that are
	ridge       = 0.01 // added to the covariance's diagonal, in parts of its mean: there are directions without data
)

// fitGenerator fits to people's photos, a list of unit vectors for each, for so many fused frames. Of people with one
// photo only the place is used; how photos of one person differ is learnt from the others.
func fitGenerator(people [][][]float32, frames int) *generator {
	dim := len(people[0][0])
	g := &generator{dim: dim, mean: make([]float32, dim)}
	for _, photos := range people {
		g.anchor = append(g.anchor, photos[0])
		for k, v := range photos[0] {
			g.mean[k] += v / float32(len(people))
		}
	}
	total, within := newCovariance(dim), newCovariance(dim)
	for _, photos := range people {
		total.add(photos[0], g.mean) // one photo each: between people and within them together
		for _, other := range photos[1:] {
			within.add(photos[0], other) // a difference of two photos has twice the covariance of one
		}
	}
	c := total.mean()
	if w := within.mean(); within.n > 0 {
		for i := range c {
			c[i] += w[i] / 2 * (1/float64(frames) - 1)
		}
	}
	g.factor = cholesky(c, dim)
	g.near = make([][]neighbour, len(g.anchor))
	for i, v := range g.anchor {
		for j, w := range g.anchor {
			if i != j {
				g.near[i] = keep(g.near[i], neighbour{int32(j), dot(v, w)}, anchorNear)
			}
		}
	}
	return g
}

// draw makes up one stranger.
func (g *generator) draw(r *rand.Rand) []float32 {
	at := r.IntN(len(g.anchor))
	out := append([]float32(nil), g.anchor[at]...)
	for range anchorMixed {
		other := g.anchor[g.near[at][r.IntN(len(g.near[at]))].who]
		k := float32(r.ExpFloat64())
		for i, v := range other {
			out[i] += k * v
		}
	}
	out = fuse(out)
	z := make([]float32, 2*g.dim)
	for i := range g.dim {
		z[i] = float32(r.NormFloat64())
	}
	own := z[g.dim:]
	for i := range own {
		own[i] = g.mean[i] + dot(g.factor[i*g.dim:i*g.dim+i+1], z[:i+1])
	}
	own = fuse(own)
	rest := float32(math.Sqrt(1 - anchorShare*anchorShare))
	for i := range out {
		out[i] = anchorShare*out[i] + rest*own[i]
	}
	return fuse(out)
}

// covariance is a sum of outer products, of which the lower triangle is kept.
type covariance struct {
	dim, n int
	sum    []float64
}

func newCovariance(dim int) *covariance { return &covariance{dim: dim, sum: make([]float64, dim*dim)} }

func (c *covariance) add(a, b []float32) {
	c.n++
	d := make([]float64, c.dim)
	for i := range d {
		d[i] = float64(a[i] - b[i])
	}
	for i, x := range d {
		row := c.sum[i*c.dim : i*c.dim+i+1]
		for j := range row {
			row[j] += x * d[j]
		}
	}
}

func (c *covariance) mean() []float64 {
	for i := range c.sum {
		c.sum[i] /= float64(max(c.n, 1))
	}
	return c.sum
}

// cholesky factors a symmetric matrix, of which the lower triangle is given, after the ridge. A direction that
// has less than no data, because how photos differ was learnt from few people, is taken for none.
func cholesky(c []float64, dim int) []float32 {
	var trace float64
	for i := range dim {
		trace += math.Max(c[i*dim+i], 0) / float64(dim)
	}
	l, out := make([]float64, dim*dim), make([]float32, dim*dim)
	for i := range dim {
		for j := range i + 1 {
			sum := c[i*dim+j]
			if i == j {
				sum += ridge * trace
			}
			for k := range j {
				sum -= l[i*dim+k] * l[j*dim+k]
			}
			switch {
			case i == j && sum > ridge*trace/10:
				l[i*dim+i] = math.Sqrt(sum)
			case i > j && l[j*dim+j] > 0:
				l[i*dim+j] = sum / l[j*dim+j]
			}
			out[i*dim+j] = float32(l[i*dim+j])
		}
	}
	return out
}
