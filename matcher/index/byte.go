package index

import "math"

// zero is the byte that stands for the number 0: rows hold q + 128 for a q of −127 to 127, because the processor's
// instruction for sums of byte products takes one unsigned side and one signed side. The excess is the same for every
// row, 128 times the sum of the query's bytes, and is taken off once.
const zero = 128

// bytesMax is the largest q.
const bytesMax = 127

// rounded is a unit vector turned and made bytes.
type rounded struct {
	turned []float32 // of length 1, then zeros to the stride
	signed []int8    // q, then zeros to the stride
	words  []int16   // q again, for processors without the instruction
	scale  float32   // q·scale has length 1
	excess int32     // zero times the sum of the q
	off    float32   // length of turned − q·scale: no cosine is off by more
	spare  []float32
}

func newRounded(s *space) *rounded {
	return &rounded{turned: make([]float32, s.stride), signed: make([]int8, s.stride), words: make([]int16, s.stride),
		spare: make([]float32, s.dim)}
}

// set reports false for a vector without a direction.
func (v *rounded) set(s *space, from []float32) bool {
	turned := v.turned[:s.dim]
	copy(turned, from)
	var square float64
	for _, x := range turned {
		square += float64(x) * float64(x)
	}
	length := math.Sqrt(square)
	if !(length > 0) || math.IsInf(length, 0) {
		return false
	}
	for i := range turned {
		turned[i] = float32(float64(turned[i]) / length)
	}
	s.turn(turned, v.spare)
	return v.round(turned)
}

// round makes the bytes of the turned vector.
func (v *rounded) round(turned []float32) bool {
	var largest float32
	for _, x := range turned {
		largest = max(largest, x, -x)
	}
	if !(largest > 0) {
		return false
	}
	var sum, square int32
	step := bytesMax / largest
	for i, x := range turned {
		q := int32(math.RoundToEven(float64(x * step)))
		v.signed[i], v.words[i] = int8(q), int16(q)
		sum, square = sum+q, square+q*q
	}
	v.scale = float32(1 / math.Sqrt(float64(square)))
	v.excess = zero * sum
	var off float64
	for i, x := range turned {
		d := float64(x) - float64(v.signed[i])*float64(v.scale)
		off += d * d
	}
	v.off = float32(math.Sqrt(off))
	return true
}

// cosine compares the query as given with a row as kept.
func (v *rounded) cosine(row []uint8, scale float32) float32 {
	var s0, s1, s2, s3 float32
	q := v.turned[:len(row)]
	for i := 0; i+4 <= len(row); i += 4 {
		s0 += q[i] * float32(int32(row[i])-zero)
		s1 += q[i+1] * float32(int32(row[i+1])-zero)
		s2 += q[i+2] * float32(int32(row[i+2])-zero)
		s3 += q[i+3] * float32(int32(row[i+3])-zero)
	}
	return (s0 + s1 + s2 + s3) * scale
}

// wipe leaves nobody's numbers behind.
func (v *rounded) wipe() {
	clear(v.turned)
	clear(v.signed)
	clear(v.words)
	clear(v.spare)
}
