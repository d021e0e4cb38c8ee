package matcher

import (
	"image"
	"math"
)

// view is all that one picture tells about the face in it: facts, no judgement. What a gate, a till or a capture makes
// of them is in judge.go and hint.go.
type view struct {
	picture  *image.YCbCr // as looked at: a very large one is made smaller first
	faces    int          // that are large and certain enough to count
	other    float64      // height of the largest certain one beside the main, as a share of its
	box      box
	marks    marks
	five     [5]point
	pose     pose
	quality  quality
	blocking float64 // see blocking
	eyesOpen bool    // not certainly closed
}

// Another face counts beside the main one if it is as certain and as large as these say; people in the background of a
// queue are smaller (0.37 of the main face in a crowded office, measured).
const (
	otherScoreMin = 0.9
	otherShareMin = 0.5 // of the main face's height
)

// look finds the face and everything about it that costs little: about a seventh of the whole.
func (w *workspace) look(pic *image.YCbCr) (view, error) { return w.lookAt(pic, mainFace) }

// lookAt is look with another idea of which of several faces is meant.
func (w *workspace) lookAt(pic *image.YCbCr, choose func([]box) box) (v view, err error) {
	v.picture = pic
	found, err := w.detect(pic)
	if err != nil || len(found) == 0 {
		return v, err
	}
	v.box = choose(found)
	v.faces = 1
	for _, b := range found {
		if b == v.box || b.score < otherScoreMin {
			continue
		}
		share := b.h() / v.box.h()
		v.other = max(v.other, share)
		if share >= otherShareMin {
			v.faces++
		}
	}
	if k := int(v.box.h() / heightPlenty); k >= 2 {
		v.picture, v.box = w.reduce(pic, k), v.box.scaled(1/float64(k))
		pic = v.picture
	}
	w.laps.mark("detect")
	if v.marks, err = w.landmark(pic, v.box); err != nil {
		return v, err
	}
	w.laps.mark("landmark")
	v.five = v.marks.five()
	v.pose = poseOf(v.five)
	w.align(pic, v.five)
	w.laps.mark("align")
	v.quality = w.quality()
	luma, _, _, _, _ := planes(pic)
	v.blocking = blocking(luma, v.box)
	v.eyesOpen, err = w.eyesOpen(pic, &v.marks)
	w.laps.mark("quality")
	return v, err
}

// heightPlenty is the height of a face, in pixels, beyond which more of them only bring noise: the models see 112.
const heightPlenty = 300

// reduce shrinks a picture to 1/k of its sides: the aligned face, drawn from single pixels of a very large photo, would
// be made of its noise.
func (w *workspace) reduce(p *image.YCbCr, k int) *image.YCbCr {
	luma, blue, red, _, _ := planes(p)
	out := image.NewYCbCr(image.Rect(0, 0, luma.w/k, luma.h/k), image.YCbCrSubsampleRatio444)
	for _, c := range []struct {
		dst  []uint8
		from plane
	}{{out.Y, luma}, {out.Cb, blue}, {out.Cr, red}} {
		w.shrink(c.dst, out.YStride, out.Rect.Dx(), out.Rect.Dy(), c.from)
	}
	return out
}

// mainFace is the largest, a doubtful one counting for less.
func mainFace(found []box) box {
	best := found[0]
	for _, b := range found[1:] {
		if weight(b) > weight(best) {
			best = b
		}
	}
	return best
}

func weight(b box) float64 { return b.h() * float64(b.score) * float64(b.score) }

// eyesShut is the opening under which a shut eye is believed. The model alone takes narrow eyes and glasses for shut
// ones (half of the live frames of NUAA), the opening alone a smile; together they miss some blinks and accuse nobody.
const eyesShut = 0.17

// eyesOpen says no only where the points and the model agree that both eyes are shut.
func (w *workspace) eyesOpen(pic *image.YCbCr, m *marks) (bool, error) {
	if m.eyeOpening() >= eyesShut {
		return true, nil
	}
	left, err := w.eyeOpen(pic, m, 36)
	if err != nil || left {
		return left, err
	}
	return w.eyeOpen(pic, m, 42)
}

// eyeScale is how much wider than the eye the model looks.
const eyeScale = 1.6

func (w *workspace) eyeOpen(pic *image.YCbCr, m *marks, corner int) (bool, error) {
	c := w.calls.eye
	_, _, height, width := shape(c)
	centre := m.mean(corner+1, corner+2, corner+4, corner+5)
	side := math.Max(distance(m[corner], m[corner+3])*eyeScale, 1)
	luma, _, _, _, _ := planes(pic)
	w.resize(c.in, width, width, height, luma, window{centre.x - side/2, centre.y - side/2, side, side})
	for i, v := range c.in {
		c.in[i] = (v - c.network.model.Input.Mean) / c.network.model.Input.Divide
	}
	if err := c.run(); err != nil {
		return false, err
	}
	return c.out[0][0] <= c.out[0][1], nil
}
