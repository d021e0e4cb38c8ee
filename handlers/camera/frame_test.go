package camera

import (
	"bytes"
	"encoding/base64"
	"testing"

	"golang.org/x/image/vp8"
)

// grey is a key frame of 16×16 grey pixels.
const grey = "MAEAnQEqEAAQAADAEiWkAANwAP6TQAAA"

func keyFrame(t testing.TB) []byte {
	b, err := base64.StdEncoding.DecodeString(grey)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDecodeVP8(t *testing.T) {
	small := keyFrame(t)
	img, err := decodeVP8(vp8.NewDecoder(), small)
	if err != nil || img.Bounds().Dx() != 16 {
		t.Fatal(img, err)
	}
	sized := func(w, h uint16) []byte { // RFC 6386, section 9.1: 14 bits each, little endian
		b := bytes.Clone(small)
		b[6], b[7], b[8], b[9] = byte(w), byte(w>>8), byte(h), byte(h>>8)
		return b
	}
	refused := map[string][]byte{
		"nothing":        nil,
		"a header only":  small[:keyFrameHeader],
		"a delta frame":  append([]byte{small[0] | 1}, small[1:]...),
		"too wide":       sized(frameSideMax+1, 16),
		"too many":       sized(1920, 1920),
		"no pixels":      sized(0, 16),
		"a false start":  append([]byte{0x30, 1, 0, 0, 0, 0}, small[6:]...),
		"too many bytes": append(bytes.Clone(small), make([]byte, keyFrameMax)...),
	}
	for name, data := range refused {
		if _, err := decodeVP8(vp8.NewDecoder(), data); err == nil {
			t.Errorf("%s was decoded", name)
		}
	}
}

// FuzzDecodeVP8 looks for a frame that stops the program: whatever a phone sends, the decoder answers or refuses.
func FuzzDecodeVP8(f *testing.F) {
	f.Add(keyFrame(f))
	d := vp8.NewDecoder() // of one session: a broken frame must not spoil it for the next
	good := keyFrame(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > keyFrameHeader && (int(data[7]&0x3f)<<8|int(data[6]))*(int(data[9]&0x3f)<<8|int(data[8])) > 256*256 {
			t.Skip("slow and no other path")
		}
		_, _ = decodeVP8(d, data)
		if _, err := decodeVP8(d, good); err != nil {
			t.Fatal("a good frame after it:", err)
		}
	})
}
