package jpeg

import (
	"encoding/binary"
	"math"
)

// The inverse DCT (T.81, A.3.3) of Loeffler, Ligtenberg and Moschytz (1989), 11 multiplications for 8 values, in fixed
// point. It is linear, so that one int64 carries two values through it, one in each half: both keep exact as long as
// what comes out fits in its half, and block refuses coefficients of which that could not be said.
const (
	fixBits  = 11 // of the constants
	keptBits = 1  // more than whole numbers between the two passes
	lanes    = 1<<32 | 1
)

// Cosines and their sums, as the algorithm wants them, times 1<<fixBits.
const (
	fix0298 = 612  // 0.298631336
	fix0390 = 799  // 0.390180644
	fix0541 = 1108 // 0.541196100
	fix0765 = 1567 // 0.765366865
	fix0899 = 1843 // 0.899976223
	fix1175 = 2408 // 1.175875602
	fix1501 = 3075 // 1.501321110
	fix1847 = 3784 // 1.847759065
	fix1961 = 4017 // 1.961570560
	fix2053 = 4205 // 2.053119869
	fix2562 = 5249 // 2.562915447
	fix3072 = 6293 // 3.072711026
)

// pair puts two values into one.
func pair(low, high int32) int64 { return int64(low) + int64(high)<<32 }

// halves takes out what the first pass leaves of them.
func halves(v int64) (low, high int32) {
	low = int32(v)
	high = int32((v - int64(low)) >> 32)
	return low >> (fixBits - keptBits), high >> (fixBits - keptBits)
}

// idct8 is the transform of 8 values, or of 8 pairs of them, times √8 and 1<<fixBits; x[0] carries what rounds it.
func idct8(x0, x1, x2, x3, x4, x5, x6, x7 int64) (y0, y1, y2, y3, y4, y5, y6, y7 int64) {
	z := (x2 + x6) * fix0541
	a2, a3 := z-x6*fix1847, z+x2*fix0765
	a0, a1 := x0+x4<<fixBits, x0-x4<<fixBits
	b0, b3, b1, b2 := a0+a3, a0-a3, a1+a2, a1-a2

	z1, z2, z3, z4 := (x7+x1)*-fix0899, (x5+x3)*-fix2562, x7+x3, x5+x1
	z5 := (z3 + z4) * fix1175
	z3, z4 = z5-z3*fix1961, z5-z4*fix0390
	c0, c1, c2, c3 := x7*fix0298+z1+z3, x5*fix2053+z2+z4, x3*fix3072+z2+z3, x1*fix1501+z1+z4
	return b0 + c3, b1 + c2, b2 + c1, b3 + c0, b3 - c0, b2 - c1, b1 - c2, b0 - c3
}

// draw makes 8×8 samples of a block and leaves it empty. last is the place in the zigzag of its last coefficient.
func (c *component) draw(b *[64]int32, x, y, last int) {
	out := c.pix[(y*c.stride+x)*8:]
	if last == 0 {
		flat(out, c.stride, sample((b[0]+4)>>3))
		b[0] = 0
		return
	}
	drawBlock(b, out, c.stride, last)
}

// drawGo is what drawBlock does, and what its kernels are compared with to the bit.
func drawGo(b *[64]int32, out []uint8, stride, last int) {
	columns(b, last)
	rows(b, out, stride)
	clear(b[:])
}

// flat draws a block that is nothing but its mean.
func flat(out []uint8, stride int, v uint8) {
	eight := uint64(v) * 0x0101010101010101
	for range 7 {
		binary.LittleEndian.PutUint64(out, eight)
		out = out[stride:]
	}
	binary.LittleEndian.PutUint64(out, eight)
}

// sample shifts a level back (T.81, A.3.1) and keeps it in 8 bits.
func sample(v int32) uint8 { return uint8(min(max(v+128, 0), 255)) }

// columns transforms two columns at once, and those only that hold anything: up to the tenth place the zigzag has not
// left the first four.
func columns(b *[64]int32, last int) {
	const round = 1 << (fixBits - keptBits - 1) * lanes
	end := 8
	if last < 10 {
		end = 4
	}
	for x := 0; x < end; x += 2 {
		c := (*[58]int32)(b[x : x+58])
		y0, y1, y2, y3, y4, y5, y6, y7 := idct8(pair(c[0], c[1])<<fixBits+round, pair(c[8], c[9]), pair(c[16], c[17]),
			pair(c[24], c[25]), pair(c[32], c[33]), pair(c[40], c[41]), pair(c[48], c[49]), pair(c[56], c[57]))
		c[0], c[1] = halves(y0)
		c[8], c[9] = halves(y1)
		c[16], c[17] = halves(y2)
		c[24], c[25] = halves(y3)
		c[32], c[33] = halves(y4)
		c[40], c[41] = halves(y5)
		c[48], c[49] = halves(y6)
		c[56], c[57] = halves(y7)
	}
}

// rows transforms two rows at once into samples. Where none of the 16 has to be kept in 8 bits, and mostly none has, they
// stay packed until they are written, four of either row in one word.
func rows(b *[64]int32, out []uint8, stride int) {
	const drop = fixBits + keptBits + 3 // and the two √8
	const level = (128<<drop + 1<<(drop-1)) * lanes
	const inside = (256<<drop - 1) * lanes
	for y := 0; y < 8; y += 2 {
		r := (*[16]int32)(b[8*y:])
		y0, y1, y2, y3, y4, y5, y6, y7 := idct8(pair(r[0], r[8])<<fixBits+level, pair(r[1], r[9]), pair(r[2], r[10]),
			pair(r[3], r[11]), pair(r[4], r[12]), pair(r[5], r[13]), pair(r[6], r[14]), pair(r[7], r[15]))
		upper, lower := out[y*stride:][:8], out[(y+1)*stride:][:8]
		if (y0|y1|y2|y3|y4|y5|y6|y7)&^inside == 0 {
			left, right := word(y0, y1, y2, y3), word(y4, y5, y6, y7)
			binary.LittleEndian.PutUint64(upper, left&math.MaxUint32|right<<32)
			binary.LittleEndian.PutUint64(lower, left>>32|right&^math.MaxUint32)
			continue
		}
		for x, v := range [8]int64{y0, y1, y2, y3, y4, y5, y6, y7} {
			low := int32(v)
			high := int32((v - int64(low)) >> 32)
			upper[x], lower[x] = sample(low>>drop-128), sample(high>>drop-128)
		}
	}
}

// word is a sample each of four pairs: the low ones' in the low half.
func word(a, b, c, d int64) uint64 {
	const drop, each = fixBits + keptBits + 3, 255 * lanes
	return uint64(a)>>drop&each | uint64(b)>>drop&each<<8 | uint64(c)>>drop&each<<16 | uint64(d)>>drop&each<<24
}
