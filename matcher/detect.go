package matcher

import (
	"image"
	"math"
	"slices"
)

// box is where a face is, in pixels of the picture; x2 and y2 are exclusive.
type box struct {
	x1, y1, x2, y2 float64
	score          float32
}

func (b box) w() float64 { return b.x2 - b.x1 }
func (b box) h() float64 { return b.y2 - b.y1 }

func (b box) scaled(k float64) box { return box{b.x1 * k, b.y1 * k, b.x2 * k, b.y2 * k, b.score} }

// Of the detector's own paper (RFB-320) and what DESIGN section 7 measured.
const (
	detectScoreMin = 0.65
	detectOverlap  = 0.4 // of two boxes over one face, the weaker is dropped above this IoU
	facesMax       = 32  // boxes kept before overlaps are dropped; a frame of an approach has a handful
)

// detect finds every face, the largest first.
func (w *workspace) detect(pic *image.YCbCr) ([]box, error) {
	scale := w.letterbox(pic)
	if err := w.calls.detect.run(); err != nil {
		return nil, err
	}
	_, _, height, width := shape(w.calls.detect)
	scores, coords := w.calls.detect.out[0], w.calls.detect.out[1]
	found := w.boxes[:0]
	for i := range len(scores) / 2 {
		if s := scores[2*i+1]; s > detectScoreMin {
			c := coords[4*i : 4*i+4]
			found = append(found, box{float64(c[0]) * float64(width) * scale, float64(c[1]) * float64(height) * scale,
				float64(c[2]) * float64(width) * scale, float64(c[3]) * float64(height) * scale, s})
		}
	}
	w.boxes = found
	kept := dropOverlaps(found)
	slices.SortFunc(kept, func(a, b box) int { return cmpDesc(a.h(), b.h()) })
	return kept, nil
}

// letterbox draws the picture into the detector's input, top left, its shape kept, and answers by how much it shrank.
func (w *workspace) letterbox(pic *image.YCbCr) (scale float64) {
	_, _, height, width := shape(w.calls.detect)
	pw, ph := float64(pic.Bounds().Dx()), float64(pic.Bounds().Dy())
	scale = math.Max(pw/float64(width), ph/float64(height))
	dw, dh := min(int(math.Round(pw/scale)), width), min(int(math.Round(ph/scale)), height)
	w.sample(pic, window{0, 0, pw, ph}, dw, dh)
	in, size := w.calls.detect.in, width*height
	if dw < width || dh < height {
		clear(in) // the padding of 127 is 0 once normalised
	}
	norm := w.calls.detect.network.model.Input
	for y := range dh {
		o := y * width
		w.convert(y*dw, dw, norm, in[o:], in[size+o:], in[2*size+o:])
	}
	return scale
}

// dropOverlaps keeps the strongest of boxes that lie over each other (non-maximum suppression).
func dropOverlaps(found []box) []box {
	slices.SortFunc(found, func(a, b box) int { return cmpDesc(float64(a.score), float64(b.score)) })
	kept := make([]box, 0, 4)
	for _, b := range found {
		if len(kept) < facesMax && !slices.ContainsFunc(kept, func(k box) bool { return overlap(k, b) > detectOverlap }) {
			kept = append(kept, b)
		}
	}
	return kept
}

// overlap is intersection over union.
func overlap(a, b box) float64 {
	w := math.Min(a.x2, b.x2) - math.Max(a.x1, b.x1)
	h := math.Min(a.y2, b.y2) - math.Max(a.y1, b.y1)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (a.w()*a.h() + b.w()*b.h() - w*h)
}

func cmpDesc(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}
