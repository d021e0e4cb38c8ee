package matcher

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/kaopass/kaopass"
)

// grey is a picture of nothing.
func grey(w, h int, luma uint8) *image.YCbCr {
	p := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range p.Y {
		p.Y[i] = luma
	}
	for i := range p.Cb {
		p.Cb[i], p.Cr[i] = 128, 128
	}
	return p
}

// copied gives a picture that a test may spoil.
func copied(p *image.YCbCr) *image.YCbCr { return upright(upright(p, 3), 3) }

// paste draws one picture into another.
func paste(dst, src *image.YCbCr, x0, y0 int) {
	for y := range src.Rect.Dy() {
		for x := range src.Rect.Dx() {
			dst.Y[dst.YOffset(x0+x, y0+y)] = src.Y[src.YOffset(x, y)]
			dst.Cb[dst.COffset(x0+x, y0+y)] = src.Cb[src.COffset(x, y)]
			dst.Cr[dst.COffset(x0+x, y0+y)] = src.Cr[src.COffset(x, y)]
		}
	}
}

// cover fills part of the face in a picture: from and to are shares of its box.
func cover(t *testing.T, w *workspace, p *image.YCbCr, from, to point, luma, blue, red uint8) *image.YCbCr {
	t.Helper()
	found, err := w.detect(p)
	if err != nil || len(found) == 0 {
		t.Fatal("no face to cover", err)
	}
	out, b := copied(p), found[0]
	for y := int(b.y1 + from.y*b.h()); y < int(b.y1+to.y*b.h()); y++ {
		for x := int(b.x1 + from.x*b.w()); x < int(b.x1+to.x*b.w()); x++ {
			out.Y[out.YOffset(x, y)] = luma
			out.Cb[out.COffset(x, y)], out.Cr[out.COffset(x, y)] = blue, red
		}
	}
	return out
}

// dimmed scales luma about black.
func dimmed(p *image.YCbCr, share float64) *image.YCbCr {
	out := copied(p)
	for i, v := range out.Y {
		out.Y[i] = uint8(float64(v) * share)
	}
	return out
}

// blurred is the mean over squares of 2r+1 pixels.
func blurred(p *image.YCbCr, r int) *image.YCbCr {
	out := copied(p)
	w, h := p.Rect.Dx(), p.Rect.Dy()
	for y := range h {
		for x := range w {
			sum, n := 0, 0
			for yy := max(y-r, 0); yy <= min(y+r, h-1); yy++ {
				for xx := max(x-r, 0); xx <= min(x+r, w-1); xx++ {
					sum, n = sum+int(p.Y[yy*p.YStride+xx]), n+1
				}
			}
			out.Y[y*out.YStride+x] = uint8(sum / n)
		}
	}
	return out
}

func TestFacesThatCannotBeUsed(t *testing.T) {
	m := open(t)
	w, err := newWorkspace(m.networks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	front, turned := clip(t, franck)[3], clip(t, franck)[35]
	other := clip(t, cap12)[3]
	two := grey(800, 300, 110)
	paste(two, other, 0, 0)
	paste(two, front, 400, 0)
	noise := grey(320, 240, 0)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Y {
		noise.Y[i] = uint8(random.Uint32())
	}
	small := grey(640, 480, 110)
	paste(small, quarter(front), 200, 150)
	cases := map[string]struct {
		picture *image.YCbCr
		use     Use
		want    kaopass.Reason
	}{
		"good":                   {front, UseEnrol, ""},
		"a grey wall":            {grey(640, 480, 128), UseGate, kaopass.FaceNone},
		"noise":                  {noise, UseGate, kaopass.FaceNone},
		"two people":             {two, UseGate, kaopass.FaceMany},
		"far away":               {small, UseGate, kaopass.FaceUnclear},
		"dark":                   {dimmed(front, 0.15), UseGate, kaopass.FaceUnclear},
		"blurred":                {blurred(front, 6), UseGate, kaopass.FaceUnclear},
		"turned, to enrol":       {turned, UseEnrol, kaopass.FaceTurned},
		"a little, at a gate":    {turned, UseGate, ""},
		"eyes shut, at a till":   {clip(t, franck)[34], UseTill, kaopass.FaceUnclear},
		"eyes shut, at a gate":   {clip(t, franck)[34], UseGate, ""},
		"sunglasses":             {cover(t, w, front, point{0.02, 0.28}, point{0.98, 0.46}, 18, 128, 128), UseGate, kaopass.FaceCovered},
		"a light-blue mask":      {cover(t, w, front, point{0.05, 0.56}, point{0.95, 0.98}, 170, 150, 108), UseGate, kaopass.FaceCovered},
		"an orientation undone":  {upright(upright(front, 6), 8), UseGate, ""},
		"enlarged to 1280 × 720": {scaled(front, 1280, 720), UseGate, ""},
	}
	for name, c := range cases {
		v, err := w.look(c.picture)
		if err != nil {
			t.Fatal(err)
		}
		got := v.judge(limitsOf(c.use))
		if got != c.want {
			t.Errorf("%s: %q, want %q (%d faces, %.0f px, %+v, %+v, eyes %v %.2f)", name, got, c.want, v.faces, v.box.h(),
				v.pose, v.quality, v.eyesOpen, v.marks.eyeOpening())
		}
	}
}

// quarter shrinks a picture to a quarter of its sides.
func quarter(p *image.YCbCr) *image.YCbCr {
	return scaled(p, p.Rect.Dx()/4, p.Rect.Dy()/4)
}
