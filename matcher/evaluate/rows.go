package evaluate

import "github.com/kaopass/kaopass/matcher"

// rows is many unit vectors, one after the other, and whose they are.
type rows struct {
	dim   int
	data  []float32
	owner []int32
	draw  []int32 // rows of one draw were drawn together, and share no photo
}

func (r *rows) len() int { return len(r.owner) }

func (r *rows) at(i int) []float32 { return r.data[i*r.dim : (i+1)*r.dim] }

func (r *rows) add(vector []float32, owner, draw int32) {
	r.dim = len(vector)
	r.data = append(r.data, vector...)
	r.owner, r.draw = append(r.owner, owner), append(r.draw, draw)
}

// fuse makes one vector of several, as the product does.
func fuse(vectors ...[]float32) []float32 { return matcher.Fuse(permitted(), vectors...) }

// blockSide is how many rows on either side are compared at once: 64 × 192 numbers twice fit the first caches.
const blockSide = 64

// block compares the probes from i on with the templates from j on, at most blockSide of each, into out, a row for each
// probe.
func block(probes, templates *rows, i, j int, out *[blockSide * blockSide]float32) (n, m int) {
	n, m = min(blockSide, probes.len()-i), min(blockSide, templates.len()-j)
	for a := range n {
		probe := probes.at(i + a)
		b := 0
		for ; b+4 <= m; b += 4 {
			dot4(probe, templates.data[(j+b)*templates.dim:(j+b+4)*templates.dim], out[a*blockSide+b:])
		}
		for ; b < m; b++ {
			out[a*blockSide+b] = dot(probe, templates.at(j+b))
		}
	}
	return n, m
}

// dot4 compares one vector with four that lie one after the other: each number of the one is read once.
func dot4(x, four, out []float32) {
	n := len(x)
	y0, y1, y2, y3 := four[:n], four[n:2*n], four[2*n:3*n], four[3*n:4*n]
	var s0, s1, s2, s3 float32
	for i, v := range x {
		s0 += v * y0[i]
		s1 += v * y1[i]
		s2 += v * y2[i]
		s3 += v * y3[i]
	}
	out[0], out[1], out[2], out[3] = s0, s1, s2, s3
}

func dot(x, y []float32) float32 {
	var sum float32
	y = y[:len(x)]
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}
