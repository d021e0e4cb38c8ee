package jpeg

// lookBits is how many bits one look at the table decides. Nearly every code of a photo is shorter, and most with the
// value behind it.
const lookBits = 10

// huffman is a table of codes (T.81, annex C), made for looking at lookBits at once.
type huffman struct {
	look   [1 << lookBits]entry
	limit  [17]uint32 // of codes of a length: one more than the last, left-aligned in 16 bits
	offset [17]int32  // from a code of a length to its place in values
	values [256]uint8
}

// entry is what the next bits mean: a code, and its value where that is in the bits as well. 0 means nothing.
//
//	bits 0 to 4    bits to take
//	bits 5 to 8    size of the value that follows, 0 if it is here or there is none
//	bits 9 to 15   coefficients to go on, this one included; blockEnd for the last
//	bits 16 to 31  value, signed
type entry uint32

// blockEnd is what EOB goes on by: beyond any block.
const blockEnd = 64

func (e entry) taken() uint  { return uint(e & 31) }
func (e entry) size() uint   { return uint(e >> 5 & 15) }
func (e entry) ahead() int   { return int(e >> 9 & 127) }
func (e entry) value() int32 { return int32(e) >> 16 }

// symbol is the entry of a code without its value (T.81, F.1.2.1 and F.1.2.2): for DC the size alone, for AC the zeros
// before the value and its size.
func symbol(value uint8, length uint) entry {
	run, size := entry(value>>4), entry(value&15)
	ahead := run + 1
	if value == 0 {
		ahead = blockEnd
	}
	return entry(length) | size<<5 | ahead<<9
}

// huffmanTables reads tables (B.2.4.2).
func (d *decoder) huffmanTables(b []byte) bool {
	for len(b) > 0 {
		if len(b) < 17 || b[0]>>4 > 1 || b[0]&15 > 1 {
			return false
		}
		count := 0
		for _, n := range b[1:17] {
			count += int(n)
		}
		if count == 0 || count > 256 || len(b) < 17+count {
			return false
		}
		h := &huffman{}
		if !h.fill(b[1:17], b[17:17+count], b[0]>>4 == 0) {
			return false
		}
		d.huffmans[b[0]>>4][b[0]&15] = h
		b = b[17+count:]
	}
	return true
}

// fill gives out the codes of each length in order (C.2). It refuses more codes than there are, and symbols that a
// baseline file cannot mean: a DC difference of more than 15 bits, a run without a value but ZRL and EOB.
func (h *huffman) fill(counts, values []uint8, dc bool) bool {
	code, at := uint32(0), 0
	copy(h.values[:], values)
	for i, n := range counts {
		length := uint(i + 1)
		h.offset[length] = int32(at) - int32(code)
		for range n {
			v := values[at]
			if dc && v > 15 || !dc && v&15 == 0 && v != 0 && v != 0xF0 || code >= 1<<length {
				return false
			}
			if length <= lookBits {
				h.put(code, length, v)
			}
			code, at = code+1, at+1
		}
		h.limit[length] = code << (16 - length)
		code <<= 1
	}
	return true
}

// put writes every entry that begins with a code.
func (h *huffman) put(code uint32, length uint, value uint8) {
	e := symbol(value, length)
	size, free := e.size(), lookBits-length
	for more := range uint32(1) << free {
		full := e
		if size > 0 && size <= free {
			full = e&^(15<<5) + entry(size) | entry(extend(more>>(free-size), size))<<16
		}
		h.look[code<<free|more] = full
	}
}

// extend gives bits their sign (F.2.2.1, figure F.12).
func extend(bits uint32, size uint) int32 {
	v := int32(bits)
	if v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}

// long reads a code of more than lookBits from the next 16 bits (F.2.2.3, figure F.16); 0 where there is none.
func (h *huffman) long(next uint32) entry {
	for length := uint(lookBits + 1); length <= 16; length++ {
		if next < h.limit[length] {
			return symbol(h.values[int32(next>>(16-length))+h.offset[length]], length)
		}
	}
	return 0
}
