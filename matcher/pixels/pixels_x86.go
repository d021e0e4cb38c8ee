//go:build amd64

package pixels

import "golang.org/x/sys/cpu"

// What follows answers how many pixels it has done: all but the last few, or none on a processor without AVX2.

func eights(n int) int {
	if !cpu.X86.HasAVX2 {
		return 0
	}
	return n / eight
}

func coloursFast(red, green, blue, luma, cb, cr []float32, mean, k float32) int {
	n := eights(len(luma))
	if n > 0 {
		constants := numbers(mean, k)
		coloursAVX2(&red[0], &green[0], &blue[0], &luma[0], &cb[0], &cr[0], n, &constants)
	}
	return n * eight
}

func meansFast(dst []float32, pix []uint8, stride, side int) int {
	n := eights(len(dst))
	switch {
	case n == 0:
	case side == 2:
		means2AVX2(&dst[0], &pix[0], stride, n, 1./4)
	case side == 4:
		means4AVX2(&dst[0], &pix[0], stride, n, 1./16)
	default:
		return 0
	}
	return n * eight
}

func rowsFast(line []float32, pix []uint8, stride int, weights []float32) int {
	n := eights(len(line))
	if n > 0 {
		rowsAVX2(&line[0], &pix[0], stride, n, &weights[0], len(weights))
	}
	return n * eight
}

func (c *Columns) sumFast(dst, line []float32) int {
	n := eights(len(dst))
	if n > 0 {
		colsAVX2(&dst[0], &line[0], n, &c.firsts[0], &c.weights[0], c.taps)
	}
	return n * eight
}
