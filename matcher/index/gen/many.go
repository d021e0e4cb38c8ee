package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// manyVNNI compares 32 rows at a time with eight queries at a time. The rows are first laid with their columns together,
// four dimensions of sixteen rows in a register, so that a register's sixteen sums need never be added up.
func manyVNNI() {
	TEXT("manyVNNI", NOSPLIT, "func(bits *uint32, blocks int, rows *uint8, stride int, scales *float32, queries *int8, eights int, excess *int32, floors *float32, turned *uint8)")
	Doc("manyVNNI is manyGo for processors with AVX-512 VNNI; turned has room for 32 rows.")
	Pragma("noescape")
	bits, blocks := gp("bits"), gp("blocks")
	rows, scales := gp("rows"), gp("scales")
	none := zeroed(1, ZMM)[0]
	Label("block")
	turnRows(rows, "first", 0)
	turnRows(rows, "second", 1)
	queries, eights := gp("queries"), gp("eights")
	excess, floors := gp("excess"), gp("floors")
	Label("eight")
	acc := several(16, ZMM)
	for _, v := range acc { // not by xor: what is read first counts as in use before, and there is no room for that
		VMOVDQA64(none, v)
	}
	at, left := gp("turned"), gp("stride")
	Label("four")
	first, second := ZMM(), ZMM()
	VMOVDQU64(Mem{Base: at}, first)
	VMOVDQU64(Mem{Base: at, Disp: lineBytes}, second)
	for j := range 8 {
		q := ZMM()
		VPBROADCASTD(Mem{Base: queries, Disp: 4 * j}, q)
		VPDPBUSD(q, first, acc[j])
		VPDPBUSD(q, second, acc[8+j])
	}
	SUBQ(I8(-128), at)
	ADDQ(U8(32), queries)
	SUBQ(U8(4), left)
	JNZ(LabelRef("four"))
	for j := range 8 {
		low, high := GP32(), GP32()
		for half, found := range []GPVirtual{low, high} {
			marks, total := K(), acc[8*half+j]
			VPSUBD_BCST(Mem{Base: excess, Disp: 4 * j}, total, total)
			VCVTDQ2PS(total, total)
			VMULPS(Mem{Base: scales, Disp: half * 64}, total, total)
			VCMPPS_BCST(U8(0x1d), Mem{Base: floors, Disp: 4 * j}, total, marks) // greater or equal, quiet
			KMOVW(marks, found)
		}
		SHLL(U8(16), high)
		ORL(high, low)
		MOVL(low, Mem{Base: bits, Disp: 4 * j})
	}
	ADDQ(U8(32), bits)
	ADDQ(U8(32), excess)
	ADDQ(U8(32), floors)
	DECQ(eights)
	JNZ(LabelRef("eight"))
	SUBQ(I8(-128), scales)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// turnRows lays sixteen rows with their columns together and goes on to the next sixteen.
func turnRows(rows GPVirtual, label string, half int) {
	stride := gp("stride")
	to := gp("turned")
	left := GP64()
	MOVQ(stride, left)
	r := newRows16(rows, stride)
	Label(label)
	var in, quads []VecVirtual
	for i := range 16 {
		v := ZMM()
		m := r.at(i, 0)
		VMOVDQU64(m, v)
		m.Disp = ahead
		PREFETCHT0(m)
		in = append(in, v)
	}
	for i := range 4 { // of four rows: in each quarter one column of all four
		quads = append(quads, unpacked(in[4*i:4*i+4])...)
	}
	for j := range 4 { // of all sixteen: the quarters of one column together
		x := []VecVirtual{quads[j], quads[4+j], quads[8+j], quads[12+j]}
		even01, odd01 := quarters(x[0], x[1])
		even23, odd23 := quarters(x[2], x[3])
		column0, column2 := quarters(even01, even23)
		column1, column3 := quarters(odd01, odd23)
		for lane, c := range []VecVirtual{column0, column1, column2, column3} {
			VMOVDQU64(c, Mem{Base: to, Disp: (4*lane+j)*2*lineBytes + half*lineBytes})
		}
	}
	r.advance(U8(lineBytes))
	ADDQ(U32(16*2*lineBytes), to)
	SUBQ(U8(lineBytes), left)
	JNZ(LabelRef(label))
	SHLQ(U8(4), stride)
	ADDQ(stride, rows)
}

func unpacked(in []VecVirtual) (out []VecVirtual) {
	low, high := func(a, b VecVirtual) VecVirtual { t := ZMM(); VPUNPCKLDQ(b, a, t); return t }, func(a, b VecVirtual) VecVirtual { t := ZMM(); VPUNPCKHDQ(b, a, t); return t }
	for _, unpack := range []func(a, b VecVirtual) VecVirtual{low, high} {
		ab, cd := unpack(in[0], in[1]), unpack(in[2], in[3])
		even, odd := ZMM(), ZMM()
		VPUNPCKLQDQ(cd, ab, even)
		VPUNPCKHQDQ(cd, ab, odd)
		out = append(out, even, odd)
	}
	return out
}

// quarters are the even quarters of two registers, and the odd ones.
func quarters(a, b VecVirtual) (even, odd VecVirtual) {
	even, odd = ZMM(), ZMM()
	VSHUFI32X4(U8(0x88), b, a, even)
	VSHUFI32X4(U8(0xdd), b, a, odd)
	return even, odd
}
