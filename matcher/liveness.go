package matcher

import (
	"image"
	"math"
)

// How much wider than the face the liveness model looks. The edge of a print or a screen is outside a face: the wide
// look sees it; the near one sees the skin in more detail, and is asked where the wide one is in doubt. On NUAA and the
// clips the doubt is 6 % of living frames, and the two together part the most person-like print from the least
// person-like person by 0.06 to 0.48 instead of 0.10 to 0.28.
const (
	padWide   = 2.7
	padNear   = 2.0
	padPrint  = 0.05 // at most: a print, beyond doubt
	padPerson = 0.9  // at least: a person, beyond doubt

	tillLiveMin = 0.4 // see liveMin
)

// liveMin is the mean liveness of an approach's frames from which a face is taken for a living one: a gate has staff
// beside it and a queue behind it, a till takes money. Somebody vouches for the photos of an assisted enrolment; whoever
// enrols alone is asked for captureLiveMin.
func (p Policy) liveMin(use Use) float64 {
	if use == UseTill {
		return math.Max(p.LiveMin, tillLiveMin)
	}
	return p.LiveMin
}

// live answers how likely the face is a living one, 0 to 1 (presentation attack detection, ISO/IEC 30107-3).
func (w *workspace) live(pic *image.YCbCr, b box) (float64, error) {
	wide, err := w.liveWithin(pic, b, padWide)
	if err != nil || wide <= padPrint || wide >= padPerson {
		return wide, err
	}
	near, err := w.liveWithin(pic, b, padNear)
	return (wide + near) / 2, err
}

func (w *workspace) liveWithin(pic *image.YCbCr, b box, scale float64) (float64, error) {
	c := w.calls.liveness
	_, _, height, width := shape(c)
	w.sample(pic, widen(b, scale, pic.Bounds()), width, height)
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
