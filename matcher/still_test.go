package matcher

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// A liar shows pictures instead of a face: one, or a few by turns, each frame moved as somebody with the picture in his
// hand, or with a program that draws into a virtual camera, would move it. It follows the hints as far as it can.
type liar struct {
	random   *rand.Rand
	pictures []*image.YCbCr // the first is the front; where there are more, the others are for the turns
	wild     float64        // how far it moves things; 0 not at all, 1 until the face is hardly found
	noise    float64        // of the camera, standard deviation
	mirrors  bool           // it turns pictures around where the other side is asked for
	at       pose6          // the motion is smooth where jumps is false
	jumps    bool
}

// pose6 is how a picture is held, each number between −1 and 1.
type pose6 [10]float64

func (l *liar) show(t testing.TB, hint kaopass.Hint) *image.YCbCr {
	for i := range l.at {
		if l.jumps {
			l.at[i] = 2*l.random.Float64() - 1
		} else {
			l.at[i] = math.Max(-1, math.Min(1, l.at[i]+l.random.NormFloat64()*0.25))
		}
	}
	turned := hint == kaopass.HintTurnLeft || hint == kaopass.HintTurnRight
	p := l.pictures[0]
	if turned {
		p = l.pictures[len(l.pictures)-1]
	}
	if l.mirrors && turned && hint == kaopass.HintTurnRight {
		p = mirrored(p)
	}
	img, err := Decode(jpegOf(t, l.held(p)))
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.YCbCr)
}

// held draws a picture as it is held now: any homography, another brightness, a camera's grain.
func (l *liar) held(p *image.YCbCr) *image.YCbCr {
	const w, h = 480, 360
	k := func(i int, most float64) float64 { return l.at[i] * l.wild * most }
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio444)
	pw, ph := float64(p.Rect.Dx()), float64(p.Rect.Dy())
	scale := math.Min(pw/w, ph/h) * (1 + k(0, 0.45))
	sin, cos := math.Sincos(k(1, 0.5))
	stretch, gain, bias := 1+k(2, 0.4), 1+k(3, 0.3), k(4, 20)
	luma, blue, red, dx, dy := planes(p)
	for i := range out.Y {
		u, v := float64(i%w-w/2)+k(5, 50), float64(i/w-h/2)+k(6, 40)
		d := 1 + k(7, 0.0008)*u + k(8, 0.0008)*v
		u, v = u/d*stretch*scale, v/d*scale
		x, y := u*cos-v*sin+k(9, 0.2)*v+pw/2, u*sin+v*cos+ph/2
		out.Y[i] = uint8(clamp(float32(gain*float64(luma.at(x, y)) + bias + l.random.NormFloat64()*l.noise)))
		out.Cb[i], out.Cr[i] = uint8(blue.at(x/dx, y/dy)), uint8(red.at(x/dx, y/dy))
	}
	return out
}

// lies runs one capture against a liar.
func (l *liar) lies(t *testing.T) (kaopass.Progress, *stage) {
	s := newStage(t, anySides())
	s.every = 300 * time.Millisecond
	return s.run(func(h kaopass.Hint) image.Image { return l.show(t, h) }), s
}

// newLiar draws a way to lie from a seed.
func newLiar(t testing.TB, seed uint64, pictures int) (*liar, string) {
	r := rand.New(rand.NewPCG(seed, 3))
	clips := [][]*image.YCbCr{clip(t, franck), clip(t, cap12), clip(t, cap13)}
	frames := clips[r.IntN(len(clips))]
	l := &liar{random: r, wild: []float64{0, 0.3, 0.6, 1}[r.IntN(4)], noise: float64(1 + r.IntN(6)),
		mirrors: r.IntN(2) == 0, jumps: r.IntN(2) == 0}
	for range pictures {
		l.pictures = append(l.pictures, frames[r.IntN(len(frames))])
	}
	if pictures > 1 { // the best there is: a head that is really turned
		l.pictures, l.mirrors = []*image.YCbCr{clip(t, franck)[[]int{0, 3, 4, 12}[r.IntN(4)]]}, true
		for _, i := range []int{13, 31}[2-(pictures-1):] {
			l.pictures = append(l.pictures, clip(t, franck)[i])
		}
	}
	return l, fmt.Sprintf("seed %d: %d pictures, wild %.1f, noise %.0f, mirrors %v, jumps %v", seed, pictures, l.wild, l.noise, l.mirrors, l.jumps)
}

// lieCount is how many liars are tried; KAOPASS_LIARS asks for more.
func lieCount(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("KAOPASS_LIARS")); err == nil {
		return n
	}
	return usual
}

func seeds(usual int) (all []int) {
	if one, err := strconv.Atoi(os.Getenv("KAOPASS_LIAR")); err == nil {
		return []int{one}
	}
	for seed := range lieCount(usual) {
		all = append(all, seed)
	}
	return all
}

func TestOnePictureNeverEnrols(t *testing.T) {
	ended := map[kaopass.Reason]int{}
	for _, seed := range seeds(5) {
		l, how := newLiar(t, uint64(seed), 1)
		p, s := l.lies(t)
		if p.Done {
			t.Errorf("%s: enrolled", how)
		}
		ended[p.Ended]++
		if testing.Verbose() {
			t.Logf("%s: %s, step %d after %v", how, p.Ended, p.Step, s.at.Sub(s.capture.started))
		}
	}
	t.Logf("ended: %v", ended)
}

func TestTwoPicturesNeverEnrol(t *testing.T) {
	ended := map[kaopass.Reason]int{}
	for _, seed := range seeds(1) {
		l, how := newLiar(t, uint64(seed), 2)
		p, s := l.lies(t)
		if p.Done {
			t.Errorf("%s: enrolled", how)
		}
		ended[p.Ended]++
		if testing.Verbose() {
			t.Logf("%s: %s, step %d after %v", how, p.Ended, p.Step, s.at.Sub(s.capture.started))
		}
	}
	t.Logf("ended: %v", ended)
}

// One man looks into the camera, another turns his head for him.
func TestSomebodyElseTurns(t *testing.T) {
	fronts, turned := clip(t, cap12), clip(t, franck)[31]
	s, i := newStage(t, anySides()), 0
	p := s.run(func(h kaopass.Hint) image.Image {
		i++
		switch h {
		case kaopass.HintTurnLeft:
			return turned
		case kaopass.HintTurnRight:
			return mirrored(turned)
		}
		return fronts[[]int{1, 3, 8, 9, 10}[i%5]]
	})
	if p.Done || p.Ended != kaopass.FaceChanged {
		t.Errorf("ended %+v; hints %v", p, s.hints)
	}
}
