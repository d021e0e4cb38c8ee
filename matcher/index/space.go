package index

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// space turns vectors so that each of their numbers says about as much as another: three rounds of signs, Hadamard
// blocks and a permutation, an orthogonal map, so that cosines stay. What a model puts out has most of itself in a few
// numbers; turned, one scale a row suits all of its bytes, and their signs alone say most of what they say.
type space struct {
	dim    int
	stride int // bytes of a row: dim, up to whole cache lines
	block  int // side of a Hadamard block: the largest power of two that divides dim
	rounds [3]round
}

type round struct {
	signs []float32 // ±1/√block, so that a round keeps lengths
	from  []uint16  // the permutation: where each number comes from
}

const (
	lineBytes = 64
	turnSeed  = 0x6b616f // the same turn in every process: a snapshot's rows are turned already
)

func newSpace(dim int) *space {
	s := &space{dim: dim, stride: (dim + lineBytes - 1) / lineBytes * lineBytes}
	s.block = 1 << bits.TrailingZeros(uint(dim))
	random := rand.New(rand.NewPCG(turnSeed, uint64(dim)))
	for i := range s.rounds {
		r := round{make([]float32, dim), make([]uint16, dim)}
		for j, from := range random.Perm(dim) {
			r.signs[j] = float32(1 / math.Sqrt(float64(s.block)))
			if random.IntN(2) == 0 {
				r.signs[j] = -r.signs[j]
			}
			r.from[j] = uint16(from)
		}
		s.rounds[i] = r
	}
	return s
}

// turn maps v, using spare, which is as long.
func (s *space) turn(v, spare []float32) {
	for _, r := range s.rounds {
		for i, from := range r.from {
			spare[i] = v[from] * r.signs[i]
		}
		s.hadamard(spare)
		copy(v, spare)
	}
}

// back undoes turn.
func (s *space) back(v, spare []float32) {
	for i := len(s.rounds) - 1; i >= 0; i-- {
		r := s.rounds[i]
		s.hadamard(v)
		for i, from := range r.from {
			spare[from] = v[i] * r.signs[i]
		}
		copy(v, spare)
	}
}

// hadamard multiplies each block by the Hadamard matrix of its size; twice is a multiple of the same.
func (s *space) hadamard(v []float32) {
	for ; len(v) > 0; v = v[s.block:] {
		for half := 1; half < s.block; half *= 2 {
			for i := 0; i < s.block; i += 2 * half {
				a, b := v[i:i+half], v[i+half:i+2*half]
				for j := range a {
					a[j], b[j] = a[j]+b[j], a[j]-b[j]
				}
			}
		}
	}
}

// vector writes to out the unit vector whose row is bytes.
func (s *space) vector(out []float32, bytes []uint8, scale float32) {
	for i := range out {
		out[i] = float32(int(bytes[i])-zero) * scale
	}
	s.back(out, make([]float32, s.dim))
}
