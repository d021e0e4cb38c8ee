package matcher

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
)

// harm spoils a picture by a known amount, and names the component that should see it.
type harm struct {
	name string
	sees component
	do   spoil
}

// spoil makes another picture; w is for its memory.
type spoil func(t *testing.T, w *workspace, p *image.YCbCr) *image.YCbCr

func harms() []harm {
	luma := func(f func(v float64) float64) spoil {
		return func(_ *testing.T, _ *workspace, p *image.YCbCr) *image.YCbCr {
			out := copied(p)
			for i, v := range out.Y {
				out.Y[i] = uint8(min(max(f(float64(v)), 0), 255))
			}
			return out
		}
	}
	all := []harm{{"as it is", sharpness, func(_ *testing.T, _ *workspace, p *image.YCbCr) *image.YCbCr { return p }}}
	for _, r := range []int{1, 2, 3, 4} {
		all = append(all, harm{fmt.Sprintf("blurred over %d px", 2*r+1), sharpness,
			func(_ *testing.T, _ *workspace, p *image.YCbCr) *image.YCbCr { return blurred(p, r) }})
	}
	for _, k := range []float64{0.5, 0.25, 0.15, 0.1} {
		all = append(all, harm{fmt.Sprintf("light × %.2f", k), underExposure, luma(func(v float64) float64 { return k * v })})
	}
	for _, k := range []float64{1.5, 2, 3, 4} {
		all = append(all, harm{fmt.Sprintf("light × %.1f, clipped", k), overExposure, luma(func(v float64) float64 { return k * v })})
	}
	for _, k := range []float64{0.3, 0.1, 0.05} {
		all = append(all, harm{fmt.Sprintf("contrast × %.2f", k), dynamicRange, luma(func(v float64) float64 { return 128 + k*(v-128) })})
	}
	for _, k := range []float64{0.8, 0.6, 0.45, 0.35} {
		all = append(all, harm{fmt.Sprintf("face × %.2f", k), faceSize, func(_ *testing.T, w *workspace, p *image.YCbCr) *image.YCbCr { return smaller(w, p, k) }})
	}
	for _, a := range []float64{10, 20, 30, 40} {
		all = append(all, harm{fmt.Sprintf("turned by %.0f°", a), poseRoll, func(_ *testing.T, _ *workspace, p *image.YCbCr) *image.YCbCr { return rotated(p, a) }})
	}
	for _, q := range []int{30, 10, 5} {
		all = append(all, harm{fmt.Sprintf("JPEG quality %d", q), compression, func(t *testing.T, _ *workspace, p *image.YCbCr) *image.YCbCr { return recoded(t, p, q) }})
	}
	return all
}

// smaller is the picture as a camera farther away sees it, in the middle of as large a picture.
func smaller(w *workspace, p *image.YCbCr, k float64) *image.YCbCr {
	luma, blue, red, _, _ := planes(p)
	small := image.NewYCbCr(image.Rect(0, 0, int(float64(luma.w)*k), int(float64(luma.h)*k)), image.YCbCrSubsampleRatio444)
	w.shrink(small.Y, small.YStride, small.Rect.Dx(), small.Rect.Dy(), luma)
	w.shrink(small.Cb, small.CStride, small.Rect.Dx(), small.Rect.Dy(), blue)
	w.shrink(small.Cr, small.CStride, small.Rect.Dx(), small.Rect.Dy(), red)
	out := image.NewYCbCr(p.Rect, image.YCbCrSubsampleRatio444)
	for i := range out.Y {
		out.Y[i], out.Cb[i], out.Cr[i] = 110, 128, 128
	}
	paste(out, small, (luma.w-small.Rect.Dx())/2, (luma.h-small.Rect.Dy())/2)
	return out
}

// rotated turns a picture about its middle.
func rotated(p *image.YCbCr, degrees float64) *image.YCbCr {
	out := copied(p)
	luma, blue, red, _, _ := planes(p)
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	turn := func(dst []uint8, stride int, from plane) {
		cx, cy := float64(from.w-1)/2, float64(from.h-1)/2
		for y := range from.h {
			for x := range from.w {
				dx, dy := float64(x)-cx, float64(y)-cy
				dst[y*stride+x] = uint8(from.at(cx+cos*dx+sin*dy, cy-sin*dx+cos*dy))
			}
		}
	}
	turn(out.Y, out.YStride, luma)
	turn(out.Cb, out.CStride, blue)
	turn(out.Cr, out.CStride, red)
	return out
}

func recoded(t *testing.T, p *image.YCbCr, quality int) *image.YCbCr {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	img, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.YCbCr)
}

// graded is what one picture of a pair gave.
type graded struct {
	g       grades
	score   float64
	vector  []float32
	refused bool // at a gate
	found   bool
}

func gradedOf(t *testing.T, w *workspace, p *image.YCbCr) (out graded) {
	v, err := w.look(p)
	if err != nil {
		t.Fatal(err)
	}
	if v.faces == 0 {
		return graded{refused: true}
	}
	vector, err := w.embed(false)
	if err != nil {
		t.Fatal(err)
	}
	return graded{v.grades(), w.score(), vector, v.judge(limitsOf(UseGate)) != "", true}
}

// TestQualityReport prints the two tables of DESIGN.md, "Quality": what spoiling one photo of each of LFW's genuine pairs
// by a known amount does to recognition, and by how much fewer people are refused where the worst are left out. It takes
// minutes: KAOPASS_QUALITY says how many pairs, of 1,500.
func TestQualityReport(t *testing.T) {
	most, err := strconv.Atoi(os.Getenv("KAOPASS_QUALITY"))
	if err != nil {
		t.Skip("KAOPASS_QUALITY=300 asks for it")
	}
	var pairs []lfwPair
	for _, p := range lfwPairs(t, 3000) {
		if p.same {
			pairs = append(pairs, p)
		}
	}
	pairs = every(pairs, most)
	t.Logf("%d genuine pairs", len(pairs))
	reportHarms(t, every(pairs, 200))
	reportDiscards(t, pairs)
}

// every takes at most n, evenly.
func every(pairs []lfwPair, n int) (out []lfwPair) {
	for i := range min(n, len(pairs)) {
		out = append(out, pairs[i*len(pairs)/min(n, len(pairs))])
	}
	return out
}

func pictureOf(t *testing.T, name string) *image.YCbCr {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	img, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.YCbCr)
}

// reportHarms: the first photo as it is, the second spoiled.
func reportHarms(t *testing.T, pairs []lfwPair) {
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	threshold := 0.419
	first := make([]graded, len(pairs))
	for i, p := range pairs {
		first[i] = gradedOf(t, w, pictureOf(t, p.a))
	}
	t.Logf("%-20s %-15s %6s %6s %8s %9s %9s", "one photo of two", "component", "grade", "score", "refused", "missed", "of used")
	for _, h := range harms() {
		var grade, score []float64
		var refused, missed, missedUsed, used int
		for i, p := range pairs {
			if !first[i].found || first[i].g[singleFace] < 51 {
				continue
			}
			second := gradedOf(t, w, h.do(t, w, pictureOf(t, p.b)))
			miss := !second.found || cosine(first[i].vector, second.vector) < threshold
			grade, score = append(grade, second.g[h.sees]), append(score, second.score)
			missed += one(miss)
			refused += one(second.refused)
			used += one(!second.refused)
			missedUsed += one(miss && !second.refused)
		}
		n := float64(len(grade))
		t.Logf("%-20s %-15s %6.0f %6.0f %7.1f%% %8.1f%% %8.1f%%", h.name, h.sees, middle(grade), middle(score),
			100*float64(refused)/n, 100*float64(missed)/n, 100*float64(missedUsed)/float64(max(used, 1)))
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if len(v) == 0 {
		return 0
	}
	return v[len(v)/2]
}

// reportDiscards prints error against discard (ISO/IEC 29794-1): the share of genuine pairs missed once the pairs with
// the lowest grade on either side are left out.
func reportDiscards(t *testing.T, pairs []lfwPair) {
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	type couple struct {
		low   grades
		score float64
		close float64
	}
	var all []couple
	for _, p := range pairs {
		a, b := gradedOf(t, w, pictureOf(t, p.a)), gradedOf(t, w, pictureOf(t, p.b))
		if !a.found || !b.found {
			continue
		}
		c := couple{score: min(a.score, b.score), close: cosine(a.vector, b.vector)}
		for i := range c.low {
			c.low[i] = min(a.g[i], b.g[i])
		}
		all = append(all, c)
	}
	row := func(name string, by func(couple) float64) {
		slices.SortStableFunc(all, func(a, b couple) int { return cmpDesc(by(b), by(a)) })
		line := fmt.Sprintf("%-16s", name)
		for _, share := range []float64{0, 0.02, 0.05, 0.1, 0.2, 0.3} {
			kept := all[int(share*float64(len(all))):]
			missed := 0
			for _, c := range kept {
				missed += one(c.close < 0.489)
			}
			line += fmt.Sprintf(" %6.2f%%", 100*float64(missed)/float64(len(kept)))
		}
		t.Log(line)
	}
	t.Logf("missed at 0.489 once so many are left out:  0  2 %%  5 %%  10 %%  20 %%  30 %% (of %d)", len(all))
	row("unified score", func(c couple) float64 { return c.score })
	for i := range components {
		row(i.String(), func(c couple) float64 { return c.low[i] })
	}
}

// A component sees what it is there for: the more of it, the lower the grade; and the whole goes down with it.
func TestGradesFallWithTheHarm(t *testing.T) {
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	front := clip(t, franck)[0]
	best := gradedOf(t, w, front)
	if best.refused || best.score < 50 {
		t.Fatalf("a good frame is %.0f: %v", best.score, best.g)
	}
	last := map[component]float64{}
	for _, h := range harms() {
		got := gradedOf(t, w, h.do(t, w, front))
		if !got.found {
			continue
		}
		if before, seen := last[h.sees]; seen && got.g[h.sees] > before+1 && h.sees != compression {
			t.Errorf("%s: %s %.0f after %.0f", h.name, h.sees, got.g[h.sees], before)
		}
		last[h.sees] = got.g[h.sees]
	}
	for c, grade := range last {
		if grade > best.g[c]-5 {
			t.Errorf("%s: %.0f at the worst, %.0f at first", c, grade, best.g[c])
		}
	}
}

func TestEveryComponentHasAWayOut(t *testing.T) {
	for c := range components {
		if r := c.remedy(); r.name == "" || r.hint == "" || r.reason == "" {
			t.Errorf("component %d: %+v", c, r)
		}
	}
	if (&view{}).grades() != (grades{}) {
		t.Error("no face is worth something")
	}
	good := limitsOf(UseEnrol)
	for c, floor := range good.floor {
		if gate := limitsOf(UseGate).floor[c]; floor < gate {
			t.Errorf("%s: to enrol asks for less than a gate", component(c))
		}
	}
}

// An embedder of whose lengths the manifest says nothing refuses nobody for them.
func TestScoresOfAnUnknownEmbedder(t *testing.T) {
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	known := w.calls.embed
	defer func() { w.calls.embed = known }()
	other := *known.network
	other.model.Calibration = nil
	w.calls.embed = &call{network: &other}
	if got := w.score(); got != scoreUnknown || got < limitsOf(UseEnrol).unified {
		t.Errorf("an unknown embedder's score is %.0f", got)
	}
}
