package matcher

import (
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaopass/kaopass/matcher/pixels"
)

// painted is a picture whose every channel is a slope of its own, so that a place can be told by its colour.
func painted(w, h int, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	p := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	for y := range h {
		for x := range w {
			p.Y[p.YOffset(x, y)] = uint8(50 + 100*x/w)
			p.Cb[p.COffset(x, y)] = uint8(80 + 80*y/h)
			p.Cr[p.COffset(x, y)] = uint8(90 + 40*x/w + 40*y/h)
		}
	}
	return p
}

func TestResizeAgreesWithAPlainMean(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	p := plane{pix: make([]uint8, 97*61), stride: 97, w: 97, h: 61}
	for i := range p.pix {
		p.pix[i] = uint8(r.Uint32())
	}
	var s resampler
	for _, c := range []struct {
		w, h int
		from window
	}{{97, 61, window{0, 0, 97, 61}}, {48, 30, window{0, 0, 96, 60}}, {24, 15, window{1, 1, 96, 60}}, {23, 15, window{5, 1, 92, 60}}, {35, 30, window{27, 1, 70, 60}}, {20, 20, window{3.3, 1.7, 71.2, 44.9}},
		{64, 64, window{-20, -20, 140, 140}}, {5, 5, window{200, 200, 50, 50}}} {
		dst := make([]float32, c.w*c.h)
		s.resize(dst, c.w, c.w, c.h, p, c.from)
		for y := range c.h {
			for x := range c.w {
				want := plainMean(p, c.from.x+float64(x)*c.from.w/float64(c.w), c.from.y+float64(y)*c.from.h/float64(c.h),
					c.from.w/float64(c.w), c.from.h/float64(c.h))
				if got := float64(dst[y*c.w+x]); math.Abs(got-want) > 0.01 {
					t.Fatalf("%d×%d of %v at %d,%d: %.3f, want %.3f", c.w, c.h, c.from, x, y, got, want)
				}
			}
		}
	}
}

// plainMean weighs every pixel by how much of it the target pixel covers; outside it is the nearest one.
func plainMean(p plane, x0, y0, w, h float64) float64 {
	x1, y1 := min(x0+w, float64(p.w)), min(y0+h, float64(p.h))
	x0, y0 = max(x0, 0), max(y0, 0)
	if x1-x0 < 1e-9 {
		x0 = math.Min(math.Max(x0, 0), float64(p.w-1))
		x0, x1 = math.Floor(x0), math.Floor(x0)+1
	}
	if y1-y0 < 1e-9 {
		y0 = math.Min(math.Max(y0, 0), float64(p.h-1))
		y0, y1 = math.Floor(y0), math.Floor(y0)+1
	}
	var sum, area float64
	for y := int(y0); y < min(int(math.Ceil(y1)), p.h); y++ {
		for x := int(x0); x < min(int(math.Ceil(x1)), p.w); x++ {
			part := (math.Min(x1, float64(x+1)) - math.Max(x0, float64(x))) * (math.Min(y1, float64(y+1)) - math.Max(y0, float64(y)))
			sum, area = sum+part*float64(p.pix[y*p.stride+x]), area+part
		}
	}
	return sum / area
}

func TestEnlargingIsSmooth(t *testing.T) {
	p := plane{pix: []uint8{0, 100, 200, 100}, stride: 2, w: 2, h: 2}
	var s resampler
	dst := make([]float32, 16)
	s.resize(dst, 4, 4, 4, p, window{0, 0, 2, 2})
	if dst[0] != 0 || dst[3] != 100 || dst[12] != 200 || math.Abs(float64(dst[1])-25) > 0.01 || math.Abs(float64(dst[4])-50) > 0.01 {
		t.Errorf("%v", dst)
	}
}

func TestWarpInsideAgreesWithWarpAtTheEdge(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	p := plane{pix: make([]uint8, 300*200), stride: 300, w: 300, h: 200}
	for i := range p.pix {
		p.pix[i] = uint8(r.Uint32())
	}
	for range 200 {
		step := point{r.Float64()*4 - 2, r.Float64()*4 - 2}
		from := point{r.Float64() * 300, r.Float64() * 200}
		to := point{from.x + step.x*(alignSide-1), from.y + step.y*(alignSide-1)}
		if !p.holds(from) || !p.holds(to) {
			continue
		}
		line := make([]float32, alignSide)
		p.drawInside(line, from, step)
		for i, got := range line {
			if want := p.at(from.x+float64(i)*step.x, from.y+float64(i)*step.y); math.Abs(float64(got-want)) > 2.5 {
				t.Fatalf("step %d of %v from %v: %.2f, want %.2f", i, step, from, got, want)
			}
		}
	}
}

func TestFitFindsTheSimilarity(t *testing.T) {
	want := similarity{a: 0.8 * math.Cos(0.3), b: 0.8 * math.Sin(0.3), tx: 12, ty: -7}
	from := alignTo()
	var to [5]point
	for i, p := range from {
		to[i] = point{want.a*p.x - want.b*p.y + want.tx, want.b*p.x + want.a*p.y + want.ty}
	}
	got := fit(from, to)
	for _, d := range []float64{got.a - want.a, got.b - want.b, got.tx - want.tx, got.ty - want.ty} {
		if math.Abs(d) > 1e-9 {
			t.Fatalf("%+v, want %+v", got, want)
		}
	}
	if got := fit([5]point{}, to); got.a != 1 {
		t.Errorf("five points in one place: %+v", got)
	}
}

func TestPoseOfAHeadThatTurns(t *testing.T) {
	front := alignTo()
	level := poseOf(front)
	if math.Abs(level.yaw) > 0.03 || math.Abs(level.roll) > 0.02 || level.pitch < 0.4 || level.pitch > 0.6 {
		t.Errorf("the template itself: %+v", level)
	}
	left := front
	left[2].x += 10 // the nose goes to the picture's right: the person's own left
	if p := poseOf(left); turnedTo(p.yaw, 0) != ownLeft {
		t.Errorf("to the own left: %+v", p)
	}
	// A turn of the picture is roll and nothing else.
	var rolled [5]point
	for i, p := range left {
		sin, cos := math.Sincos(0.4)
		rolled[i] = point{p.x*cos - p.y*sin + 300, p.x*sin + p.y*cos + 50}
	}
	if a, b := poseOf(left), poseOf(rolled); math.Abs(a.yaw-b.yaw) > 1e-9 || math.Abs(b.roll-a.roll-0.4) > 1e-9 {
		t.Errorf("rolled: %+v, upright: %+v", b, a)
	}
	// A flat picture seen from aside is narrower: its yaw stays what it was.
	var flat [5]point
	for i, p := range front {
		flat[i] = point{p.x * 0.6, p.y}
	}
	if p := poseOf(flat); math.Abs(p.yaw) > 0.05 {
		t.Errorf("a print turned in the hand: %+v", p)
	}
}

func TestTurnedIsAgainstTheOwnFront(t *testing.T) {
	for _, c := range []struct {
		yaw, base   float64
		left, right bool
	}{{0, 0, false, false}, {0.16, 0, true, false}, {-0.16, 0, false, true}, {0.12, 0, false, false},
		{-0.10, 0.06, false, true}, {-0.06, 0.10, false, false}, {0.10, 0.10, false, false}, {0.16, 0.10, false, false}, {0.19, 0.10, true, false}} {
		if to := turnedTo(c.yaw, c.base); (to == ownLeft) != c.left || (to == ownRight) != c.right {
			t.Errorf("yaw %.2f, front at %.2f: turned to %v", c.yaw, c.base, to)
		}
	}
}

func TestOverlapsAreDropped(t *testing.T) {
	kept := dropOverlaps([]box{{0, 0, 100, 100, 0.8}, {5, 5, 105, 105, 0.9}, {200, 0, 300, 100, 0.7}, {90, 90, 190, 190, 0.7}})
	if len(kept) != 3 || kept[0].score != 0.9 {
		t.Errorf("%v", kept)
	}
	many := make([]box, 500)
	for i := range many {
		many[i] = box{float64(i) * 20, 0, float64(i)*20 + 10, 10, 0.9}
	}
	if kept := dropOverlaps(many); len(kept) != facesMax {
		t.Errorf("%d boxes kept, want %d", len(kept), facesMax)
	}
}

func TestTheLivenessWindowStaysInside(t *testing.T) {
	r := image.Rect(0, 0, 640, 480)
	for _, b := range []box{{10, 10, 110, 130, 1}, {500, 300, 640, 480, 1}, {0, 0, 640, 480, 1}, {200, 100, 300, 220, 1}} {
		got := widen(b, padWide, r)
		if got.x < 0 || got.y < 0 || got.x+got.w > 640.001 || got.y+got.h > 480.001 || got.w > b.w()*padWide+1e-6 {
			t.Errorf("%v became %v", b, got)
		}
	}
	if got := widen(box{200, 100, 300, 220, 1}, padWide, r); math.Abs(got.w-270) > 1e-9 || math.Abs(got.x-115) > 1e-9 {
		t.Errorf("in the middle: %v", got)
	}
}

func TestConvertAgreesWithTheStandardLibrary(t *testing.T) {
	p := painted(64, 48, image.YCbCrSubsampleRatio444)
	for y := 0; y < 48; y += 5 {
		for x := 0; x < 64; x += 5 {
			c := p.YCbCrAt(x, y)
			r, g, b, _ := c.RGBA()
			out := make([]float32, 3)
			pixels.Colours(out[:1], out[1:2], out[2:], []float32{float32(c.Y)}, []float32{float32(c.Cb)}, []float32{float32(c.Cr)}, 0, 1)
			gr, gg, gb := out[0], out[1], out[2]
			for _, d := range []float64{float64(gr) - float64(r>>8), float64(gg) - float64(g>>8), float64(gb) - float64(b>>8)} {
				if math.Abs(d) > 1.01 {
					t.Errorf("%v: %.1f %.1f %.1f, want %d %d %d", c, gr, gg, gb, r>>8, g>>8, b>>8)
				}
			}
		}
	}
}

func TestFuseIsTheRenormalisedMean(t *testing.T) {
	got := fuse([][]float32{{1, 0}, {0, 1}})
	if math.Abs(cosine(got, []float32{1, 0})-math.Sqrt(0.5)) > 1e-6 || math.Abs(cosine(got, got)-1) > 1e-6 {
		t.Errorf("%v", got)
	}
	if fuse(nil) != nil || normalise([]float32{0, 0}) != 0 || cosine([]float32{1}, []float32{1, 0}) != -1 {
		t.Error("nothing became something")
	}
}

// The same face in another form of picture gives the same vector.
func TestTheFormOfAPictureDoesNotMatter(t *testing.T) {
	m := open(t)
	picture := clip(t, franck)[3]
	b := jpegOf(t, picture)
	img, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	reference, err := m.Read(t.Context(), UseGate, [][]byte{b})
	if err != nil || reference.Reason != "" {
		t.Fatal(reference.Reason, err)
	}
	moved := grey(500, 400, 90)
	paste(moved, picture, 70, 60)
	huge := scaled(picture, 2250, 1800)
	random := rand.New(rand.NewPCG(11, 12))
	for i, v := range huge.Y {
		huge.Y[i] = uint8(clamp(float32(v) + float32(random.NormFloat64()*25)))
	}
	for name, other := range map[string][]byte{
		"4 megapixels of grain": jpegOf(t, huge),
		"PNG":                   pngOf(t, img),
		"moved":                 jpegOf(t, moved),
		"enlarged to 720":       jpegOf(t, scaled(picture, 1000, 800)),
	} {
		probe, err := m.Read(t.Context(), UseGate, [][]byte{other})
		if err != nil || probe.Reason != "" {
			t.Errorf("%s: %s, %v", name, probe.Reason, err)
			continue
		}
		near := cosine(probe.vector, reference.vector)
		if t.Logf("%s: cosine %.3f", name, near); near < 0.93 {
			t.Errorf("%s: cosine %.3f", name, near)
		}
	}
}

func TestOpenRefusesOtherModels(t *testing.T) {
	cfg := testConfig(t)
	dir := t.TempDir()
	files, err := os.ReadDir(cfg.Models)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(cfg.Models, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() == "fr_feature_192_lean.onnx" {
			b[len(b)/2] ^= 1
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Models = dir
	if m, err := Open(cfg); err == nil || !strings.Contains(err.Error(), "fr_feature_192_lean.onnx") {
		t.Errorf("a model with one bit changed: %v", err)
		if m != nil {
			_ = m.Close()
		}
	}
	cfg.Models = t.TempDir()
	if _, err := Open(cfg); err == nil {
		t.Error("opened without models")
	}
}
