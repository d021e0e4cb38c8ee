package camera

import (
	"bytes"
	"errors"
	"image"

	"golang.org/x/image/vp8"

	"github.com/kaopass/kaopass/matcher"
)

// frame is one picture on its way to the capture: a VP8 key frame, or a still with somebody waiting for what comes of it.
type frame struct {
	data  []byte
	reply chan<- looked // nil for video
}

// looked is what came of a still.
type looked struct {
	progress Progress
	err      error
}

// isKeyFrame reads the frame tag's first bit (RFC 6386, section 9.1).
func isKeyFrame(data []byte) bool {
	return len(data) > keyFrameHeader && len(data) <= keyFrameMax && data[0]&1 == 0
}

// keyFrameHeader is the length of a key frame's header, in bytes.
const keyFrameHeader = 10

var errFrame = errors.New("camera: not a VP8 key frame of a size that we look at")

// decodeVP8 decodes a key frame, after its header has shown that it is not too large. The image is the decoder's own
// and good until the next call.
func decodeVP8(d *vp8.Decoder, data []byte) (image.Image, error) {
	if !isKeyFrame(data) {
		return nil, errFrame
	}
	d.Init(bytes.NewReader(data), len(data))
	h, err := d.DecodeFrameHeader()
	if err != nil {
		return nil, err
	}
	if h.Width == 0 || h.Height == 0 || max(h.Width, h.Height) > frameSideMax || h.Width*h.Height > frameAreaMax {
		return nil, errFrame
	}
	img, err := d.DecodeFrame()
	if err != nil {
		return nil, err
	}
	return matcher.FullRange(img), nil
}

// decode makes a picture of a frame. A session decodes one frame at a time.
func (s *session) decode(f frame) (image.Image, error) {
	select {
	case s.decoders <- struct{}{}:
		defer func() { <-s.decoders }()
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
	if f.reply != nil {
		return matcher.Decode(f.data)
	}
	return decodeVP8(s.vp8, f.data)
}
