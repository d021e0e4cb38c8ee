package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// ahead is how far before its use a row is asked for, in bytes.
const ahead = 4096

// siftVNNI reads 64 rows for each word of bits, sixteen at a time. With a known number of lines a row is read from its
// begin to its end and the query stays in registers; else the lines are a loop.
func siftVNNI(name string, lines int) {
	TEXT(name, NOSPLIT, "func(bits *uint64, runs int, rows *uint8, stride int, scales *float32, signed *int8, excess int32, floor float32)")
	Doc(name + " is siftGo for processors with AVX-512 VNNI.")
	Pragma("noescape")
	bits, runs := gp("bits"), gp("runs")
	rows, stride := gp("rows"), gp("stride")
	scales, signed := gp("scales"), gp("signed")
	excess, floor := ZMM(), ZMM()
	spread(Load(Param("excess"), GP32()), excess, VPBROADCASTD)
	f, err := Param("floor").Resolve()
	must(err)
	VBROADCASTSS(f.Addr, floor)
	r := newRows16(rows, stride)
	var query []VecVirtual
	for i := range lines {
		q := ZMM()
		VMOVDQU64(Mem{Base: signed, Disp: i * lineBytes}, q)
		query = append(query, q)
	}
	skip := GP64() // from the end of row 3 of the four to the next sixteen
	MOVQ(stride, skip)
	if lines == 0 {
		IMUL3Q(U8(15), stride, skip)
	} else {
		SHLQ(U8(4), skip)
	}
	word, quarter := GP64(), GP64()
	Label("run")
	XORQ(word, word)
	MOVQ(U32(4), quarter)
	Label("sixteen")
	acc := zeroed(16, ZMM)
	if lines > 0 {
		for i := range acc {
			for l, q := range query {
				row := ZMM()
				m := r.at(i, l)
				VMOVDQU64(m, row)
				m.Disp += ahead
				PREFETCHT0(m)
				VPDPBUSD(q, row, acc[i])
			}
		}
	} else {
		siftLines(r, acc, signed, stride)
	}
	r.advance(skip)
	total, marks, found := sum16(acc, addInts), K(), GP64()
	VPSUBD(excess, total, total)
	VCVTDQ2PS(total, total)
	VMULPS(Mem{Base: scales}, total, total)
	VCMPPS(U8(0x1d), floor, total, marks) // greater or equal, quiet
	ADDQ(U8(64), scales)
	KMOVW(marks, found.As32())
	SHRQ(U8(16), word)
	SHLQ(U8(48), found)
	ORQ(found, word)
	DECQ(quarter)
	JNZ(LabelRef("sixteen"))
	MOVQ(word, Mem{Base: bits})
	ADDQ(U8(8), bits)
	DECQ(runs)
	JNZ(LabelRef("run"))
	VZEROUPPER()
	RET()
}

func siftLines(r rows16, acc []VecVirtual, signed, stride GPVirtual) {
	at, left, q := GP64(), GP64(), ZMM()
	MOVQ(signed, at)
	MOVQ(stride, left)
	Label("line")
	VMOVDQU64(Mem{Base: at}, q)
	for i := range acc {
		row := ZMM()
		VMOVDQU64(r.at(i, 0), row)
		VPDPBUSD(q, row, acc[i])
	}
	r.advance(U8(lineBytes))
	ADDQ(U8(lineBytes), at)
	SUBQ(U8(lineBytes), left)
	JNZ(LabelRef("line"))
}

// prefetchRows is how many rows of a list are under way before they are needed.
const prefetchRows = 16

func dotsVNNI() {
	TEXT("dotsVNNI", NOSPLIT, "func(out *int32, list *uint32, n int, rows *uint8, stride int, signed *int8, excess int32)")
	Doc("dotsVNNI is dotsGo for processors with AVX-512 VNNI.")
	Pragma("noescape")
	listed("signed", func(row, stride, signed, out GPVirtual, excess Op) {
		acc, at := ZMM(), GP64()
		VPXORQ(acc, acc, acc)
		XORQ(at, at)
		Label("line")
		bytes := ZMM()
		VMOVDQU64(Mem{Base: row, Index: at, Scale: 1}, bytes)
		q := ZMM()
		VMOVDQU64(Mem{Base: signed, Index: at, Scale: 1}, q)
		VPDPBUSD(q, bytes, acc)
		ADDQ(U8(lineBytes), at)
		CMPQ(at, stride)
		JNE(LabelRef("line"))
		half := YMM()
		VEXTRACTI64X4(U8(1), acc, half)
		VPADDD(half, acc.AsY(), half)
		sum8(half, out, excess)
	})
	VZEROUPPER()
	RET()
}

// sum8 stores the sum of eight numbers, less the excess.
func sum8(half VecVirtual, out GPVirtual, excess Op) {
	quarter, total := XMM(), GP32()
	VEXTRACTI128(U8(1), half, quarter)
	VPADDD(half.AsX(), quarter, quarter)
	other := XMM()
	VPSHUFD(U8(0x4e), quarter, other)
	VPADDD(other, quarter, quarter)
	VPSHUFD(U8(0xb1), quarter, other)
	VPADDD(other, quarter, quarter)
	VMOVD(quarter, total)
	SUBL(excess, total)
	MOVL(total, Mem{Base: out})
}

// listed goes through a list of rows, asking for each long before its turn.
func listed(query string, each func(row, stride, signed, out GPVirtual, excess Op)) {
	out, list := gp("out"), gp("list")
	n, rows := gp("n"), gp("rows")
	stride, signed := gp("stride"), gp(query)
	excess := Load(Param("excess"), GP32())
	for i := range prefetchRows { // the first ones at once
		CMPQ(n, U8(i))
		JLE(LabelRef("begin"))
		request(list, i, rows, stride, fmt.Sprint("first", i))
	}
	Label("begin")
	Label("row")
	CMPQ(n, U8(prefetchRows))
	JLE(LabelRef("near"))
	request(list, prefetchRows, rows, stride, "ahead")
	Label("near")
	row := GP64()
	MOVL(Mem{Base: list}, row.As32())
	IMULQ(stride, row)
	ADDQ(rows, row)
	each(row, stride, signed, out, excess)
	ADDQ(U8(4), out)
	ADDQ(U8(4), list)
	DECQ(n)
	JNZ(LabelRef("row"))
}

// request asks for the lines of a listed row.
func request(list GPVirtual, i int, rows, stride GPVirtual, label string) {
	at, end := GP64(), GP64()
	MOVL(Mem{Base: list, Disp: 4 * i}, at.As32())
	IMULQ(stride, at)
	ADDQ(rows, at)
	LEAQ(Mem{Base: at, Index: stride, Scale: 1}, end)
	Label(label)
	PREFETCHT0(Mem{Base: at})
	ADDQ(U8(lineBytes), at)
	CMPQ(at, end)
	JNE(LabelRef(label))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
