package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Of the inverse DCT; jpeg/idct.go says what they are.
const (
	fixBits  = 11
	keptBits = 1
)

// idct draws a block of 8×8 coefficients, eight columns and then eight rows at once.
func idct() {
	fix := fixes(612, 799, 1108, 1567, -1843, 2408, 3075, 3784, 4017, 4205, -5249, 6293, 1<<(fixBits-keptBits-1),
		128<<(fixBits+keptBits+3)+1<<(fixBits+keptBits+2))
	TEXT("idctAVX2", NOSPLIT, "func(block *int32, out *uint8, stride int)")
	Doc("idctAVX2 draws a block and leaves it empty, as drawGo does.")
	Pragma("noescape")
	block, out := gp("block"), gp("out")
	stride := gp("stride")
	at := func(i int) Mem { return Mem{Base: block, Disp: 32 * i} }
	var x [8]VecVirtual
	for i := range x {
		x[i] = YMM()
		VMOVDQU(at(i), x[i])
	}
	zero := YMM()
	VPXOR(zero, zero, zero)
	for i := range x {
		VMOVDQU(zero, at(i))
	}
	x = turned(idctPass(x, fix, 12, fixBits-keptBits))
	x = turned(idctPass(x, fix, 13, fixBits+keptBits+3))
	writeBytes(x, out, stride)
	VZEROUPPER()
	RET()
}

// fixes lays constants down, each eight times.
func fixes(values ...int32) func(i int) Mem {
	data := GLOBL("fixes", 8|16) // RODATA and NOPTR
	for i, v := range values {
		for lane := range 8 {
			DATA(32*i+4*lane, U32(v))
		}
	}
	return func(i int) Mem { return data.Offset(32 * i) }
}

// idctPass transforms eight lanes; round is the constant that rounds them, drop the bits that go then.
func idctPass(x [8]VecVirtual, fix func(int) Mem, round int, drop uint64) (y [8]VecVirtual) {
	plus := func(a, b VecVirtual) VecVirtual { d := YMM(); VPADDD(b, a, d); return d }
	minus := func(a, b VecVirtual) VecVirtual { d := YMM(); VPSUBD(b, a, d); return d }
	times := func(a VecVirtual, c int) VecVirtual { d := YMM(); VPMULLD(fix(c), a, d); return d }
	z := times(plus(x[2], x[6]), 2)
	a2, a3 := minus(z, times(x[6], 7)), plus(z, times(x[2], 3))
	VPSLLD(U8(fixBits), x[0], x[0])
	VPADDD(fix(round), x[0], x[0])
	VPSLLD(U8(fixBits), x[4], x[4])
	a0, a1 := plus(x[0], x[4]), minus(x[0], x[4])
	b := [4]VecVirtual{plus(a0, a3), plus(a1, a2), minus(a1, a2), minus(a0, a3)}

	z1, z2, z3, z4 := times(plus(x[7], x[1]), 4), times(plus(x[5], x[3]), 10), plus(x[7], x[3]), plus(x[5], x[1])
	z5 := times(plus(z3, z4), 5)
	z3, z4 = minus(z5, times(z3, 8)), minus(z5, times(z4, 1))
	c := [4]VecVirtual{
		plus(plus(times(x[1], 6), z1), z4),
		plus(plus(times(x[3], 11), z2), z3),
		plus(plus(times(x[5], 9), z2), z4),
		plus(plus(times(x[7], 0), z1), z3),
	}
	for i := range 4 {
		y[i], y[7-i] = plus(b[i], c[i]), minus(b[i], c[i])
		VPSRAD(U8(drop), y[i], y[i])
		VPSRAD(U8(drop), y[7-i], y[7-i])
	}
	return y
}

// turned makes columns of rows.
func turned(x [8]VecVirtual) (y [8]VecVirtual) {
	var p, q [8]VecVirtual
	for i := 0; i < 8; i += 2 {
		p[i], p[i+1] = YMM(), YMM()
		VPUNPCKLDQ(x[i+1], x[i], p[i])
		VPUNPCKHDQ(x[i+1], x[i], p[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			q[i+2*j], q[i+2*j+1] = YMM(), YMM()
			VPUNPCKLQDQ(p[i+2+j], p[i+j], q[i+2*j])
			VPUNPCKHQDQ(p[i+2+j], p[i+j], q[i+2*j+1])
		}
	}
	for i := range 4 {
		y[i], y[i+4] = YMM(), YMM()
		VPERM2I128(U8(0x20), q[i+4], q[i], y[i])
		VPERM2I128(U8(0x31), q[i+4], q[i], y[i+4])
	}
	return y
}

// writeBytes writes eight rows of eight, each kept in 8 bits.
func writeBytes(x [8]VecVirtual, out, stride GPVirtual) {
	for i := 0; i < 8; i += 4 {
		VPACKSSDW(x[i+1], x[i], x[i])
		VPACKSSDW(x[i+3], x[i+2], x[i+2])
		VPACKUSWB(x[i+2], x[i], x[i]) // in either half: four samples of each of four rows
		high := XMM()
		VEXTRACTI128(U8(1), x[i], high)
		left, right := XMM(), XMM()
		VPUNPCKLDQ(high, x[i].AsX(), left)
		VPUNPCKHDQ(high, x[i].AsX(), right)
		for _, pair := range []VecVirtual{left, right} {
			VMOVQ(pair, Mem{Base: out})
			VPEXTRQ(U8(1), pair, Mem{Base: out, Index: stride, Scale: 1})
			LEAQ(Mem{Base: out, Index: stride, Scale: 2}, out)
		}
	}
}
