package matcher

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/kaopass/kaopass"
)

// at is a unit vector of the plane, by its angle in degrees.
func at(degrees float64) []float32 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return []float32{float32(cos), float32(sin)}
}

func TestChoosingFrames(t *testing.T) {
	burst := []frame{{at(0), 60}, {at(1), 61}, {at(2), 60}, {at(3), 60}, {at(40), 55}, {at(-40), 50}, {at(90), 10}}
	got := choose(burst, 3)
	want := [][]float32{at(1), at(-40), at(40)}
	for _, w := range want {
		if !slices.ContainsFunc(got, func(g []float32) bool { return slices.Equal(g, w) }) {
			t.Errorf("chosen %v, want %v", got, want)
		}
	}
	if !slices.Equal(got[0], at(1)) {
		t.Error("the best is not the first")
	}
	if all := choose(burst, 7); len(all) != 6 {
		t.Errorf("%d chosen: the bad one counts for nothing", len(all))
	}
	if only := choose([]frame{{at(0), 5}}, 5); len(only) != 1 {
		t.Error("the only one there is was not kept")
	}
	if choose(nil, 5) != nil || choose(burst, 0) != nil {
		t.Error("something was chosen out of nothing")
	}
}

// framesOf reads the frames of a clip that are good enough to enrol.
func framesOf(t *testing.T, name string, use Use) (out []frame) {
	t.Helper()
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	for _, picture := range clip(t, name) {
		if s := w.seePicture(picture, limitsOf(use), false); s.err != nil {
			t.Fatal(s.err)
		} else if s.reason == "" {
			out = append(out, s.frame)
		}
	}
	return out
}

// What choosing gives, against the first five: one take of a man against the other, a quarter of the other man's three
// minutes against the rest. The lowest scores are what count.
func TestChosenFramesAreNotWorseThanTheFirst(t *testing.T) {
	talk := framesOf(t, franck, UseGate)
	for name, c := range map[string]struct{ enrol, probe []frame }{
		"two takes":     {framesOf(t, cap12, UseGate), framesOf(t, cap13, UseGate)},
		"other way":     {framesOf(t, cap13, UseGate), framesOf(t, cap12, UseGate)},
		"three minutes": {talk[:len(talk)/2], talk[len(talk)/2:]},
	} {
		first := vectorsOf(c.enrol[:min(len(c.enrol), kaopass.EnrolledFramesMax)])
		chosen := choose(c.enrol, kaopass.EnrolledFramesMax)
		a, b := lowest(first, c.probe), lowest(chosen, c.probe)
		t.Logf("%s: of %d frames, lowest of %d probes with the first five %.3f, with those chosen %.3f", name, len(c.enrol),
			len(c.probe), a, b)
		if b < a-0.03 {
			t.Errorf("%s: choosing made it worse", name)
		}
	}
}

func lowest(template [][]float32, probes []frame) float64 {
	low := 1.0
	for _, p := range probes {
		low = min(low, cosine(fuse(template), p.vector))
	}
	return low
}

// A capture keeps what the turns showed on their way, and no more than it may.
func TestACaptureChoosesFromTheTurnsToo(t *testing.T) {
	a, s := newActor(t), newStage(t, [2]side{ownLeft, ownRight})
	little := clip(t, franck)[29]
	turns := 0
	p := s.run(func(h kaopass.Hint) image.Image {
		if h == kaopass.HintTurnLeft && turns < 30 {
			turns++
			return little
		}
		return a.act(h)
	})
	if !p.Done || len(s.capture.kept) <= frontsMin || len(s.capture.kept) > poolMax {
		t.Errorf("%+v with %d frames to choose from", p, len(s.capture.kept))
	}
	if template, _ := s.capture.Template(); len(template.Frames) != kaopass.EnrolledFramesMax {
		t.Errorf("%d frames kept", len(template.Frames))
	}
}
