package matcher

import (
	"image"
	"math"
)

// padScale is how much wider than the face the liveness model looks: the edge of a print or a screen is outside it.
const padScale = 2.7

// live answers how likely the face is a living one, 0 to 1 (presentation attack detection, ISO/IEC 30107-3).
func (w *workspace) live(pic *image.YCbCr, b box) (float64, error) {
	c := w.calls.liveness
	_, _, height, width := shape(c)
	w.sample(pic, widen(b, padScale, pic.Bounds()), width, height)
	size := width * height
	w.convert(0, size, c.network.model.Input, c.in, c.in[size:], c.in[2*size:])
	if err := c.run(); err != nil {
		return 0, err
	}
	return softmax(c.out[0], 0), nil
}

// widen scales a box about its centre as far as the picture allows, then moves it inside.
func widen(b box, scale float64, r image.Rectangle) window {
	w, h := float64(r.Dx()), float64(r.Dy())
	scale = math.Min(scale, math.Min(w/b.w(), h/b.h()))
	nw, nh := b.w()*scale, b.h()*scale
	x, y := (b.x1+b.x2-nw)/2, (b.y1+b.y2-nh)/2
	return window{math.Max(0, math.Min(x, w-nw)), math.Max(0, math.Min(y, h-nh)), nw, nh}
}

// softmax is the share of one class.
func softmax(scores []float32, class int) float64 {
	top := scores[0]
	for _, s := range scores {
		top = max(top, s)
	}
	var sum float64
	for _, s := range scores {
		sum += math.Exp(float64(s - top))
	}
	return math.Exp(float64(scores[class]-top)) / sum
}
