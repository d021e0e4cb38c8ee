package matcher

import (
	"image"
	"math"

	"github.com/kaopass/kaopass/matcher/pixels"
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

// resampler holds the memory of a resize, and what the last one was: the two planes of colour are drawn alike.
type resampler struct {
	weights    []float32
	cols, rows []taps
	line       []float32
	across     pixels.Columns
	last       resizing
}

// resizing is all that the taps come from, and every: see regular; 0 for a resize that is not.
type resizing struct {
	w, h, pw, ph int
	from         window
	every, down  int
}

// prepare works out the taps, unless they are the last ones still.
func (r *resampler) prepare(w, h int, p plane, from window) {
	next := resizing{w: w, h: h, pw: p.w, ph: p.h, from: from, every: r.last.every, down: r.last.down}
	if next == r.last {
		return
	}
	r.weights = r.weights[:0]
	r.cols = r.filter(r.cols[:0], w, from.x, from.w, p.w)
	r.rows = r.filter(r.rows[:0], h, from.y, from.h, p.h)
	next.every, next.down = regular(r.cols), regular(r.rows)
	r.last = next
	if next.every == 1 || next.squares() {
		return
	}
	most, left := 0, r.cols[0].first
	for _, t := range r.cols {
		most = max(most, len(t.weights))
	}
	r.across.Begin(w, most)
	for x, t := range r.cols {
		r.across.Set(x, t.first-left, t.weights)
	}
}

func (r *resizing) squares() bool {
	return (r.every == 2 || r.every == 4) && r.down == r.every
}

// resize draws a window of a plane into dst, w×h values of 0..255 in rows of stride: area averages where it shrinks,
// linear between pixels where it enlarges.
func (r *resampler) resize(dst []float32, stride, w, h int, p plane, from window) {
	r.prepare(w, h, p, from)
	left := r.cols[0].first
	right := r.cols[w-1].first + len(r.cols[w-1].weights)
	if need := max(right-left, r.across.Reach()); len(r.line) < need {
		r.line = make([]float32, need)
	}
	for y := range h {
		out, rows := dst[y*stride:y*stride+w], r.rows[y]
		pix := p.pix[rows.first*p.stride+left:]
		switch {
		case r.last.squares():
			pixels.Means(out, pix, p.stride, r.last.every)
		case r.last.every == 1:
			pixels.Rows(out, pix, p.stride, rows.weights)
		default:
			pixels.Rows(r.line[:right-left], pix, p.stride, rows.weights)
			r.across.Sum(out, r.line)
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

func clamp(v float32) float32 { return min(max(v, 0), 255) }
