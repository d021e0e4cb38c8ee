// Package webm takes the key frames out of a WebM file, and nothing else: enough to hand recorded video to a decoder
// that knows only key frames.
//
// Start at [KeyFrames]. It reads Matroska (RFC 9559) as far as WebM uses it, in EBML (RFC 8794), and never trusts a
// size that it reads.
package webm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// BytesMax is the longest file that is read, in bytes.
const BytesMax = 64 << 20

// FramesMax is how many key frames are answered at most: an hour at three a second.
const FramesMax = 10800

// ErrFormat is what everything is answered that is not WebM with a VP8 video track.
var ErrFormat = errors.New("webm: not a WebM file with VP8 video")

// Frame is one VP8 key frame (RFC 6386) and when it is shown, from the start of the file.
type Frame struct {
	At   time.Duration
	Data []byte
}

// Element ids (RFC 9559, section 5.1), with their length marker.
const (
	idHeader        = 0x1A45DFA3
	idSegment       = 0x18538067
	idInfo          = 0x1549A966
	idTimestampUnit = 0x2AD7B1 // nanoseconds a tick
	idTracks        = 0x1654AE6B
	idTrackEntry    = 0xAE
	idTrackNumber   = 0xD7
	idCodec         = 0x86
	idCluster       = 0x1F43B675
	idTimestamp     = 0xE7
	idSimpleBlock   = 0xA3
	idBlockGroup    = 0xA0
	idBlock         = 0xA1
)

// KeyFrames reads the key frames of the first VP8 track, in the order of the file.
func KeyFrames(r io.Reader) ([]Frame, error) {
	file, err := io.ReadAll(io.LimitReader(r, BytesMax+1))
	if err != nil {
		return nil, fmt.Errorf("webm: %w", err)
	}
	if len(file) > BytesMax {
		return nil, fmt.Errorf("webm: longer than %d bytes", BytesMax)
	}
	p := parser{tick: time.Millisecond}
	if err := p.walk(file, 0); err != nil {
		return nil, err
	}
	if p.track == 0 {
		return nil, ErrFormat
	}
	return p.frames, nil
}

// parser is what is known so far; each element adds to it.
type parser struct {
	tick    time.Duration
	track   uint64 // the video's; 0 until known
	cluster uint64 // ticks at which the cluster begins
	frames  []Frame

	entryNumber uint64 // of the track entry being read
}

// depthMax is how deep elements may hold each other; WebM needs four levels.
const depthMax = 8

// walk reads the elements of one level and goes into those that hold others.
func (p *parser) walk(b []byte, depth int) error {
	if depth > depthMax {
		return ErrFormat
	}
	for len(b) > 0 {
		id, body, rest, err := element(b)
		if err != nil {
			return err
		}
		switch id {
		case idSegment, idInfo, idTracks, idTrackEntry, idCluster, idBlockGroup:
			err = p.walk(body, depth+1)
		default:
			err = p.leaf(id, body)
		}
		if err != nil {
			return err
		}
		b = rest
	}
	return nil
}

func (p *parser) leaf(id uint64, body []byte) error {
	switch id {
	case idTimestampUnit:
		p.tick = time.Duration(min(max(number(body), 1), uint64(time.Second)))
	case idTrackNumber:
		p.entryNumber = number(body)
	case idCodec:
		if string(body) == "V_VP8" && p.track == 0 {
			p.track = p.entryNumber
		}
	case idTimestamp:
		p.cluster = number(body)
	case idSimpleBlock, idBlock:
		return p.block(body)
	}
	return nil
}

// block keeps a frame if it is the video's and a key frame: bit 0 of the first byte is 0 (RFC 6386, section 9.1).
func (p *parser) block(b []byte) error {
	track, n := vint(b, false)
	if n == 0 || len(b) < n+3 {
		return ErrFormat
	}
	shift, lacing, frame := int16(binary.BigEndian.Uint16(b[n:])), b[n+2]&0x06, b[n+3:]
	if track != p.track || track == 0 || lacing != 0 || len(frame) == 0 || frame[0]&1 != 0 {
		return nil
	}
	if len(p.frames) == FramesMax {
		return fmt.Errorf("webm: more than %d key frames", FramesMax)
	}
	ticks := float64(p.cluster) + float64(shift)
	at := time.Duration(math.Min(math.Max(ticks*float64(p.tick), 0), math.MaxInt64/2))
	p.frames = append(p.frames, Frame{at, slices.Clone(frame)})
	return nil
}

// element splits off the first element. One of unknown size, as a live recording has, reaches to the end.
func element(b []byte) (id uint64, body, rest []byte, err error) {
	id, n := vint(b, true)
	if n == 0 {
		return 0, nil, nil, ErrFormat
	}
	size, m := vint(b[n:], false)
	if m == 0 {
		return 0, nil, nil, ErrFormat
	}
	b = b[n+m:]
	if size == 1<<(7*m)-1 { // all ones: unknown
		return id, b, nil, nil
	}
	if size > uint64(len(b)) {
		return 0, nil, nil, ErrFormat
	}
	return id, b[:size], b[size:], nil
}

// vint reads a variable-size integer (RFC 8794, section 4) and its length; 0 where there is none. An id keeps its marker.
func vint(b []byte, marker bool) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	for n = 1; b[0]&(0x80>>(n-1)) == 0; n++ { //nolint:revive // the first set bit says how long it is
	}
	if len(b) < n {
		return 0, 0
	}
	for _, c := range b[:n] {
		v = v<<8 | uint64(c)
	}
	if !marker {
		v &= 1<<(7*n) - 1
	}
	return v, n
}

func number(b []byte) (v uint64) {
	for _, c := range b[:min(len(b), 8)] {
		v = v<<8 | uint64(c)
	}
	return v
}
