package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// flat512 multiplies sixteen rows of float32 at a time.
func flat512() {
	TEXT("dots512", NOSPLIT, "func(out *float32, sixteens int, rows *float32, bytes int, query *float32)")
	Doc("dots512 writes the product of the query with each of 16 rows, as often as sixteens says; bytes is a row's length.")
	Pragma("noescape")
	out, n := gp("out"), gp("sixteens")
	rows, stride := gp("rows"), gp("bytes")
	query := gp("query")
	r := newRows16(rows, stride)
	skip := GP64()
	IMUL3Q(U8(15), stride, skip)
	Label("sixteen")
	acc := zeroed(16, ZMM)
	at, left, q := GP64(), GP64(), ZMM()
	MOVQ(query, at)
	MOVQ(stride, left)
	Label("line")
	VMOVUPS(Mem{Base: at}, q)
	for i := range acc {
		m := r.at(i, 0)
		VFMADD231PS(m, q, acc[i])
		m.Disp = 1024
		PREFETCHT0(m)
	}
	r.advance(U8(lineBytes))
	ADDQ(U8(lineBytes), at)
	SUBQ(U8(lineBytes), left)
	JNZ(LabelRef("line"))
	r.advance(skip)
	VMOVUPS(sum16(acc, addFloats), Mem{Base: out})
	ADDQ(U8(64), out)
	DECQ(n)
	JNZ(LabelRef("sixteen"))
	VZEROUPPER()
	RET()
}

// flatAVX2 multiplies four rows at a time.
func flatAVX2() {
	TEXT("dots256", NOSPLIT, "func(out *float32, fours int, rows *float32, bytes int, query *float32)")
	Doc("dots256 writes the product of the query with each of 4 rows, as often as fours says; bytes is a row's length.")
	Pragma("noescape")
	out, n := gp("out"), gp("fours")
	rows, stride := gp("rows"), gp("bytes")
	query := gp("query")
	triple := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, triple)
	Label("four")
	acc := zeroed(4, YMM)
	at, left := GP64(), GP64()
	MOVQ(query, at)
	MOVQ(stride, left)
	Label("part")
	q := YMM()
	VMOVUPS(Mem{Base: at}, q)
	for i, m := range rows4(rows, stride, triple) {
		VFMADD231PS(m, q, acc[i])
	}
	ADDQ(U8(32), rows)
	ADDQ(U8(32), at)
	SUBQ(U8(32), left)
	JNZ(LabelRef("part"))
	ADDQ(triple, rows)
	VHADDPS(acc[1], acc[0], acc[0])
	VHADDPS(acc[3], acc[2], acc[2])
	VHADDPS(acc[2], acc[0], acc[0])
	half := XMM()
	VEXTRACTF128(U8(1), acc[0], half)
	VADDPS(half, acc[0].AsX(), half)
	VMOVUPS(half, Mem{Base: out})
	ADDQ(U8(16), out)
	DECQ(n)
	JNZ(LabelRef("four"))
	VZEROUPPER()
	RET()
}

// stream512 reads memory and does as little with it as can be.
func stream512() {
	TEXT("stream512", NOSPLIT, "func(memory *byte, kilobytes int) uint64")
	Doc("stream512 reads memory from its begin to its end and adds it up.")
	Pragma("noescape")
	at, n := gp("memory"), gp("kilobytes")
	acc := zeroed(4, ZMM)
	Label("kilobyte")
	for i := range 16 {
		PREFETCHT0(Mem{Base: at, Disp: i*lineBytes + ahead})
		VPADDQ(Mem{Base: at, Disp: i * lineBytes}, acc[i%4], acc[i%4])
	}
	ADDQ(U32(1024), at)
	DECQ(n)
	JNZ(LabelRef("kilobyte"))
	VPADDQ(acc[1], acc[0], acc[0])
	VPADDQ(acc[3], acc[2], acc[2])
	VPADDQ(acc[2], acc[0], acc[0])
	sum := GP64()
	VMOVQ(acc[0].AsX(), sum)
	Store(sum, ReturnIndex(0))
	VZEROUPPER()
	RET()
}
