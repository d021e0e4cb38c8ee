package matcher

import (
	"errors"
	"image"
	"math"
)

// point is a place in the picture, in pixels.
type point struct{ x, y float64 }

// marks are the 68 points of iBUG 300-W: 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 mouth.
type marks [68]point

// landmark finds the points of one face.
func (w *workspace) landmark(pic *image.YCbCr, b box) (m marks, err error) {
	side := b.h()
	from := window{(b.x1+b.x2)/2 - side/2, (b.y1+b.y2)/2 - side/2 + 0.05*side, side, side}
	_, _, height, width := shape(w.calls.landmark)
	luma, _, _, _, _ := planes(pic) // 0.299 R + 0.587 G + 0.114 B is what JFIF calls Y
	in, norm := w.calls.landmark.in, w.calls.landmark.network.model.Input
	w.resize(in, width, width, height, luma, from)
	for i, v := range in {
		in[i] = (v - norm.Mean) / norm.Divide
	}
	if err := w.calls.landmark.run(); err != nil {
		return m, err
	}
	out := w.calls.landmark.out[0]
	if len(out) != 2*len(m) {
		return m, errors.New("matcher: the landmark model does not answer 68 points")
	}
	for i := range m {
		m[i] = point{from.x + float64(out[2*i])*side, from.y + float64(out[2*i+1])*side}
	}
	return m, nil
}

// five are the points that faces are aligned by: the eyes, the tip of the nose, the corners of the mouth; "left" is the
// picture's left.
func (m *marks) five() [5]point {
	return [5]point{m.mean(37, 38, 40, 41), m.mean(43, 44, 46, 47), m[30], m.mean(48, 60), m.mean(54, 64)}
}

func (m *marks) mean(at ...int) point {
	var p point
	for _, i := range at {
		p.x, p.y = p.x+m[i].x, p.y+m[i].y
	}
	return point{p.x / float64(len(at)), p.y / float64(len(at))}
}

// eyeOpening is the eye aspect ratio (Soukupová and Čech, 2016), the mean of both eyes: about 0.34 open, 0.19 closed.
func (m *marks) eyeOpening() float64 {
	ratio := func(o int) float64 {
		return (distance(m[o+1], m[o+5]) + distance(m[o+2], m[o+4])) / (2 * distance(m[o], m[o+3]))
	}
	return (ratio(36) + ratio(42)) / 2
}

func distance(a, b point) float64 { return math.Hypot(a.x-b.x, a.y-b.y) }
