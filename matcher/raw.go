package matcher

import (
	"context"
	"image"
	"math"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/internal/permit"
)

// Raw reads faces for measurements and answers the vectors themselves. Nothing that serves people can hold one: the
// permit's package is internal to the matcher.
type Raw struct{ matcher *Matcher }

// Raw opens the measuring side of a matcher.
func (m *Matcher) Raw(permit.Measuring) Raw { return Raw{m} }

// RawFace is what one image gave. Its vectors are of the matcher's model, of length 1.
type RawFace struct {
	Faces   int                    // found in the image; with none everything else is empty
	Refused map[Use]kaopass.Reason // why a use would not take this image; a use that would is absent
	Probe   []float32              // as a gate or a till makes it
	Frame   []float32              // as a template's frame is made: mirrored and summed
	Live    float64                // share of "living", 0 to 1; only where asked for
}

// RawWish says what is to be computed of an image.
type RawWish struct {
	Middle  bool // of several faces the one nearest to the middle of the image, as labelled sets are cut; else the main one
	Vectors bool
	Live    bool
}

// Model names what made the vectors.
func (r Raw) Model() string { return r.matcher.model }

// Workers is how many images can be read at once.
func (r Raw) Workers() int { return r.matcher.queue.workers }

// Fuse makes one vector of several as a template and an approach are made: their renormalised mean; nil of none.
func Fuse(_ permit.Measuring, vectors ...[]float32) []float32 { return fuse(vectors) }

// Face reads one image. Errors are ErrBusy, *ImageError and the context's.
func (r Raw) Face(ctx context.Context, b []byte, wish RawWish) (RawFace, error) {
	img, err := Decode(b)
	if err != nil {
		return RawFace{}, err
	}
	w, err := r.matcher.queue.take(ctx, r.matcher.probes)
	if err != nil {
		return RawFace{}, err
	}
	defer r.matcher.queue.put(w)
	return w.raw(toYCbCr(img), wish)
}

func (w *workspace) raw(pic *image.YCbCr, wish RawWish) (out RawFace, err error) {
	choose := mainFace
	if wish.Middle {
		choose = func(found []box) box { return middleFace(found, pic.Bounds()) }
	}
	v, err := w.lookAt(pic, choose)
	if err != nil || v.faces == 0 {
		return out, err
	}
	out.Faces, out.Refused = v.faces, map[Use]kaopass.Reason{}
	for _, use := range []Use{UseEnrol, UseGate, UseTill} {
		if reason := v.judge(limitsOf(use)); reason != "" {
			out.Refused[use] = reason
		}
	}
	if wish.Vectors {
		if err := w.rawVectors(&out); err != nil {
			return out, err
		}
	}
	if wish.Live {
		out.Live, err = w.live(v.picture, v.box)
	}
	return out, err
}

// rawVectors embeds the aligned face plain and then mirrored; it runs before liveness, which draws over that face.
func (w *workspace) rawVectors(out *RawFace) (err error) {
	if out.Probe, err = w.embed(false); err != nil {
		return err
	}
	out.Frame, err = w.embed(true)
	return err
}

// middleFace is the one nearest to the middle of the picture.
func middleFace(found []box, r image.Rectangle) box {
	middle := point{float64(r.Dx()) / 2, float64(r.Dy()) / 2}
	best, nearest := found[0], math.Inf(1)
	for _, f := range found {
		if d := distance(middle, point{(f.x1 + f.x2) / 2, (f.y1 + f.y2) / 2}); d < nearest {
			best, nearest = f, d
		}
	}
	return best
}
