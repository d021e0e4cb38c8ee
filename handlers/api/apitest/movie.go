package apitest

import (
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"github.com/skip2/go-qrcode"
	"golang.org/x/image/draw"

	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/matcher/webm"
)

// The clips: one man talks to his camera; another sits at a laptop.
const (
	FranckClip = "franck.webm"
	LaptopClip = "cap12_edit.webm"
)

// frameRepeats is for how many frames of a fake camera, which shows 30 a second, each picture stands.
const frameRepeats = 8

// Movie writes what a fake camera shows, over and over: key frames of a clip, and beside the face a QR code where one is
// held up. Chromium takes a file of JPEGs one after another.
func Movie(t testing.TB, clip, qr string, frames ...int) string {
	t.Helper()
	pictures := keyFrames(t, clip)
	var film []byte
	for _, n := range frames {
		still := JPEG(t, scene(t, pictures[n], qr))
		for range frameRepeats {
			film = append(film, still...)
		}
	}
	path := filepath.Join(t.TempDir(), "camera.mjpeg")
	if err := os.WriteFile(path, film, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func keyFrames(t testing.TB, clip string) []image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(Media(t), clip))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	frames, err := webm.KeyFrames(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []image.Image
	for _, frame := range frames {
		img, err := matcher.DecodeVP8(frame.Data)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, img)
	}
	return out
}

// scene is a 1280×720 picture: the face at the left, the ticket at the right.
func scene(t testing.TB, face image.Image, qr string) image.Image {
	t.Helper()
	out := image.NewRGBA(image.Rect(0, 0, 1280, 720))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.Gray{170}), image.Point{}, draw.Src)
	width := face.Bounds().Dx() * 720 / face.Bounds().Dy()
	draw.ApproxBiLinear.Scale(out, image.Rect(0, 0, width, 720), face, face.Bounds(), draw.Src, nil)
	if qr == "" {
		return out
	}
	code, err := qrcode.New(qr, qrcode.Medium)
	if err != nil {
		t.Fatal(err)
	}
	side := 1280 - width - 20
	ticket := code.Image(side)
	draw.Draw(out, image.Rect(width+10, 200, width+10+side, 200+side), ticket, image.Point{}, draw.Src)
	return out
}
