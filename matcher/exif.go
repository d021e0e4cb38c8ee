package matcher

import (
	"bytes"
	"encoding/binary"
	"image"
)

// jpegInfo is what the segments of a JPEG say that its decoder does not.
type jpegInfo struct {
	orientation int // EXIF 2.32, tag 0x0112; 1 to 8, 1 is upright
	scans       int
}

// JPEG markers (ITU-T T.81, table B.1).
const (
	markerSOS  = 0xDA
	markerAPP1 = 0xE1
)

// readJPEG walks the segments of a JPEG. What it cannot read it leaves to the decoder to refuse.
func readJPEG(b []byte) jpegInfo {
	info := jpegInfo{orientation: 1}
	for b = b[2:]; len(b) >= 4; {
		if b[0] != 0xFF || b[1] == 0 || b[1] == 0xFF || b[1] >= 0xD0 && b[1] <= 0xD9 { // data, filling, restarts
			next := bytes.IndexByte(b[1:], 0xFF)
			if next < 0 {
				break
			}
			b = b[1+next:]
			continue
		}
		size := int(binary.BigEndian.Uint16(b[2:])) + 2
		switch b[1] {
		case markerSOS:
			info.scans++
		case markerAPP1:
			if body, ok := bytes.CutPrefix(b[4:min(max(size, 4), len(b))], []byte("Exif\x00\x00")); ok && info.scans == 0 {
				info.orientation = exifOrientation(body)
			}
		}
		b = b[min(size, len(b)):]
	}
	return info
}

// exifOrientation finds the tag in the first directory of a TIFF header; 1 where there is none.
func exifOrientation(b []byte) int {
	const entryBytes, orientationTag = 12, 0x0112
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(b, []byte("II*\x00")) {
		order = binary.LittleEndian
	} else if !bytes.HasPrefix(b, []byte("MM\x00*")) {
		return 1
	}
	if len(b) < 8 || uint64(order.Uint32(b[4:]))+2 > uint64(len(b)) {
		return 1
	}
	b = b[order.Uint32(b[4:]):]
	count := int(order.Uint16(b))
	for b = b[2:]; count > 0 && len(b) >= entryBytes; count-- {
		if order.Uint16(b) == orientationTag {
			if v := int(order.Uint16(b[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		b = b[entryBytes:]
	}
	return 1
}

// upright turns and mirrors a picture as its orientation asks.
func upright(p *image.YCbCr, orientation int) *image.YCbCr {
	if orientation == 1 {
		return p
	}
	luma, blue, red, sx, _ := planes(p)
	ratio := p.SubsampleRatio
	w, h := luma.w, luma.h
	if swapped := orientation >= 5; swapped {
		w, h = h, w
		switch {
		case sx == 4: // no such ratio upright: 4:1:1 on its side
			return upright(toYCbCr(struct{ image.Image }{p}), orientation)
		case ratio == image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case ratio == image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		}
	}
	out := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	turned := func(dst []uint8, stride int, from plane) { orient(dst, stride, from, orientation) }
	turned(out.Y, out.YStride, luma)
	turned(out.Cb, out.CStride, blue)
	turned(out.Cr, out.CStride, red)
	return out
}

// orient copies a plane so that what orientation calls its first row comes to the top.
func orient(dst []uint8, stride int, p plane, orientation int) {
	for y := range p.h {
		row := p.pix[y*p.stride : y*p.stride+p.w]
		for x, v := range row {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = p.w - 1 - x
			case 3:
				tx, ty = p.w-1-x, p.h-1-y
			case 4:
				ty = p.h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = p.h-1-y, x
			case 7:
				tx, ty = p.h-1-y, p.w-1-x
			case 8:
				tx, ty = y, p.w-1-x
			}
			dst[ty*stride+tx] = v
		}
	}
}
