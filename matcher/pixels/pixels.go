// Package pixels is the arithmetic that every pixel of a picture goes through on its way into a network: eight at a time
// where the processor can, and in plain Go, which says what the kernels answer to the bit, everywhere.
package pixels

// eight is how many pixels a kernel takes at once.
const eight = 8

// Colours turns luma and colour of JFIF (ITU-R BT.601, full range, 0 to 255) into red, green and blue, kept in 0 to 255,
// less mean, times k. All slices are as long as luma.
func Colours(red, green, blue, luma, cb, cr []float32, mean, k float32) {
	n := len(luma)
	red, green, blue, cb, cr = red[:n], green[:n], blue[:n], cb[:n], cr[:n]
	done := coloursFast(red, green, blue, luma, cb, cr, mean, k)
	coloursGo(red[done:], green[done:], blue[done:], luma[done:], cb[done:], cr[done:], mean, k)
}

// numbers are the constants of the conversion, as the kernel wants them.
func numbers(mean, k float32) [8]float32 {
	return [8]float32{128, 1.402, 0.344136, 0.714136, 1.772, 255, mean, k}
}

func coloursGo(red, green, blue, luma, cb, cr []float32, mean, k float32) {
	for i, y := range luma {
		b, r := cb[i]-128, cr[i]-128
		red[i] = (clamp(y+1.402*r) - mean) * k
		green[i] = (clamp(y-0.344136*b-0.714136*r) - mean) * k
		blue[i] = (clamp(y+1.772*b) - mean) * k
	}
}

func clamp(v float32) float32 { return min(max(v, 0), 255) }

// Means draws into each pixel of dst the mean of a square of pix, whose rows are stride apart; side is 2 or 4. So a
// camera's picture shrinks into the detector.
func Means(dst []float32, pix []uint8, stride, side int) {
	if len(dst) == 0 {
		return
	}
	_ = pix[(side-1)*stride+side*len(dst)-1]
	done := meansFast(dst, pix, stride, side)
	meansGo(dst[done:], pix[done*side:], stride, side)
}

func meansGo(dst []float32, pix []uint8, stride, side int) {
	share := 1 / float32(side*side)
	for x := range dst {
		sum := 0
		for y := range side {
			for _, v := range pix[y*stride+x*side:][:side] {
				sum += int(v)
			}
		}
		dst[x] = float32(sum) * share
	}
}

// Rows sums as many rows of pix, stride apart, as there are weights, each times its weight, into line.
func Rows(line []float32, pix []uint8, stride int, weights []float32) {
	if len(line) == 0 || len(weights) == 0 {
		clear(line)
		return
	}
	_ = pix[(len(weights)-1)*stride+len(line)-1]
	done := rowsFast(line, pix, stride, weights)
	rowsGo(line[done:], pix[done:], stride, weights)
}

func rowsGo(line []float32, pix []uint8, stride int, weights []float32) {
	clear(line)
	for k, weight := range weights {
		if len(line) == 0 {
			return
		}
		row := pix[k*stride:][:len(line)]
		for x, v := range row {
			line[x] += weight * float32(v)
		}
	}
}
