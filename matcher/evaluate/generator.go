package evaluate

import (
	"math"
	"math/rand/v2"
)

// generator makes up strangers with the statistics of real templates: a normal distribution about the mean of real
// people, whose covariance is that between people and, over as many frames as are fused, that within one; then scaled to
// length 1 as real ones are. It knows no face: what it draws is near nobody it was fitted to more than strangers are.
type generator struct {
	dim    int
	mean   []float32
	factor []float32 // lower triangle of the covariance's Cholesky factor, row by row, each of dim numbers
}

// ridge is added to the covariance's diagonal, in parts of its mean: with fewer people than dimensions it has none of
// its own in many directions.
const ridge = 0.01

// fitGenerator fits to people's photos, a list of unit vectors for each, for templates of so many frames. Of people with
// one photo only the place is used; how photos of one person differ is learnt from the others.
func fitGenerator(people [][][]float32, frames int) *generator {
	dim := len(people[0][0])
	g := &generator{dim: dim, mean: make([]float32, dim)}
	centre := make([]float64, dim)
	for _, photos := range people {
		for k, v := range photos[0] {
			centre[k] += float64(v) / float64(len(people))
		}
	}
	for k, v := range centre {
		g.mean[k] = float32(v)
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
		for i := range c { // total + within·(1/frames − 1)
			c[i] += w[i] / 2 * (1/float64(frames) - 1)
		}
	}
	g.factor = cholesky(c, dim)
	return g
}

// covariance is a sum of outer products.
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

// cholesky factors a symmetric matrix, of which the lower triangle is given, after the ridge. What rounding makes
// negative is taken for nothing.
func cholesky(c []float64, dim int) []float32 {
	var trace float64
	for i := range dim {
		trace += math.Max(c[i*dim+i], 0) / float64(dim)
	}
	l := make([]float64, dim*dim)
	out := make([]float32, dim*dim)
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
			case i == j:
				l[i*dim+i] = math.Sqrt(math.Max(sum, 1e-12))
			default:
				l[i*dim+j] = sum / l[j*dim+j]
			}
			out[i*dim+j] = float32(l[i*dim+j])
		}
	}
	return out
}

// draw makes up one stranger.
func (g *generator) draw(r *rand.Rand, z []float32) []float32 {
	for i := range z {
		z[i] = float32(r.NormFloat64())
	}
	out := make([]float32, g.dim)
	for i := range out {
		out[i] = g.mean[i] + dot(g.factor[i*g.dim:i*g.dim+i+1], z[:i+1])
	}
	return unit(out)
}
