// Package jpeg decodes the JPEGs that cameras make, more than twice as fast as the standard library.
//
// Start at [Decode]. It reads baseline sequential files of 8 bits in one scan (ITU-T T.81, sections F.2 and B.2): grey,
// and YCbCr with whole or halved colour. Everything else, and everything that is broken in any way, it answers with
// [ErrNotBaseline]; who asks image/jpeg then gets that package's answer, so that the two together accept exactly what
// image/jpeg accepts. The samples differ by at most 1 from image/jpeg's.
package jpeg

import (
	"encoding/binary"
	"errors"
	"image"
)

// ErrNotBaseline says that the bytes are not a plain, whole baseline file. They may be a good JPEG of another kind.
var ErrNotBaseline = errors.New("jpeg: not a whole baseline JPEG")

// Markers (T.81, table B.1).
const (
	markerSOF0  = 0xC0
	markerDHT   = 0xC4
	markerRST0  = 0xD0
	markerRST7  = 0xD7
	markerSOI   = 0xD8
	markerEOI   = 0xD9
	markerSOS   = 0xDA
	markerDQT   = 0xDB
	markerDRI   = 0xDD
	markerAPP0  = 0xE0
	markerAPP14 = 0xEE
	markerAPP15 = 0xEF
	markerCOM   = 0xFE
)

// component is one channel, its plane in whole blocks.
type component struct {
	id, table uint8
	h, v      int // blocks in an MCU
	dc, ac    *huffman
	quant     *[64]int32 // in natural order
	pix       []uint8
	stride    int
	predicted int32 // the DC coefficient of the last block (T.81, F.2.1.3.1)
}

type decoder struct {
	width, height int
	comps         []component
	quants        [4][64]int32
	quantSeen     [4]bool
	huffmans      [2][2]*huffman // by class, then by destination (T.81, B.2.4.2)
	restart       int            // MCUs between two restart markers; 0: none
	across, down  int            // MCUs
	bits          reader
}

// Decode makes a picture of a file. It allocates no more than the planes of the picture that the header promises, and
// those only if the bytes can hold that many blocks; who calls it has judged the size. The error is ErrNotBaseline.
func Decode(b []byte) (*image.YCbCr, error) {
	if len(b) < 4 || b[0] != 0xFF || b[1] != markerSOI {
		return nil, ErrNotBaseline
	}
	d := &decoder{}
	if d.bits.rest = d.segments(b[2:]); d.bits.rest == nil {
		return nil, ErrNotBaseline
	}
	picture := d.picture()
	if picture == nil || !d.scan() || !d.bits.ended() {
		return nil, ErrNotBaseline
	}
	return picture, nil
}

// segments reads everything before the coded data and answers that data, or nil.
func (d *decoder) segments(b []byte) []byte {
	for len(b) >= 4 && b[0] == 0xFF {
		marker, size := b[1], int(binary.BigEndian.Uint16(b[2:]))
		if marker == 0xFF { // a fill byte (B.1.1.2)
			b = b[1:]
			continue
		}
		if size < 2 || size+2 > len(b) {
			return nil
		}
		body, ok := b[4:size+2], true
		b = b[size+2:]
		switch {
		case marker == markerSOF0:
			ok = d.frame(body)
		case marker == markerDHT:
			ok = d.huffmanTables(body)
		case marker == markerDQT:
			ok = d.quantTables(body)
		case marker == markerDRI:
			if ok = len(body) == 2; ok {
				d.restart = int(binary.BigEndian.Uint16(body))
			}
		case marker == markerSOS:
			if d.scanHeader(body) {
				return b
			}
			return nil
		case marker == markerAPP14: // Adobe's: its last byte says whether colours are YCbCr
			ok = len(body) < 12 || string(body[:5]) != "Adobe" || body[11] == 1
		default:
			ok = marker >= markerAPP0 && marker <= markerAPP15 || marker == markerCOM
		}
		if !ok {
			return nil
		}
	}
	return nil
}

// frame reads the frame header (B.2.2).
func (d *decoder) frame(b []byte) bool {
	if len(b) < 6 || b[0] != 8 || len(b) != 6+3*int(b[5]) || b[5] != 1 && b[5] != 3 || d.comps != nil {
		return false
	}
	d.height, d.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	d.comps = make([]component, b[5])
	for i := range d.comps {
		c := b[6+3*i:]
		d.comps[i] = component{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15), table: c[2]}
		if c[2] >= uint8(len(d.quants)) {
			return false
		}
	}
	first := &d.comps[0]
	if len(d.comps) == 1 {
		ok := first.h >= 1 && first.h <= 2 && first.v >= 1 && first.v <= 2
		first.h, first.v = 1, 1 // one component is not interleaved, whatever it says (A.2.2)
		return ok && d.width > 0 && d.height > 0
	}
	blue, red := &d.comps[1], &d.comps[2]
	return d.width > 0 && d.height > 0 && first.id != blue.id && first.id != red.id && blue.id != red.id &&
		(first.id != 'R' || blue.id != 'G' || red.id != 'B') &&
		(first.h == 1 || first.h == 2) && (first.v == 1 || first.v == 2) &&
		blue.h == 1 && blue.v == 1 && red.h == 1 && red.v == 1
}

// quantTables reads quantisation tables (B.2.4.1).
func (d *decoder) quantTables(b []byte) bool {
	for len(b) > 0 {
		wide, at := b[0]>>4, b[0]&15
		size := 64 * int(wide+1)
		if wide > 1 || at >= uint8(len(d.quants)) || len(b) < 1+size {
			return false
		}
		for i := range 64 {
			q := int32(b[1+i])
			if wide == 1 {
				q = int32(binary.BigEndian.Uint16(b[1+2*i:]))
			}
			d.quants[at][natural[i]] = q
		}
		d.quantSeen[at] = true
		b = b[1+size:]
	}
	return true
}

// scanHeader takes only a scan of all components in the frame's order (B.2.3).
func (d *decoder) scanHeader(b []byte) bool {
	n := len(d.comps)
	if n == 0 || len(b) != 4+2*n || int(b[0]) != n {
		return false
	}
	for i := range d.comps {
		c, dc, ac := &d.comps[i], b[2+2*i]>>4, b[2+2*i]&15
		if b[1+2*i] != c.id || dc > 1 || ac > 1 || !d.quantSeen[c.table] {
			return false
		}
		c.dc, c.ac, c.quant = d.huffmans[0][dc], d.huffmans[1][ac], &d.quants[c.table]
		if c.dc == nil || c.ac == nil {
			return false
		}
	}
	return true
}

// picture allocates the planes, in whole blocks; nil where the data is too short to hold them all.
func (d *decoder) picture() *image.YCbCr {
	h, v := d.comps[0].h, d.comps[0].v
	d.across, d.down = (d.width+8*h-1)/(8*h), (d.height+8*v-1)/(8*v)
	blocks := 0
	for i := range d.comps {
		c := &d.comps[i]
		blocks += d.across * d.down * c.h * c.v
	}
	const bitsMin = 2 // a block is at least one bit of DC and one of AC
	if blocks > len(d.bits.rest)*8/bitsMin {
		return nil
	}
	for i := range d.comps {
		c := &d.comps[i]
		c.stride = d.across * c.h * 8
		c.pix = make([]uint8, c.stride*d.down*c.v*8)
	}
	p := &image.YCbCr{Y: d.comps[0].pix, YStride: d.comps[0].stride, Rect: image.Rect(0, 0, d.width, d.height)}
	if len(d.comps) == 1 {
		p.SubsampleRatio, p.CStride = image.YCbCrSubsampleRatio420, (d.width+1)/2
		grey := make([]uint8, 2*p.CStride*((d.height+1)/2))
		for i := range grey {
			grey[i] = 128
		}
		p.Cb, p.Cr = grey[:len(grey)/2], grey[len(grey)/2:]
		return p
	}
	p.Cb, p.Cr, p.CStride = d.comps[1].pix, d.comps[2].pix, d.comps[1].stride
	p.SubsampleRatio = [2][2]image.YCbCrSubsampleRatio{
		{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440},
		{image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420}}[h-1][v-1]
	return p
}
