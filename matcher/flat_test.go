package matcher

import (
	"image"
	"math"
	"testing"
)

// thumbOf is the thumb of the face in a picture.
func thumbOf(t testing.TB, p *image.YCbCr) thumb {
	t.Helper()
	m := open(t)
	w := m.queue.tryTake()
	defer m.queue.put(w)
	v, err := w.look(p)
	if err != nil || v.faces != 1 {
		t.Fatalf("%d faces, %v", v.faces, err)
	}
	return w.thumb()
}

// One picture held in many ways is one picture, from either side and in a mirror; two takes of one man are two.
func TestOneFlatPicture(t *testing.T) {
	front := clip(t, franck)[0]
	first := thumbOf(t, front)
	for seed := range uint64(6) {
		l, how := newLiar(t, seed, 1)
		l.pictures, l.jumps, l.wild = []*image.YCbCr{front}, true, 0.8
		shown := thumbOf(t, l.show(t, ""))
		if !flat(shown, []thumb{first}) || !flat(first, []thumb{shown}) {
			t.Errorf("%s: %.3f, %.3f", how, unlike(first, shown), unlike(shown, first))
		}
		if !flat(thumbOf(t, mirrored(l.held(front))), []thumb{first}) {
			t.Errorf("%s, mirrored: not the same picture", how)
		}
	}
	for _, i := range []int{3, 13, 31} {
		if other := thumbOf(t, clip(t, franck)[i]); flat(other, []thumb{first}) {
			t.Errorf("frame %d and frame 0: one picture could have made both (%.3f)", i, unlike(first, other))
		}
	}
	if got := unlike(first, first); got > 1e-6 {
		t.Errorf("unlike itself: %g", got)
	}
}

// A known homography is found again.
func TestAnOverlayIsFound(t *testing.T) {
	b := make([]float64, thumbSide*thumbSide)
	for i := range b {
		x, y := float64(i%thumbSide), float64(i/thumbSide)
		b[i] = 100 + 40*math.Sin(x/5) + 30*math.Cos(y/7+x/11)
	}
	want := overlay{h: [8]float64{0.05, -0.04, 0.03, 0.02, -0.06, -0.05, 0.04, -0.03}, gain: 0.8, lift: 12}
	a := make([]float64, len(b))
	for i := range a {
		p := want.place(i, thumbSide)
		value, _, _ := bilinear(b, thumbSide, p.column, p.row)
		a[i] = want.gain*value + want.lift
	}
	got := overlay{gain: 1}
	if left := got.fit(a, b, thumbSide); left > 0.05 {
		t.Errorf("left %g", left)
	}
	for i := range want.h {
		if math.Abs(got.h[i]-want.h[i]) > 0.01 {
			t.Errorf("number %d: %.3f, want %.3f", i, got.h[i], want.h[i])
		}
	}
	if math.Abs(got.gain-want.gain) > 0.01 || math.Abs(got.lift-want.lift) > 1 {
		t.Errorf("gain %.3f, lift %.2f", got.gain, got.lift)
	}
}

// Nothing to see is no reason to stop: a picture without contrast has no overlay that is better than another.
func TestAnOverlayOfNothing(t *testing.T) {
	grey := thumb{fine: make([]float64, thumbSide*thumbSide), coarse: make([]float64, thumbSide*thumbSide/4), spread: 1}
	if got := unlike(grey, grey); got != 0 {
		t.Errorf("grey is unlike grey by %g", got)
	}
}

func FuzzOverlay(f *testing.F) {
	f.Add(uint8(3), uint8(9), 0.1, 5.0)
	f.Fuzz(func(t *testing.T, p, q uint8, k, lift float64) {
		if math.IsNaN(k) || math.IsInf(k, 0) || math.Abs(k) > 100 || math.IsNaN(lift) || math.Abs(lift) > 1e3 {
			t.Skip()
		}
		a, b := make([]float64, thumbSide*thumbSide), make([]float64, thumbSide*thumbSide)
		for i := range a {
			a[i], b[i] = float64(uint8(i*int(p))), k*float64(uint8(i*int(q)))+lift
		}
		one := thumb{a, halve(a, thumbSide), 50}
		if got := unlike(one, thumb{b, halve(b, thumbSide), 50}); math.IsNaN(got) || got < 0 {
			t.Errorf("unlike by %g", got)
		}
	})
}

func TestHowManyPicturesWereShown(t *testing.T) {
	var still, few, live motion
	frames := clip(t, franck)
	one, two := thumbOf(t, frames[0]), thumbOf(t, frames[31])
	for n := range fewMax {
		still.add(one)
		few.add([]thumb{one, two}[n%2])
		if n+1 < stillMax && still.still() || n+1 < fewMax && few.still() {
			t.Fatalf("given up after %d frames", n+1)
		}
	}
	for _, i := range []int{0, 3, 13, 25, 31, 36} {
		live.add(thumbOf(t, frames[i]))
	}
	if !still.still() || !few.still() || few.enough() || len(few.pictures) != 2 || !live.enough() || live.still() {
		t.Errorf("%d, %d, %d pictures", len(still.pictures), len(few.pictures), len(live.pictures))
	}
}
