//go:build amd64

package index

import "golang.org/x/sys/cpu"

// fastest are the kernels for this processor. That the system keeps the wide registers, cpu has asked it.
func fastest() kernels {
	for _, k := range offered() {
		return k
	}
	return inGo()
}

// offered are all the kernels that this processor can run, the fastest first.
func offered() (out []kernels) {
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VNNI {
		out = append(out, kernels{"avx512-vnni", sift512, dots512, signs512, many512})
	}
	if x.HasAVX2 {
		out = append(out, kernels{"avx2", sift256, dots256, signs256, nil})
	}
	return append(out, inGo())
}

// lines192 is a row of three cache lines, for which there is a kernel of its own.
const stride192 = 192

func sift512(bits []uint64, rows []uint8, scales []float32, q *rounded, floor float32) {
	stride := len(q.signed)
	_, _ = rows[len(bits)*runRows*stride-1], scales[len(bits)*runRows-1]
	kernel := siftVNNI
	if stride == stride192 {
		kernel = siftVNNI192
	}
	kernel(&bits[0], len(bits), &rows[0], stride, &scales[0], &q.signed[0], q.excess, floor)
}

func sift256(bits []uint64, rows []uint8, scales []float32, q *rounded, floor float32) {
	stride := len(q.signed)
	_, _ = rows[len(bits)*runRows*stride-1], scales[len(bits)*runRows-1]
	siftAVX2(&bits[0], len(bits), &rows[0], stride, &scales[0], &q.words[0], q.excess, floor)
}

func dots512(out []int32, rows []uint8, list []uint32, q *rounded) {
	if len(list) > 0 {
		dotsVNNI(&out[:len(list)][0], &list[0], len(list), &rows[0], len(q.signed), &q.signed[0], q.excess)
	}
}

func dots256(out []int32, rows []uint8, list []uint32, q *rounded) {
	if len(list) > 0 {
		dotsAVX2(&out[:len(list)][0], &list[0], len(list), &rows[0], len(q.signed), &q.words[0], q.excess)
	}
}

func signs512(bits []uint64, plane, tables []uint8, floor int) {
	columns := len(tables) / tableBytes
	_ = plane[len(bits)*runRows*columns-1]
	plane512(&bits[0], len(bits), &plane[0], columns, &tables[0], floor)
}

func signs256(bits []uint64, plane, tables []uint8, floor int) {
	columns := len(tables) / tableBytes
	_ = plane[len(bits)*runRows*columns-1]
	plane256(&bits[0], len(bits), &plane[0], columns, &tables[0], floor)
}

func many512(bits []uint32, rows []uint8, scales []float32, m *many) {
	blocks, stride := len(scales)/blockRows, len(m.turned)/blockRows
	_, _ = rows[len(scales)*stride-1], bits[blocks*m.eights*eight-1]
	manyVNNI(&bits[0], blocks, &rows[0], stride, &scales[0], &m.bytes[0], m.eights, &m.excess[0], &m.floors[0], &m.turned[0])
}
