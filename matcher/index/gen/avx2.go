package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// siftAVX2 widens sixteen bytes to words and multiplies pairs: exact, where the byte instruction of AVX2 would saturate.
func siftAVX2() {
	TEXT("siftAVX2", NOSPLIT, "func(bits *uint64, runs int, rows *uint8, stride int, scales *float32, words *int16, excess int32, floor float32)")
	Doc("siftAVX2 is siftGo for processors with AVX2.")
	Pragma("noescape")
	bits, runs := gp("bits"), gp("runs")
	rows, stride := gp("rows"), gp("stride")
	scales, words := gp("scales"), gp("words")
	excess, floor := XMM(), XMM()
	spread(Load(Param("excess"), GP32()), excess, VPBROADCASTD)
	f, err := Param("floor").Resolve()
	must(err)
	VBROADCASTSS(f.Addr, floor)
	triple, word, four := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, triple)
	Label("run")
	XORQ(word, word)
	MOVQ(U32(16), four)
	Label("four")
	acc := zeroed(4, YMM)
	at, left := GP64(), GP64()
	MOVQ(words, at)
	MOVQ(stride, left)
	Label("part")
	q := YMM()
	VMOVDQU(Mem{Base: at}, q)
	for i, m := range rows4(rows, stride, triple) {
		row := YMM()
		VPMOVZXBW(m, row)
		VPMADDWD(row, q, row)
		VPADDD(row, acc[i], acc[i])
	}
	ADDQ(U8(16), rows)
	ADDQ(U8(32), at)
	SUBQ(U8(16), left)
	JNZ(LabelRef("part"))
	ADDQ(triple, rows)
	total, half, found := sum4(acc), XMM(), GP64()
	VEXTRACTI128(U8(1), total, half)
	VPADDD(half, total.AsX(), half)
	VPSUBD(excess, half, half)
	VCVTDQ2PS(half, half)
	VMULPS(Mem{Base: scales}, half, half)
	VCMPPS(U8(0x1d), floor, half, half)
	VMOVMSKPS(half, found.As32())
	ADDQ(U8(16), scales)
	SHRQ(U8(4), word)
	SHLQ(U8(60), found)
	ORQ(found, word)
	DECQ(four)
	JNZ(LabelRef("four"))
	MOVQ(word, Mem{Base: bits})
	ADDQ(U8(8), bits)
	DECQ(runs)
	JNZ(LabelRef("run"))
	VZEROUPPER()
	RET()
}

// sum4 adds up pairs until each half of the answer holds a part of the four sums.
func sum4(acc []VecVirtual) VecVirtual {
	a, b := YMM(), YMM()
	VPHADDD(acc[1], acc[0], a)
	VPHADDD(acc[3], acc[2], b)
	VPHADDD(b, a, a)
	return a
}

func dotsAVX2() {
	TEXT("dotsAVX2", NOSPLIT, "func(out *int32, list *uint32, n int, rows *uint8, stride int, words *int16, excess int32)")
	Doc("dotsAVX2 is dotsGo for processors with AVX2.")
	Pragma("noescape")
	listed("words", func(row, stride, words, out GPVirtual, excess Op) {
		acc, at := YMM(), GP64()
		VPXOR(acc, acc, acc)
		XORQ(at, at)
		Label("part")
		bytes := YMM()
		VPMOVZXBW(Mem{Base: row, Index: at, Scale: 1}, bytes)
		VPMADDWD(Mem{Base: words, Index: at, Scale: 2}, bytes, bytes)
		VPADDD(bytes, acc, acc)
		ADDQ(U8(16), at)
		CMPQ(at, stride)
		JNE(LabelRef("part"))
		sum8(acc, out, excess)
	})
	VZEROUPPER()
	RET()
}
