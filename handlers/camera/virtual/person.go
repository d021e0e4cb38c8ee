// Package virtual is a visitor without a browser: a real WebRTC client that shows recorded faces to a camera and does
// what the hints ask, as a person would.
//
// Start at [FromClip] for somebody to show, and at [Visitor.Enrol] for a capture. It serves `kaopass demo`, rehearsals
// and tests on machines that have no webcam; nothing of it is reached by a running server.
package virtual

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"os"

	"github.com/gen2brain/webp"
	"golang.org/x/image/vp8"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/matcher/webm"
)

// Person is what somebody can show to a camera: VP8 key frames of the face from the front and with the head turned to
// the person's own left and right.
type Person struct{ Front, Left, Right [][]byte }

// Part says which key frames of a clip to show, counted from 0. A clip in which the head turns one way only does for
// both: a mirrored right turn is a left turn.
type Part struct{ Front, Left, Right []int }

// FromClip takes a person out of a WebM file.
func FromClip(path string, part Part) (Person, error) {
	frames, err := clip(path)
	if err != nil {
		return Person{}, err
	}
	p := Person{Front: pick(frames, part.Front), Left: pick(frames, part.Left), Right: pick(frames, part.Right)}
	if len(p.Front) == 0 {
		return Person{}, fmt.Errorf("virtual: %s has none of the frames asked for", path)
	}
	if len(p.Left) == 0 {
		p.Left, err = mirrorAll(p.Right)
	} else if len(p.Right) == 0 {
		p.Right, err = mirrorAll(p.Left)
	}
	return p, err
}

func clip(path string) ([]webm.Frame, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	frames, err := webm.KeyFrames(f)
	return frames, errors.Join(err, f.Close())
}

func pick(frames []webm.Frame, which []int) (out [][]byte) {
	for _, i := range which {
		if i < len(frames) {
			out = append(out, frames[i].Data)
		}
	}
	return out
}

// answering is what the person shows on a hint.
func (p Person) answering(h kaopass.Hint) [][]byte {
	switch {
	case h == kaopass.HintTurnLeft && len(p.Left) > 0:
		return p.Left
	case h == kaopass.HintTurnRight && len(p.Right) > 0:
		return p.Right
	}
	return p.Front
}

// JPEGs are the front frames as photos, for gates and tills.
func (p Person) JPEGs() ([][]byte, error) {
	var out [][]byte
	for _, f := range p.Front {
		b, err := JPEG(f)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// JPEG makes a photo of a key frame.
func JPEG(frame []byte) ([]byte, error) {
	img, err := decode(frame)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 92})
	return b.Bytes(), err
}

// KeyFrame makes a VP8 key frame of any image: the "VP8 " chunk of a lossy WebP file is one (RFC 9649, section 2.5).
func KeyFrame(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := webp.Encode(&b, img, webp.Options{Quality: 90, Method: 2}); err != nil {
		return nil, err
	}
	return vp8Chunk(b.Bytes())
}

var errChunk = errors.New("virtual: a WebP file without a VP8 chunk")

// vp8Chunk finds the chunk in the RIFF container: after its 12 bytes, each chunk is a name, a length, and data padded
// to an even length.
func vp8Chunk(riff []byte) ([]byte, error) {
	if len(riff) < 12 {
		return nil, errChunk
	}
	for rest := riff[12:]; len(rest) >= 8; {
		size := int(binary.LittleEndian.Uint32(rest[4:]))
		if size > len(rest)-8 {
			break
		}
		if string(rest[:4]) == "VP8 " {
			return rest[8 : 8+size], nil
		}
		rest = rest[min(8+size+size%2, len(rest)):]
	}
	return nil, errChunk
}

func mirrorAll(frames [][]byte) ([][]byte, error) {
	var out [][]byte
	for _, f := range frames {
		img, err := decode(f)
		if err != nil {
			return nil, err
		}
		m, err := KeyFrame(mirrored(img))
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func mirrored(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Src)
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride:][:4*b.Dx()]
		for i, j := 0, 4*(b.Dx()-1); i < j; i, j = i+4, j-4 {
			for c := range 4 {
				row[i+c], row[j+c] = row[j+c], row[i+c]
			}
		}
	}
	return out
}

func decode(frame []byte) (image.Image, error) {
	d := vp8.NewDecoder()
	d.Init(bytes.NewReader(frame), len(frame))
	if _, err := d.DecodeFrameHeader(); err != nil {
		return nil, err
	}
	return d.DecodeFrame()
}
