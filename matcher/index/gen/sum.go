package main

import (
	"github.com/mmcloughlin/avo/buildtags"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func amd64() buildtags.ConstraintConvertable { return buildtags.Term("amd64") }

// gp loads a parameter of eight bytes.
func gp(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// rows4 are the addresses of four rows that lie one after another; triple is three strides.
func rows4(rows, stride, triple GPVirtual) []Mem {
	return []Mem{{Base: rows}, {Base: rows, Index: stride, Scale: 1}, {Base: rows, Index: stride, Scale: 2}, {Base: rows, Index: triple, Scale: 1}}
}

// lineBytes is a cache line, and a zmm register.
const lineBytes = 64

// sum16 adds up the sixteen numbers of each of sixteen registers: number i of the answer is the sum of acc[i].
func sum16(acc []VecVirtual, add func(a, b, out Op)) VecVirtual {
	for width := 16; width > 4; width /= 2 { // pairs of registers, until each of four holds a quarter of four sums
		for i := range width / 2 {
			a, b := acc[2*i], acc[2*i+1]
			t := ZMM()
			if width == 16 {
				VPUNPCKLDQ(b, a, t)
				VPUNPCKHDQ(b, a, a)
			} else {
				VPUNPCKLQDQ(b, a, t)
				VPUNPCKHQDQ(b, a, a)
			}
			add(t, a, a)
			acc[i] = a
		}
	}
	for width := 4; width > 1; width /= 2 { // now the quarters
		for i := range width / 2 {
			a, b := acc[2*i], acc[2*i+1]
			t := ZMM()
			VSHUFI32X4(U8(0x88), b, a, t)
			VSHUFI32X4(U8(0xdd), b, a, a)
			add(t, a, a)
			acc[i] = a
		}
	}
	return acc[0]
}

func addInts(a, b, out Op) { VPADDD(a, b, out) }

func addFloats(a, b, out Op) { VADDPS(a, b, out) }

// rows16 are the addresses of sixteen rows that lie one after another.
type rows16 struct {
	base           [4]GPVirtual // rows 0, 4, 8 and 12
	stride, triple GPVirtual
}

func newRows16(rows, stride GPVirtual) rows16 {
	r := rows16{stride: stride, triple: GP64()}
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r.triple)
	for i := range r.base {
		r.base[i] = GP64()
		if i == 0 {
			MOVQ(rows, r.base[0])
			continue
		}
		LEAQ(Mem{Base: r.base[i-1], Index: stride, Scale: 4}, r.base[i])
	}
	return r
}

// at is where row i's line begins.
func (r rows16) at(i, line int) Mem {
	m := Mem{Base: r.base[i/4], Disp: line * lineBytes}
	switch i % 4 {
	case 1:
		m.Index, m.Scale = r.stride, 1
	case 2:
		m.Index, m.Scale = r.stride, 2
	case 3:
		m.Index, m.Scale = r.triple, 1
	}
	return m
}

func (r rows16) advance(by Op) {
	for _, b := range r.base {
		ADDQ(by, b)
	}
}

func zeroed(n int, vec func() VecVirtual) []VecVirtual {
	out := several(n, vec)
	for _, v := range out {
		if isZ(v) {
			VPXORQ(v, v, v)
			continue
		}
		VPXOR(v, v, v)
	}
	return out
}

func several(n int, vec func() VecVirtual) (out []VecVirtual) {
	for range n {
		out = append(out, vec())
	}
	return out
}
