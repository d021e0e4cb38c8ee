package matcher

import (
	"encoding/binary"
	"image"
	"math"
)

// plane is one channel of a picture.
type plane struct {
	pix    []uint8
	stride int
	w, h   int
}

// window is a part of a picture in continuous coordinates: pixel i covers i to i+1. It may reach outside; what is there
// is the nearest pixel's.
type window struct{ x, y, w, h float64 }

// planes gives the three channels of a picture and by what each is smaller than the picture itself.
func planes(p *image.YCbCr) (luma, blue, red plane, sx, sy float64) {
	r := p.Bounds()
	yo, co := p.YOffset(r.Min.X, r.Min.Y), p.COffset(r.Min.X, r.Min.Y)
	dx, dy := subsampling(p.SubsampleRatio)
	cw, ch := (r.Dx()+dx-1)/dx, (r.Dy()+dy-1)/dy
	luma = plane{p.Y[yo:], p.YStride, r.Dx(), r.Dy()}
	blue = plane{p.Cb[co:], p.CStride, cw, ch}
	red = plane{p.Cr[co:], p.CStride, cw, ch}
	return luma, blue, red, float64(dx), float64(dy)
}

func subsampling(s image.YCbCrSubsampleRatio) (dx, dy int) {
	switch s {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// taps are the source pixels that one target pixel is made of.
type taps struct {
	first   int
	weights []float32
}

// resampler holds the memory of a resize.
type resampler struct {
	weights    []float32
	cols, rows []taps
	line       []float32
}

// resize draws a window of a plane into dst, w×h values of 0..255 in rows of stride: area averages where it shrinks,
// linear between pixels where it enlarges.
func (r *resampler) resize(dst []float32, stride, w, h int, p plane, from window) {
	r.weights = r.weights[:0]
	r.cols = r.filter(r.cols[:0], w, from.x, from.w, p.w)
	r.rows = r.filter(r.rows[:0], h, from.y, from.h, p.h)
	left := r.cols[0].first
	right := r.cols[w-1].first + len(r.cols[w-1].weights)
	if cap(r.line) < right-left {
		r.line = make([]float32, right-left)
	}
	line := r.line[:right-left]
	every := regular(r.cols)
	if (every == 2 || every == 4) && regular(r.rows) == every {
		for y := range h {
			meanSquares(dst[y*stride:y*stride+w], p, left, r.rows[y].first, every)
		}
		return
	}
	for y := range h {
		sumRows(line, p, left, r.rows[y])
		if out := dst[y*stride : y*stride+w]; every > 0 {
			sumRegular(out, line, every)
		} else {
			sumCols(out, line, left, r.cols)
		}
	}
}

// shrink draws a whole plane into w×h pixels.
func (r *resampler) shrink(dst []uint8, stride, w, h int, p plane) {
	line := make([]float32, w)
	for y := range h {
		r.resize(line, w, w, 1, p, window{0, float64(y) * float64(p.h) / float64(h), float64(p.w), float64(p.h) / float64(h)})
		for x, v := range line {
			dst[y*stride+x] = uint8(v + 0.5)
		}
	}
}

// regular answers how many whole source pixels make each target pixel, one beside the other; 0 where they are not
// whole. Half of a camera's pictures shrink so into the detector, and all of their colour does.
func regular(cols []taps) int {
	every := len(cols[0].weights)
	for i, t := range cols {
		if len(t.weights) != every || t.first != cols[0].first+i*every || t.weights[0] != t.weights[every-1] {
			return 0
		}
	}
	return every
}

// meanSquares draws a row of which each pixel is the mean of a square of 2 or 4 times as many, from a place in the plane
// on: so a camera's picture shrinks into the detector. Eight source pixels are summed at once, every second one in a
// lane of 16 bits.
func meanSquares(dst []float32, p plane, x, y, every int) {
	const lane, second = 0xFFFF, 0x00FF00FF00FF00FF
	share := 1 / float32(every*every)
	for len(dst) > 0 {
		var eight [8]byte // the last of a row may be fewer
		var sum uint64
		for row := range every {
			from := p.pix[(y+row)*p.stride+x:]
			if len(dst)*every < 8 {
				copy(eight[:], from[:len(dst)*every])
				from = eight[:]
			}
			v := binary.LittleEndian.Uint64(from)
			sum += v&second + v>>8&second
		}
		means := [4]float32{float32(sum&lane) * share, float32(sum>>16&lane) * share, float32(sum>>32&lane) * share, float32(sum>>48) * share}
		if every == 4 {
			means = [4]float32{float32((sum+sum>>16)&lane) * share, float32((sum>>32+sum>>48)&lane) * share}
		}
		drawn := copy(dst, means[:8/every])
		dst, x = dst[drawn:], x+8
	}
}

// sumRegular is sumCols where regular says how many pixels make one.
func sumRegular(dst, line []float32, every int) {
	switch every {
	case 1:
		copy(dst, line)
	case 2:
		line = line[:2*len(dst)]
		for x := range dst {
			dst[x] = (line[2*x] + line[2*x+1]) * 0.5
		}
	default:
		share := 1 / float32(every)
		for x := range dst {
			var sum float32
			for _, v := range line[x*every : (x+1)*every] {
				sum += v
			}
			dst[x] = sum * share
		}
	}
}

// filter appends the taps of n target pixels over the source from start to start+size.
func (r *resampler) filter(t []taps, n int, start, size float64, limit int) []taps {
	step := size / float64(n)
	half := math.Max(step, 1) / 2
	for i := range n {
		centre := start + (float64(i)+0.5)*step
		if step > 1 {
			t = append(t, r.area(centre-half, centre+half, limit))
		} else {
			t = append(t, r.linear(centre-0.5, limit))
		}
	}
	return t
}

// area weighs each source pixel by how much of it lies between from and to.
func (r *resampler) area(from, to float64, limit int) taps {
	from, to = math.Max(from, 0), math.Min(to, float64(limit))
	if to-from < 1e-9 { // wholly outside
		return r.linear(from, limit)
	}
	first, last := int(from), min(int(math.Ceil(to)), limit)
	at := len(r.weights)
	for i := first; i < last; i++ {
		covered := math.Min(to, float64(i+1)) - math.Max(from, float64(i))
		r.weights = append(r.weights, float32(covered/(to-from)))
	}
	return taps{first, r.weights[at:len(r.weights):len(r.weights)]}
}

// linear weighs the two pixels around an index.
func (r *resampler) linear(index float64, limit int) taps {
	index = math.Min(math.Max(index, 0), float64(limit-1))
	first := int(index)
	f := float32(index - float64(first))
	at := len(r.weights)
	if f == 0 {
		r.weights = append(r.weights, 1)
	} else {
		r.weights = append(r.weights, 1-f, f)
	}
	return taps{first, r.weights[at:len(r.weights):len(r.weights)]}
}

func sumRows(line []float32, p plane, left int, t taps) {
	for k, weight := range t.weights {
		row := p.pix[(t.first+k)*p.stride+left:][:len(line)]
		switch {
		case k == 0 && weight == 1:
			for x, v := range row {
				line[x] = float32(v)
			}
		case k == 0:
			for x, v := range row {
				line[x] = weight * float32(v)
			}
		default:
			for x, v := range row {
				line[x] += weight * float32(v)
			}
		}
	}
}

func sumCols(dst, line []float32, left int, cols []taps) {
	for x := range dst {
		t := &cols[x]
		part := line[t.first-left:][:len(t.weights)]
		var sum float32
		for i, weight := range t.weights {
			sum += weight * part[i]
		}
		dst[x] = sum
	}
}

// rgb turns one sample of JFIF (ITU-R BT.601, full range) into red, green and blue of 0..255.
func rgb(y, cb, cr float32) (r, g, b float32) {
	cb, cr = cb-128, cr-128
	return clamp(y + 1.402*cr), clamp(y - 0.344136*cb - 0.714136*cr), clamp(y + 1.772*cb)
}

func clamp(v float32) float32 { return min(max(v, 0), 255) }
