package matcher

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
	"time"
)

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bomb is a PNG of a few bytes that claims to be of any size.
func bomb(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	header = append(header, 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header))
}

// jpegClaiming is a JPEG whose header was changed to another size.
func jpegClaiming(t *testing.T, w, h uint16) []byte {
	b := jpegOf(t, grey(160, 160, 100))
	at := bytes.Index(b, []byte{0xFF, 0xC0})
	binary.BigEndian.PutUint16(b[at+5:], h)
	binary.BigEndian.PutUint16(b[at+7:], w)
	return b
}

func TestDecodeRefuses(t *testing.T) {
	good := jpegOf(t, grey(320, 240, 100))
	manyScans := append(slices.Clone(good[:len(good)-2]), bytes.Repeat([]byte{0xFF, markerSOS, 0, 2}, jpegScansMax+1)...)
	for name, c := range map[string]struct {
		data []byte
		want ImageKind
	}{
		"nothing":                  {nil, ImageType},
		"text":                     {[]byte("hello"), ImageType},
		"GIF":                      {[]byte("GIF89a\x01\x00\x01\x00"), ImageType},
		"WebP":                     {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), ImageType},
		"40 megapixels of PNG":     {bomb(8000, 5000), ImageTooLarge},
		"4 thousand million":       {bomb(1<<31-1, 1<<31-1), ImageUnreadable},
		"40 megapixels of JPEG":    {jpegClaiming(t, 8000, 5000), ImageTooLarge},
		"more than 4 MiB":          {append(slices.Clone(good), make([]byte, ImageBytesMax)...), ImageTooLarge},
		"a stamp":                  {jpegOf(t, grey(159, 400, 100)), ImageUnreadable},
		"a truncated JPEG":         {good[:len(good)/2], ImageUnreadable},
		"a JPEG's first bytes":     {good[:3], ImageUnreadable},
		"a truncated PNG":          {pngOf(t, grey(200, 200, 9))[:100], ImageUnreadable},
		"a header and nothing":     {bomb(640, 480), ImageUnreadable},
		"scans without end":        {manyScans, ImageTooLarge},
		"a JPEG of another's size": {jpegClaiming(t, 3000, 3000), ImageUnreadable},
	} {
		begun := time.Now()
		_, err := Decode(c.data)
		var got *ImageError
		if !errors.As(err, &got) || got.Kind != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("%s took %v to refuse", name, took)
		}
	}
}

func TestDecodeGoesByTheFirstBytes(t *testing.T) {
	colours := image.NewNRGBA(image.Rect(0, 0, 200, 160))
	for i := range colours.Pix {
		colours.Pix[i] = 255
	}
	colours.Set(7, 3, color.NRGBA{200, 30, 40, 255})
	pale := image.NewGray(image.Rect(0, 0, 200, 160))
	pale.SetGray(7, 3, color.Gray{99})
	for name, b := range map[string][]byte{"a PNG named .jpg": pngOf(t, colours), "a grey PNG": pngOf(t, pale), "a grey JPEG": jpegOf(t, pale)} {
		img, err := Decode(b)
		if err != nil || img.Bounds().Dx() != 200 || img.Bounds().Dy() != 160 {
			t.Errorf("%s: %v", name, err)
		}
	}
	img, err := Decode(pngOf(t, colours))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(7, 3).RGBA(); r>>8 < 195 || g>>8 > 35 || b>>8 > 45 {
		t.Errorf("a red pixel became %d %d %d", r>>8, g>>8, b>>8)
	}
}

// exif is an APP1 segment with one tag.
func exif(order binary.AppendByteOrder, mark string, orientation uint16) []byte {
	b := append([]byte("Exif\x00\x00"), mark...)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	b = append(b, 0, 0, 0, 0, 0, 0)
	head := binary.BigEndian.AppendUint16([]byte{0xFF, markerAPP1}, uint16(len(b)+2))
	return append(head, b...)
}

// A phone stores the sensor's picture and says how it was held; whatever it says, the corner that was marked is found.
func TestDecodeHonoursOrientation(t *testing.T) {
	corners := []image.Point{{0, 0}, {199, 0}, {199, 159}, {0, 159}, {0, 0}, {159, 0}, {159, 199}, {0, 199}}
	picture := image.NewGray(image.Rect(0, 0, 200, 160))
	for y := range 40 {
		for x := range 40 {
			picture.SetGray(x, y, color.Gray{255})
		}
	}
	for i, corner := range corners {
		for mark, order := range map[string]binary.AppendByteOrder{"MM\x00*": binary.BigEndian, "II*\x00": binary.LittleEndian} {
			b := jpegOf(t, picture)
			b = slices.Concat(b[:2], exif(order, mark, uint16(i+1)), b[2:])
			img, err := Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			turned := i >= 4
			if (img.Bounds().Dx() == 160) != turned {
				t.Errorf("orientation %d gave %v", i+1, img.Bounds())
			}
			if luma := img.(*image.YCbCr).YCbCrAt(corner.X, corner.Y).Y; luma < 200 {
				t.Errorf("orientation %d: the white corner is not at %v", i+1, corner)
			}
		}
	}
	for _, bad := range [][]byte{nil, []byte("MM\x00*"), []byte("MM\x00*\xff\xff\xff\xff"), []byte("II*\x00\x08\x00\x00\x00\xff\xff\x12\x01")} {
		if got := exifOrientation(bad); got != 1 {
			t.Errorf("EXIF % x: orientation %d", bad, got)
		}
	}
}

func TestUprightKeepsColourOfEverySubsampling(t *testing.T) {
	for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
		p := image.NewYCbCr(image.Rect(0, 0, 176, 160), ratio)
		for i := range p.Y {
			p.Y[i] = 100
		}
		for i := range p.Cb {
			p.Cb[i], p.Cr[i] = 90, 170
		}
		for o := 1; o <= 8; o++ {
			q := upright(p, o)
			if c := q.YCbCrAt(20, 30); c.Y < 98 || c.Y > 102 || c.Cb < 88 || c.Cb > 92 || c.Cr < 168 || c.Cr > 172 {
				t.Errorf("%v, orientation %d: %v", ratio, o, c)
			}
		}
	}
}

func TestVideoHasTheRangeOfPhotos(t *testing.T) {
	p := grey(160, 160, 16)
	p.Y[1], p.Y[2], p.Y[3], p.Cb[0], p.Cr[0] = 235, 126, 250, 240, 16
	FullRange(p)
	if p.Y[0] != 0 || p.Y[1] != 255 || p.Y[2] != 128 || p.Y[3] != 255 || p.Cb[0] != 255 || p.Cr[0] > 1 || p.Cb[1] != 128 {
		t.Errorf("luma %v, colour %d %d %d", p.Y[:4], p.Cb[0], p.Cr[0], p.Cb[1])
	}
	for _, bad := range [][]byte{nil, []byte("not a frame"), {0x31, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f}} {
		var wrong *ImageError
		if _, err := DecodeVP8(bad); !errors.As(err, &wrong) {
			t.Errorf("frame % x: %v", bad, err)
		}
	}
}

// Which decoder read a photo does not show in the face.
func TestBothDecodersGiveOneFace(t *testing.T) {
	w := open(t).queue.tryTake()
	defer open(t).queue.put(w)
	for _, b := range append(stills(t, franck, 0, 8), photo(t, "audrey.jpg"), stills(t, cap12, 1)[0]) {
		theirs, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		ours, err := Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		first := w.seePicture(toYCbCr(theirs), limitsOf(UseGate), false)
		second := w.seePicture(toYCbCr(ours), limitsOf(UseGate), false)
		if near := cosine(first.vector, second.vector); first.reason != second.reason || near < 0.999 || abs(first.live-second.live) > 0.02 {
			t.Errorf("%q and %q, cosine %.4f, living %.3f and %.3f", first.reason, second.reason, near, first.live, second.live)
		}
	}
}

func FuzzDecode(f *testing.F) {
	b := new(bytes.Buffer)
	if err := jpeg.Encode(b, image.NewGray(image.Rect(0, 0, 160, 160)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(slices.Concat(b.Bytes()[:2], exif(binary.BigEndian, "MM\x00*", 6), b.Bytes()[2:]))
	f.Add(bomb(8000, 5000))
	f.Add(bomb(200, 200))
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := Decode(data)
		var kind *ImageError
		switch {
		case err != nil && !errors.As(err, &kind):
			t.Errorf("an error of another kind: %v", err)
		case err == nil && (img.Bounds().Dx()*img.Bounds().Dy() > ImagePixelsMax || min(img.Bounds().Dx(), img.Bounds().Dy()) < ImageSideMin):
			t.Errorf("decoded %v", img.Bounds())
		}
	})
}
