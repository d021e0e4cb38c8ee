package matcher

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// actor is somebody before the camera who does what the hints ask, a moment later, made of the key frames of one clip.
type actor struct {
	fronts, left, right []*image.YCbCr
	shown               int
	heard, doing        kaopass.Hint
}

func newActor(t *testing.T) *actor {
	frames := clip(t, franck)
	return &actor{
		fronts: []*image.YCbCr{frames[0], frames[1], frames[3], frames[4], frames[12], frames[13], frames[14]},
		left:   []*image.YCbCr{frames[31], frames[35]}, // his own left is the picture's right
		right:  []*image.YCbCr{mirrored(frames[31]), mirrored(frames[35])},
	}
}

func (a *actor) act(hint kaopass.Hint) *image.YCbCr {
	a.shown++
	frames := a.fronts
	if a.heard, a.doing = hint, a.heard; a.doing != hint { // what was said a frame ago
		hint = a.doing
	}
	switch hint {
	case kaopass.HintTurnLeft:
		frames = a.left
	case kaopass.HintTurnRight:
		frames = a.right
	}
	return frames[a.shown%len(frames)]
}

// stage runs a capture in a time of its own, four frames a second unless told.
type stage struct {
	every   time.Duration
	t       *testing.T
	capture *Capture
	at      time.Time
	last    kaopass.Progress
	hints   []kaopass.Hint // each change
}

func newStage(t *testing.T, sides [2]side) *stage {
	s := &stage{t: t, every: 250 * time.Millisecond, capture: open(t).NewCapture(0), at: time.Unix(1_800_000_000, 0)}
	s.capture.now = func() time.Time { return s.at }
	s.capture.turns.side = falls(sides[:])
	return s
}

// falls is a die that falls as told, again and again.
func falls(sides []side) func() side {
	i := -1
	return func() side { i++; return sides[i%len(sides)] }
}

// anySides are drawn as a capture draws them.
func anySides() [2]side { return [2]side{randomSide(), randomSide()} }

func (s *stage) show(img image.Image) kaopass.Progress {
	s.t.Helper()
	p, err := s.capture.Add(s.t.Context(), img)
	if err != nil {
		s.t.Fatal(err)
	}
	if p.Hint != s.last.Hint {
		s.hints = append(s.hints, p.Hint)
	}
	if p.Step < 1 || p.Step > p.Steps || p.Share < 0 || p.Share > 1 || p.Hint == "" {
		s.t.Fatalf("progress makes no sense: %+v", p)
	}
	s.last, s.at = p, s.at.Add(s.every)
	return p
}

// run shows pictures until the capture ends, at most for a minute more than it may take.
func (s *stage) run(next func(kaopass.Hint) image.Image) kaopass.Progress {
	s.t.Helper()
	for range int((kaopass.CaptureMax + time.Minute) / s.every) {
		if p := s.show(next(s.last.Hint)); p.Done || p.Ended != "" {
			return p
		}
	}
	s.t.Fatalf("the capture never ended; hints %v", s.hints)
	return s.last
}

func TestACaptureEndsWell(t *testing.T) {
	for _, sides := range [][2]side{{ownLeft, ownRight}, {ownRight, ownLeft}, {ownLeft, ownLeft}} {
		a, s := newActor(t), newStage(t, sides)
		begun := s.at
		p := s.run(func(h kaopass.Hint) image.Image { return a.act(h) })
		if !p.Done || p.Hint != kaopass.HintDone || p.Share != 1 || p.Step != p.Steps {
			t.Fatalf("ended %+v after %v; hints %v", p, s.at.Sub(begun), s.hints)
		}
		if took := s.at.Sub(begun); took > 10*time.Second {
			t.Errorf("took %v", took)
		} else {
			t.Logf("took %v", took)
		}
		template, ok := s.capture.Template()
		if !ok || len(template.Frames) < frontsMin+1 || len(template.Frames) > kaopass.EnrolledFramesMax {
			t.Fatalf("template of %d frames, %v", len(template.Frames), ok)
		}
		probe, err := open(t).Read(t.Context(), UseGate, stills(t, franck, 7))
		if err != nil || probe.Against(template) != "" {
			t.Errorf("the same man at a gate: %s, %v", probe.Against(template), err)
		}
		if again := s.show(a.fronts[0]); !again.Done {
			t.Errorf("a frame after the end: %+v", again)
		}
	}
}

// A photo before the camera, held still, moved, or turned in the hand, never passes.
func TestAStillNeverPasses(t *testing.T) {
	frames := clip(t, franck)
	front, turned := frames[0], frames[31]
	moved := []*image.YCbCr{front, shifted(front, 6, 0), shifted(front, -5, 4), squeezed(front, 0.8), squeezed(front, 0.65)}
	for name, pictures := range map[string][]*image.YCbCr{
		"held still":        {front},
		"turned, all along": {turned},
		"moved and tilted":  moved,
	} {
		s, i := newStage(t, anySides()), 0
		s.every = 800 * time.Millisecond
		p := s.run(func(kaopass.Hint) image.Image { i++; return pictures[i%len(pictures)] })
		if p.Done || p.Ended == "" {
			t.Errorf("%s: %+v", name, p)
		}
		if _, ok := s.capture.Template(); ok || s.capture.kept != nil {
			t.Errorf("%s: something was kept", name)
		}
	}
}

// shifted moves a picture by pixels, its edges repeated.
func shifted(p *image.YCbCr, dx, dy int) *image.YCbCr {
	out := copied(p)
	w, h := p.Rect.Dx(), p.Rect.Dy()
	for y := range h {
		for x := range w {
			out.Y[y*out.YStride+x] = p.Y[min(max(y-dy, 0), h-1)*p.YStride+min(max(x-dx, 0), w-1)]
		}
	}
	return out
}

// squeezed is what a flat picture looks like from aside: narrower.
func squeezed(p *image.YCbCr, share float64) *image.YCbCr {
	out := grey(p.Rect.Dx(), p.Rect.Dy(), 100)
	narrow := scaled(p, int(float64(p.Rect.Dx())*share), p.Rect.Dy())
	paste(out, narrow, (p.Rect.Dx()-narrow.Rect.Dx())/2, 0)
	return out
}

func TestSomebodyElseStepsIn(t *testing.T) {
	a, s := newActor(t), newStage(t, [2]side{ownLeft, ownRight})
	other := clip(t, cap12)[1]
	for s.last.Step < 2 {
		s.show(a.act(""))
	}
	if p := s.show(other); p.Hint == kaopass.HintSamePerson {
		t.Error("one frame was enough")
	}
	if p := s.show(other); p.Hint != kaopass.HintSamePerson || p.Step != 1 {
		t.Fatalf("another man took the second step: %+v", p)
	}
	people, i := []*image.YCbCr{a.fronts[0], other}, 0
	p := s.run(func(kaopass.Hint) image.Image { i++; return people[i/8%2] })
	if p.Ended != kaopass.FaceChanged {
		t.Errorf("two men taking turns: %+v", p)
	}
}

func TestTurningTheWrongWay(t *testing.T) {
	a, s := newActor(t), newStage(t, [2]side{ownLeft, ownRight})
	p := s.run(func(h kaopass.Hint) image.Image {
		if h == kaopass.HintTurnLeft {
			a.shown++
			return []*image.YCbCr{a.right[0], a.fronts[0]}[a.shown/2%2]
		}
		return a.act(h)
	})
	if p.Ended != kaopass.ChallengeMissed {
		t.Errorf("ended %+v", p)
	}
}

func TestHintsOfACapture(t *testing.T) {
	front := clip(t, franck)[0]
	two := grey(800, 300, 110)
	paste(two, clip(t, cap12)[3], 0, 0)
	paste(two, front, 400, 0)
	far := grey(640, 480, 110)
	paste(far, scaled(front, 180, 144), 240, 150)
	corner := grey(1000, 400, 110)
	paste(corner, front, 0, 0)
	for want, picture := range map[kaopass.Hint]*image.YCbCr{
		kaopass.HintLook:   grey(640, 480, 90),
		kaopass.HintAlone:  two,
		kaopass.HintCloser: far,
		kaopass.HintCentre: corner,
		kaopass.HintLight:  dimmed(front, 0.2),
		kaopass.HintStill:  blurred(front, 5),
		kaopass.HintFront:  clip(t, franck)[31],
		kaopass.HintEyes:   clip(t, franck)[34],
		kaopass.HintHold:   front,
	} {
		if p := newStage(t, anySides()).show(picture); p.Hint != want {
			t.Errorf("hint %s, want %s", p.Hint, want)
		}
	}
}

func TestHintsDoNotFlicker(t *testing.T) {
	var s steady
	var shown []kaopass.Hint
	for _, h := range []kaopass.Hint{"look", "closer", "look", "light", "light", "closer", "light"} {
		shown = append(shown, s.hint(h))
	}
	want := []kaopass.Hint{"look", "look", "look", "look", "light", "light", "light"}
	if !slices.Equal(shown, want) {
		t.Errorf("shown %v, want %v", shown, want)
	}
	if got := s.now(kaopass.HintHold); got != kaopass.HintHold {
		t.Errorf("what was achieved waits: %s", got)
	}
}

// Prints of real people, where they are at hand: the model knows them. Else a photo of a photo made here, paler, in a
// white frame, on a wall: the model takes it for a person, and the challenge does not.
func TestAPrintIsNotTakenForAPerson(t *testing.T) {
	pictures, real := prints(t)
	s, i := newStage(t, anySides()), 0
	s.every = 800 * time.Millisecond
	p := s.run(func(kaopass.Hint) image.Image { i++; return pictures[i%len(pictures)] })
	if p.Done || p.Ended == "" {
		t.Fatalf("a print enrolled: %+v", p)
	}
	refused := 0
	for _, picture := range pictures[:min(len(pictures), 12)] {
		probe, err := open(t).Read(t.Context(), UseGate, [][]byte{jpegOf(t, picture)})
		if err != nil {
			t.Fatal(err)
		}
		if probe.Reason == kaopass.NotLive {
			refused++
		}
	}
	if real && refused < min(len(pictures), 12) {
		t.Errorf("%d prints passed for people", min(len(pictures), 12)-refused)
	}
	t.Logf("%d of %d prints refused as not live; the capture ended with %s", refused, min(len(pictures), 12), p.Ended)
}

func prints(t *testing.T) (pictures []*image.YCbCr, real bool) {
	t.Helper()
	dir := os.Getenv("KAOPASS_FACES")
	if dir == "" {
		dir = "../../shared/faces"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "pad", "print", "0003", "*.jpg"))
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, img.(*image.YCbCr))
	}
	if len(pictures) == 0 {
		t.Logf("no prints of real people in %s: one made here instead", dir)
		return []*image.YCbCr{madePrint(clip(t, franck)[0])}, false
	}
	return pictures, true
}

// madePrint is a paper with a face on it, held up before a wall.
func madePrint(p *image.YCbCr) *image.YCbCr {
	out := grey(640, 480, 90)
	paste(out, grey(380, 308, 235), 120, 90)
	pale := copied(p)
	for i, v := range pale.Y {
		pale.Y[i] = uint8(70 + int(v)*150/255)
	}
	paste(out, blurred(pale, 1), 130, 100)
	return out
}

func TestACaptureWaitsItsTurn(t *testing.T) {
	cfg := testConfig(t)
	cfg.Workers, cfg.Wait = 1, 20*time.Millisecond
	m, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	w := m.queue.tryTake()
	defer m.queue.put(w)
	p, err := m.NewCapture(0).Add(t.Context(), grey(320, 240, 100))
	if !errors.Is(err, ErrBusy) || p.Hint != kaopass.HintWait || p.Steps != turnsUsual+2 {
		t.Errorf("with every worker taken: %+v, %v", p, err)
	}
}
