package virtual

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
)

// half is a picture that is dark on one side and light on the other.
func half(t testing.TB, w, h int) image.Image {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := w / 2; x < w; x++ {
			img.SetGray(x, y, color.Gray{200})
		}
	}
	return img
}

func light(img image.Image, x, y int) bool {
	return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y > 100
}

func TestAnyPictureBecomesVideo(t *testing.T) {
	for _, size := range []image.Point{{16, 16}, {61, 47}, {320, 240}} {
		frame, err := KeyFrame(half(t, size.X, size.Y))
		if err != nil {
			t.Fatal(err)
		}
		img, err := decode(frame)
		if err != nil || img.Bounds().Size() != size || light(img, 1, 1) || !light(img, size.X-2, 1) {
			t.Errorf("%v: %v, %v", size, img.Bounds(), err)
		}
		turned, err := mirrorAll([][]byte{frame})
		if err != nil {
			t.Fatal(err)
		}
		if img, err = decode(turned[0]); err != nil || !light(img, 1, 1) || light(img, size.X-2, 1) {
			t.Errorf("%v mirrored: %v", size, err)
		}
		photo, err := JPEG(frame)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := jpeg.Decode(bytes.NewReader(photo)); err != nil || got.Bounds().Size() != size {
			t.Errorf("%v as a photo: %v", size, err)
		}
	}
}

func TestWhatIsNoVideo(t *testing.T) {
	for _, junk := range [][]byte{nil, []byte("RIFF"), []byte("RIFF....WEBPVP8L\x01\x00\x00\x00x"), []byte("RIFF....WEBPVP8 \xff\xff\xff\x7fx")} {
		if _, err := vp8Chunk(junk); !errors.Is(err, errChunk) {
			t.Errorf("%q: %v", junk, err)
		}
	}
	if _, err := JPEG([]byte("no frame")); err == nil {
		t.Error("noise became a photo")
	}
}

func TestAPersonAnswersHints(t *testing.T) {
	p := Person{Front: [][]byte{{1}}, Left: [][]byte{{2}}, Right: [][]byte{{3}}}
	for hint, want := range map[kaopass.Hint]byte{"": 1, kaopass.HintHold: 1, kaopass.HintBack: 1, kaopass.HintTurnLeft: 2, kaopass.HintTurnRight: 3} {
		if got := p.answering(hint)[0][0]; got != want {
			t.Errorf("%s: %d", hint, got)
		}
	}
	stiff := Person{Front: [][]byte{{1}}}
	if stiff.answering(kaopass.HintTurnLeft)[0][0] != 1 {
		t.Error("somebody without a turned picture shows none")
	}
}

func TestTheClips(t *testing.T) {
	media := MediaDir("../../../node_modules")
	if _, err := os.Stat(media); err != nil {
		t.Skip("no media here; `make setup` fetches it")
	}
	enrolling, later, err := Franck(media)
	if err != nil || len(enrolling.Front) < 5 || len(enrolling.Left) != 2 || len(enrolling.Right) != 2 {
		t.Fatalf("%d, %d, %d frames, %v", len(enrolling.Front), len(enrolling.Left), len(enrolling.Right), err)
	}
	for _, frame := range later.Front {
		if slices.ContainsFunc(enrolling.Front, func(b []byte) bool { return bytes.Equal(b, frame) }) {
			t.Error("a frame is in both parts")
		}
	}
	if _, _, err := Laptop(media); err != nil {
		t.Error(err)
	}
	if _, err := FromClip(media+"/franck.webm", Part{Front: []int{10_000}}); err == nil {
		t.Error("a frame that is not there was found")
	}
}

// A head does what was said a moment ago, not at once, and shows no picture of a pose twice in a row.
func TestAHeadReactsAfterAMoment(t *testing.T) {
	h := head{person: Person{Front: [][]byte{{1}, {2}, {3}}, Left: [][]byte{{4}}}}
	at := time.Unix(1_800_000_000, 0)
	var before byte
	for range 50 {
		first := h.show(at, 2)[0]
		if again := h.show(at, 2)[0]; again != first || first == before {
			t.Fatalf("%d after %d, then %d", first, before, again)
		}
		before = first
	}
	h.hear(kaopass.HintTurnLeft, at)
	if got := h.show(at.Add(reaction/2), 2)[0]; got == 4 {
		t.Error("the head turned before anybody could")
	}
	h.hear(kaopass.HintTurnLeft, at.Add(reaction/2)) // said again: it is still the same
	if got := h.show(at.Add(reaction), 2)[0]; got != 4 {
		t.Errorf("a moment later: %d", got)
	}
}
