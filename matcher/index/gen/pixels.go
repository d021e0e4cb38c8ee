package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func broadcast(name string) VecVirtual {
	v := YMM()
	m, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(m.Addr, v)
	return v
}

// colours turns luma and colour into three normalised channels, eight pixels at a time.
func colours() {
	TEXT("coloursAVX2", NOSPLIT, "func(c0, c1, c2, luma, blue, red *float32, eights int, numbers *[8]float32)")
	Doc("coloursAVX2 is coloursGo for eights of pixels; numbers are in the order of coloursGo's.")
	Pragma("noescape")
	out := [3]GPVirtual{gp("c0"), gp("c1"), gp("c2")}
	luma, blue, red, n, numbers := gp("luma"), gp("blue"), gp("red"), gp("eights"), gp("numbers")
	var k [8]VecVirtual
	for i := range k {
		k[i] = YMM()
		VBROADCASTSS(Mem{Base: numbers, Disp: 4 * i}, k[i])
	}
	zero, o := YMM(), GP64()
	VXORPS(zero, zero, zero)
	XORQ(o, o)
	at := func(base GPVirtual) Mem { return Mem{Base: base, Index: o, Scale: 1} }
	Label("eight")
	y, cb, cr, t := YMM(), YMM(), YMM(), YMM()
	VMOVUPS(at(luma), y)
	VMOVUPS(at(blue), cb)
	VMOVUPS(at(red), cr)
	VSUBPS(k[0], cb, cb)
	VSUBPS(k[0], cr, cr)
	r, g, b := YMM(), YMM(), YMM()
	VMULPS(k[1], cr, t)
	VADDPS(t, y, r)
	VMULPS(k[2], cb, t)
	VSUBPS(t, y, g)
	VMULPS(k[3], cr, t)
	VSUBPS(t, g, g)
	VMULPS(k[4], cb, t)
	VADDPS(t, y, b)
	for i, v := range []VecVirtual{r, g, b} {
		VMAXPS(zero, v, v)
		VMINPS(k[5], v, v)
		VSUBPS(k[6], v, v)
		VMULPS(k[7], v, v)
		VMOVUPS(v, at(out[i]))
	}
	ADDQ(U8(32), o)
	DECQ(n)
	JNZ(LabelRef("eight"))
	VZEROUPPER()
	RET()
}

// means draws a row of the means of squares of 2×2, or of 4×4, pixels.
func means(name string, side int) {
	TEXT(name, NOSPLIT, "func(dst *float32, pix *uint8, stride, eights int, share float32)")
	Doc(name + " is meansGo for eights of squares of one side.")
	Pragma("noescape")
	dst, pix, stride, n, share := gp("dst"), gp("pix"), gp("stride"), gp("eights"), broadcast("share")
	bytes, words := YMM(), YMM()
	VPCMPEQD(bytes, bytes, bytes)
	VPSRLW(U8(15), bytes, words)
	VPABSB(bytes, bytes)
	triple := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, triple)
	rows := []Mem{{Base: pix}, {Base: pix, Index: stride, Scale: 1}, {Base: pix, Index: stride, Scale: 2}, {Base: pix, Index: triple, Scale: 1}}
	Label("eight")
	sum, v := YMM(), YMM()
	for i, m := range rows[:side] {
		if side == 2 {
			VMOVDQU(m, v.AsX())
			VPMADDUBSW(bytes.AsX(), v.AsX(), v.AsX())
		} else {
			VMOVDQU(m, v)
			VPMADDUBSW(bytes, v, v)
		}
		if i == 0 {
			VMOVDQA(v, sum)
		} else {
			VPADDW(v, sum, sum)
		}
	}
	if side == 2 {
		VPMOVZXWD(sum.AsX(), sum)
	} else {
		VPMADDWD(words, sum, sum)
	}
	VCVTDQ2PS(sum, sum)
	VMULPS(share, sum, sum)
	VMOVUPS(sum, Mem{Base: dst})
	ADDQ(U8(32), dst)
	ADDQ(U8(8*side), pix)
	DECQ(n)
	JNZ(LabelRef("eight"))
	VZEROUPPER()
	RET()
}

// rowsKernel sums rows of bytes, each with its weight.
func rowsKernel() {
	TEXT("rowsAVX2", NOSPLIT, "func(line *float32, pix *uint8, stride, eights int, weights *float32, taps int)")
	Doc("rowsAVX2 is rowsGo for eights of columns.")
	Pragma("noescape")
	line, pix, stride, n, weights, taps := gp("line"), gp("pix"), gp("stride"), gp("eights"), gp("weights"), gp("taps")
	Label("eight")
	sum, v, k, at, w, left := YMM(), YMM(), YMM(), GP64(), GP64(), GP64()
	VXORPS(sum, sum, sum)
	MOVQ(pix, at)
	MOVQ(weights, w)
	MOVQ(taps, left)
	Label("tap")
	VPMOVZXBD(Mem{Base: at}, v)
	VCVTDQ2PS(v, v)
	VBROADCASTSS(Mem{Base: w}, k)
	VMULPS(k, v, v)
	VADDPS(v, sum, sum)
	ADDQ(stride, at)
	ADDQ(U8(4), w)
	DECQ(left)
	JNZ(LabelRef("tap"))
	VMOVUPS(sum, Mem{Base: line})
	ADDQ(U8(32), line)
	ADDQ(U8(8), pix)
	DECQ(n)
	JNZ(LabelRef("eight"))
	VZEROUPPER()
	RET()
}

// colsKernel gathers what each pixel of a row is made of.
func colsKernel() {
	TEXT("colsAVX2", NOSPLIT, "func(dst, line *float32, eights int, firsts *int32, weights *float32, taps int)")
	Doc("colsAVX2 is colsGo.")
	Pragma("noescape")
	dst, line, n, firsts, weights, taps := gp("dst"), gp("line"), gp("eights"), gp("firsts"), gp("weights"), gp("taps")
	Label("eight")
	sum, v, index, mask, at, left := YMM(), YMM(), YMM(), YMM(), GP64(), GP64()
	VXORPS(sum, sum, sum)
	VMOVDQU(Mem{Base: firsts}, index)
	MOVQ(line, at)
	MOVQ(taps, left)
	Label("tap")
	VPCMPEQD(mask, mask, mask)
	VXORPS(v, v, v)
	VGATHERDPS(mask, Mem{Base: at, Index: index, Scale: 4}, v)
	VMULPS(Mem{Base: weights}, v, v)
	VADDPS(v, sum, sum)
	ADDQ(U8(4), at)
	ADDQ(U8(32), weights)
	DECQ(left)
	JNZ(LabelRef("tap"))
	VMOVUPS(sum, Mem{Base: dst})
	ADDQ(U8(32), dst)
	ADDQ(U8(32), firsts)
	DECQ(n)
	JNZ(LabelRef("eight"))
	VZEROUPPER()
	RET()
}
