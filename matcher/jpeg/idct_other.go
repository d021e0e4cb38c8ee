//go:build !amd64

package jpeg

func drawBlock(b *[64]int32, out []uint8, stride, last int) { drawGo(b, out, stride, last) }
