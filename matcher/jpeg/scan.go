package jpeg

import (
	"bytes"
	"encoding/binary"
)

// natural is where the coefficient of a place in the zigzag stands in its block (T.81, figure A.6).
const natural = "\x00\x01\x08\x10\x09\x02\x03\x0a\x11\x18\x20\x19\x12\x0b\x04\x05\x0c\x13\x1a\x21\x28\x30" +
	"\x29\x22\x1b\x14\x0d\x06\x07\x0e\x15\x1c\x23\x2a\x31\x38\x39\x32\x2b\x24\x1d\x16\x0f\x17" +
	"\x1e\x25\x2c\x33\x3a\x3b\x34\x2d\x26\x1f\x27\x2e\x35\x3c\x3d\x36\x2f\x37\x3e\x3f"

// coefficientEnd is what a dequantised coefficient stays under in a file made of 8-bit samples, and twice that: beyond it
// the arithmetic would not be exact.
const coefficientEnd = 1 << 11

// reader hands out the bits of coded data (T.81, F.2.2.5).
type reader struct {
	rest    []byte
	next    uint64 // the next bits, the first one on top
	have    uint   // how many of them there are
	phantom uint   // how many of the last are zeros that no byte brought: the data ended, or a marker came
}

// fill sees to it that there are at least 32 bits.
func (r *reader) fill() {
	if len(r.rest) >= 4 {
		word := binary.BigEndian.Uint32(r.rest)
		if inverse := ^word; (inverse-0x01010101)&word&0x80808080 == 0 { // none of the four is 0xFF
			r.next |= uint64(word) << (32 - r.have)
			r.have += 32
			r.rest = r.rest[4:]
			return
		}
	}
	for r.have <= 56 {
		b, size := byte(0), 0
		switch {
		case len(r.rest) > 0 && r.rest[0] != 0xFF:
			b, size = r.rest[0], 1
		case len(r.rest) > 1 && r.rest[1] == 0: // a stuffed 0xFF
			b, size = 0xFF, 2
		default:
			r.phantom += 8
		}
		r.next |= uint64(b) << (56 - r.have)
		r.have += 8
		r.rest = r.rest[size:]
	}
}

// marker goes on to the next marker and answers it, 0 where there is none.
func (r *reader) marker() byte {
	r.next, r.have, r.phantom = 0, 0, 0
	for {
		at := bytes.IndexByte(r.rest, 0xFF)
		if at < 0 || at+1 == len(r.rest) {
			return 0
		}
		if r.rest = r.rest[at+1:]; r.rest[0] == 0 { // stuffed data, left over
			continue
		}
		for len(r.rest) > 0 { // fill bytes (B.1.1.2) and the marker
			m := r.rest[0]
			if r.rest = r.rest[1:]; m != 0xFF {
				return m
			}
		}
		return 0
	}
}

// ended reports whether nothing but the end of the image follows. Some encoders write one restart marker too many.
func (r *reader) ended() bool {
	for {
		switch m := r.marker(); {
		case m == markerEOI:
			return true
		case m < markerRST0 || m > markerRST7:
			return false
		}
	}
}

// scan decodes all MCUs (F.2.1.3) and reports whether every bit was there.
func (d *decoder) scan() bool {
	var b [64]int32
	for my := range d.down {
		for mx := range d.across {
			if !d.restarted(my*d.across + mx) {
				return false
			}
			for i := range d.comps {
				if !d.unit(&b, &d.comps[i], mx, my) {
					return false
				}
			}
		}
	}
	return true
}

// restarted begins anew where a restart interval ends (E.2.4), and reports whether the marker that is due was there.
func (d *decoder) restarted(mcu int) bool {
	if d.restart == 0 || mcu == 0 || mcu%d.restart != 0 {
		return true
	}
	for i := range d.comps {
		d.comps[i].predicted = 0
	}
	return d.bits.marker() == markerRST0+byte(mcu/d.restart-1)&7
}

// unit decodes one component's blocks of an MCU (A.2.3).
func (d *decoder) unit(b *[64]int32, c *component, mx, my int) bool {
	for y := my * c.v; y < (my+1)*c.v; y++ {
		for x := mx * c.h; x < (mx+1)*c.h; x++ {
			last := d.block(b, c)
			if last < 0 {
				return false
			}
			c.draw(b, x, y, last)
		}
	}
	return true
}

// block decodes the coefficients of a block, dequantised and in natural order (F.2.2), and answers the place in the
// zigzag of the last one, or -1 where the bits mean nothing.
func (d *decoder) block(b *[64]int32, c *component) int {
	r := &d.bits
	if r.have < 32 {
		r.fill()
	}
	e := c.dc.look[r.next>>(64-lookBits)]
	if e == 0 {
		if e = c.dc.long(uint32(r.next >> 48)); e == 0 {
			return -1
		}
	}
	next, have := r.next<<e.taken(), r.have-e.taken()
	value := e.value()
	if size := e.size(); size > 0 {
		value = extend(uint32(next>>(64-size)), size)
		next, have = next<<size, have-size
	}
	c.predicted += value
	b[0] = c.predicted * c.quant[0]
	last, wild := 0, b[0]^b[0]>>31
	for k := 0; k < 63; {
		if have < 32 {
			r.next, r.have = next, have
			r.fill()
			next, have = r.next, r.have
		}
		e := c.ac.look[next>>(64-lookBits)]
		if e == 0 {
			if e = c.ac.long(uint32(next >> 48)); e == 0 {
				return -1
			}
		}
		next, have = next<<(e.taken()&31), have-e.taken()
		k += e.ahead()
		if k >= 64 {
			if e.ahead() != blockEnd {
				return -1
			}
			break
		}
		value := e.value()
		if size := e.size(); size > 0 {
			value = extend(uint32(next>>(64-size)), size)
			next, have = next<<(size&31), have-size
		}
		last = k
		at := natural[k&63] & 63
		value *= c.quant[at]
		b[at] = value
		wild |= value ^ value>>31
	}
	r.next, r.have = next, have
	if have < r.phantom || wild >= coefficientEnd {
		return -1
	}
	return last
}
