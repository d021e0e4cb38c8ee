// Command gen writes the assembly of the index's inner loops; `make generate` runs it. Each kernel's meaning is the plain Go function beside it, which a test compares it with to the bit.
package main

import (
	"flag"
	"os"
	"slices"

	. "github.com/mmcloughlin/avo/build" //nolint:revive // avo is a language, read as one
)

func main() {
	kernels := flag.String("kernels", "", "index, flat, jpeg or pixels")
	Constraint(amd64())
	for name, write := range map[string]func(){"index": index, "flat": flat, "jpeg": idct, "pixels": pixels} {
		if slices.Contains(os.Args, "-kernels="+name) {
			write()
		}
	}
	Generate() // parses the flags
	_ = kernels
}

func index() {
	siftVNNI("siftVNNI", 0)
	siftVNNI("siftVNNI192", 3)
	dotsVNNI()
	manyVNNI()
	plane512()
	siftAVX2()
	dotsAVX2()
	plane256()
}

func flat() {
	flat512()
	flatAVX2()
	stream512()
}

func pixels() {
	colours()
	means("means2AVX2", 2)
	means("means4AVX2", 4)
	rowsKernel()
	colsKernel()
}
