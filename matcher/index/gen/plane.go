package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// columnsAdded is how many columns of a plane are added up as bytes before they are widened: eight numbers of at most
// 31 are below 256.
const columnsAdded = 4

// plane512 looks up both halves of a byte of 64 people at once.
func plane512() { planes("plane512", "AVX-512", 1, ZMM, 64) }

func plane256() { planes("plane256", "AVX2", 2, YMM, 32) }

func planes(name, processor string, parts int, vec func() VecVirtual, width int) {
	TEXT(name, NOSPLIT, "func(bits *uint64, runs int, plane *uint8, columns int, tables *uint8, floor int)")
	Doc(name + " is planeGo for processors with " + processor + ".")
	Pragma("noescape")
	bits, runs := gp("bits"), gp("runs")
	plane, columns := gp("plane"), gp("columns")
	tables := gp("tables")
	low, floor := vec(), vec()
	mask := GP32()
	MOVL(U32(0x0f0f0f0f), mask)
	spread(mask, low, VPBROADCASTD)
	f := gp("floor")
	DECQ(f) // there is "greater", not "greater or equal"
	spread(f.As32(), floor, VPBROADCASTW)
	word := GP64()
	Label("run")
	XORQ(word, word)
	part := GP64()
	MOVQ(U32(uint32(parts)), part)
	Label("part")
	at, table, left := GP64(), GP64(), GP64()
	MOVQ(plane, at)
	MOVQ(tables, table)
	MOVQ(columns, left)
	sums := zeroed(2, vec)
	even, odd := sums[0], sums[1]
	Label("columns")
	columnSum(at, table, low, even, odd, vec)
	ADDQ(U32(64*columnsAdded), at)
	ADDQ(U32(32*columnsAdded), table)
	SUBQ(U8(columnsAdded), left)
	JNZ(LabelRef("columns"))
	high := vec()
	VPSLLW(U8(8), odd, high)
	VPSUBW(high, even, even)
	found := reached(even, odd, floor, width)
	if parts == 1 {
		MOVQ(found, word)
	} else {
		SHRQ(U8(32), word)
		SHLQ(U8(32), found)
		ORQ(found, word)
	}
	ADDQ(U8(width), plane)
	DECQ(part)
	JNZ(LabelRef("part"))
	MOVQ(at, plane)
	if parts > 1 {
		SUBQ(U8(64-width), plane) // at began at the second part
	}
	MOVQ(word, Mem{Base: bits})
	ADDQ(U8(8), bits)
	DECQ(runs)
	JNZ(LabelRef("run"))
	VZEROUPPER()
	RET()
}

func spread(from Register, to VecVirtual, broadcast func(...Op)) {
	x := XMM()
	VMOVD(from, x)
	broadcast(x, to)
}

// columnSum adds a few columns as bytes, and those sums as words: all of them with the odd bytes still above the even
// ones, and the odd ones alone, to be taken off at the end.
func columnSum(at, table GPVirtual, low, even, odd VecVirtual, vec func() VecVirtual) {
	var sum VecVirtual
	for c := range columnsAdded {
		signs, high := vec(), vec()
		loadBytes(Mem{Base: at, Disp: 64 * c}, signs)
		VPSRLW(U8(4), signs, high)
		for half, nibble := range []VecVirtual{signs, high} {
			t := vec()
			broadcast128(Mem{Base: table, Disp: 32*c + 16*half}, t)
			and(low, nibble, nibble)
			VPSHUFB(nibble, t, t)
			if sum == nil {
				sum = t
				continue
			}
			VPADDB(t, sum, sum)
		}
	}
	VPADDW(sum, even, even)
	VPSRLW(U8(8), sum, sum)
	VPADDW(sum, odd, odd)
}

func isZ(v VecVirtual) bool { return v.Size() == 64 }

func loadBytes(m Mem, v VecVirtual) {
	if isZ(v) {
		VMOVDQU64(m, v)
		return
	}
	VMOVDQU(m, v)
}

func broadcast128(m Mem, v VecVirtual) {
	if isZ(v) {
		VBROADCASTI32X4(m, v)
		return
	}
	VBROADCASTI128(m, v)
}

func and(a, b, out VecVirtual) {
	if isZ(out) {
		VPANDQ(a, b, out)
		return
	}
	VPAND(a, b, out)
}

// reached makes a bit of each byte's row: even ones from the low halves of words, odd ones from the high halves.
func reached(even, odd, floor VecVirtual, width int) GPVirtual {
	found := GP64()
	if width == 64 {
		ke, ko := K(), K()
		VPCMPGTW(floor, even, ke)
		VPCMPGTW(floor, odd, ko)
		e, o := ZMM(), ZMM()
		VPMOVM2W(ke, e)
		VPMOVM2W(ko, o)
		VPSRLW(U8(8), e, e)
		VPSLLW(U8(8), o, o)
		VPORQ(e, o, e)
		VPMOVB2M(e, ke)
		KMOVQ(ke, found)
		return found
	}
	e, o := YMM(), YMM()
	VPCMPGTW(floor, even, e)
	VPCMPGTW(floor, odd, o)
	VPSRLW(U8(8), e, e)
	VPSLLW(U8(8), o, o)
	VPOR(e, o, e)
	VPMOVMSKB(e, found.As32())
	return found
}
