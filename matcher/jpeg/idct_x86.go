//go:build amd64

package jpeg

import "golang.org/x/sys/cpu"

// drawBlock draws 8×8 samples of a block and leaves it empty; last is the place in the zigzag of its last coefficient.
func drawBlock(b *[64]int32, out []uint8, stride, last int) {
	if !cpu.X86.HasAVX2 {
		drawGo(b, out, stride, last)
		return
	}
	_ = out[7*stride+7]
	idctAVX2(&b[0], &out[0], stride)
}
