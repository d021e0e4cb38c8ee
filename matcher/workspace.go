package matcher

import (
	"errors"
	"image"

	"github.com/kaopass/kaopass/matcher/pixels"
)

// workspace is the memory of one worker: what it needs for a picture it has, and nothing is allocated a second time.
// One goroutine uses it at a time.
type workspace struct {
	calls struct{ detect, landmark, embed, liveness, eye *call }
	resampler
	luma, blue, red []float32 // what sample and warp last drew, 0..255
	boxes           []box
	former          *former // beside the embedder in force; nil where there is none
	beside          *call   // its; nil until it is asked
	length          float64 // of what embed was answered last
	laps            *laps   // nil but in a benchmark
}

func newWorkspace(n *networks) (w *workspace, err error) {
	w = &workspace{}
	for _, c := range []struct {
		call    **call
		network *network
	}{{&w.calls.detect, n.detect}, {&w.calls.landmark, n.landmark}, {&w.calls.embed, n.embed},
		{&w.calls.liveness, n.liveness}, {&w.calls.eye, n.eye}} {
		if *c.call, err = c.network.newCall(); err != nil {
			return nil, errors.Join(err, w.close())
		}
		if err = (*c.call).run(); err != nil { // a wrong input name shows only now
			return nil, errors.Join(err, w.close())
		}
	}
	size := 0
	for _, c := range w.all() {
		_, _, height, width := shape(c)
		size = max(size, width*height)
	}
	w.luma, w.blue, w.red = make([]float32, size), make([]float32, size), make([]float32, size)
	return w, nil
}

func (w *workspace) all() []*call {
	return []*call{w.calls.detect, w.calls.landmark, w.calls.embed, w.calls.liveness, w.calls.eye}
}

func (w *workspace) close() error {
	var err error
	for _, c := range append(w.all(), w.beside) {
		if c != nil {
			err = errors.Join(err, c.close())
		}
	}
	return err
}

// shape is a network's input: batch, channels, height, width.
func shape(c *call) (n, channels, height, width int) {
	s := c.network.model.Input.Shape
	return int(s[0]), int(s[1]), int(s[2]), int(s[3])
}

// sample draws a window of a picture, dw×dh, into luma, blue and red.
func (w *workspace) sample(pic *image.YCbCr, from window, dw, dh int) {
	luma, blue, red, sx, sy := planes(pic)
	w.resize(w.luma, dw, dw, dh, luma, from)
	small := window{from.x / sx, from.y / sy, from.w / sx, from.h / sy}
	w.resize(w.blue, dw, dw, dh, blue, small)
	w.resize(w.red, dw, dw, dh, red, small)
}

// convert normalises n samples from offset at on into the three channels of an input, in the order that it wants.
func (w *workspace) convert(at, n int, norm Input, c0, c1, c2 []float32) {
	if norm.Channels == "BGR" {
		c0, c2 = c2, c0
	}
	luma, blue, red := w.luma[at:at+n], w.blue[at:at+n], w.red[at:at+n]
	pixels.Colours(c0, c1, c2, luma, blue, red, norm.Mean, 1/norm.Divide)
}
