//go:build amd64

package flat

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

func fastest() func(out, rows, query []float32) {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ:
		return wide
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return narrow
	}
	return dotsGo
}

func wide(out, rows, query []float32) {
	_ = rows[len(out)*len(query)-1]
	dots512(&out[0], len(out)/16, &rows[0], 4*len(query), &query[0])
}

func narrow(out, rows, query []float32) {
	_ = rows[len(out)*len(query)-1]
	dots256(&out[0], len(out)/4, &rows[0], 4*len(query), &query[0])
}

// Stream reads all of memory once, in order, and does nothing with it: no search can be faster than that.
func Stream(memory []float32) (sum uint64) {
	if !cpu.X86.HasAVX512F {
		return streamGo(memory)
	}
	return stream512((*byte)(unsafe.Pointer(&memory[0])), len(memory)/256)
}
