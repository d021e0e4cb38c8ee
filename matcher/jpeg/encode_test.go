package jpeg

import (
	"encoding/binary"
	"math/rand/v2"
)

// file is a JPEG to be written: coefficients are drawn at random, so that no transform is needed to make one, and every
// sampling, table and restart interval can be had, which the standard library's encoder does not offer.
type file struct {
	w, h     int
	sampling []byte // of each component, as in the frame header
	restart  int
	dense    int // non-zero coefficients of a block, at most
	wide     bool
}

// The counts of codes by length (T.81, tables K.3 and K.5): up to 16 bits for AC, so that no way through is left out.
const (
	dcCounts = "\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00"
	acCounts = "\x00\x02\x01\x03\x03\x02\x04\x03\x05\x05\x04\x04\x00\x00\x01\x7d"
)

type code struct {
	bits   uint32
	length int
}

// codes gives out the codes of a table in order (C.2).
func codes(counts string, values []byte) map[byte]code {
	out, next := map[byte]code{}, uint32(0)
	for i, n := range []byte(counts) {
		for range n {
			out[values[0]] = code{next, i + 1}
			next, values = next+1, values[1:]
		}
		next <<= 1
	}
	return out
}

func dcValues() (v []byte) {
	for size := range byte(12) {
		v = append(v, size)
	}
	return v
}

func acValues() []byte {
	v := []byte{0x00, 0x01, 0xF0}
	for size := byte(1); size <= 10; size++ {
		for run := range byte(16) {
			if s := run<<4 | size; s != 0x01 {
				v = append(v, s)
			}
		}
	}
	return v
}

// writer packs bits and stuffs bytes (F.1.2.3).
type writer struct {
	out  []byte
	next uint64
	have int
}

func (w *writer) put(bits uint32, length int) {
	for i := length - 1; i >= 0; i-- {
		w.next, w.have = w.next<<1|uint64(bits>>i&1), w.have+1
		if w.have == 8 {
			w.out = append(w.out, byte(w.next))
			if byte(w.next) == 0xFF {
				w.out = append(w.out, 0)
			}
			w.next, w.have = 0, 0
		}
	}
}

// flush fills the last byte with ones.
func (w *writer) flush() { w.put(0x7F, (8-w.have)%8) }

// value writes a symbol and the bits behind it.
func (w *writer) value(table map[byte]code, run, v int) {
	size := 0
	for abs := max(v, -v); abs > 0; abs >>= 1 {
		size++
	}
	c := table[byte(run<<4|size)]
	w.put(c.bits, c.length)
	if v < 0 {
		v += 1<<size - 1
	}
	w.put(uint32(v), size)
}

func segment(out []byte, marker byte, body ...byte) []byte {
	out = binary.BigEndian.AppendUint16(append(out, 0xFF, marker), uint16(len(body)+2))
	return append(out, body...)
}

// encode writes the file.
func (f file) encode(r *rand.Rand) []byte {
	out := []byte{0xFF, markerSOI}
	quant := []byte{0}
	if f.wide {
		quant[0] = 0x10
	}
	for i := range 64 {
		if f.wide {
			quant = append(quant, 0)
		}
		quant = append(quant, byte(2+i/4))
	}
	out = segment(out, markerDQT, quant...)
	n := byte(len(f.sampling))
	frame := []byte{8, byte(f.h >> 8), byte(f.h), byte(f.w >> 8), byte(f.w), n}
	scan := []byte{n}
	for i, s := range f.sampling {
		frame, scan = append(frame, byte(i+1), s, 0), append(scan, byte(i+1), 0)
	}
	out = segment(out, markerSOF0, frame...)
	out = segment(out, markerDHT, append(append([]byte{0x00}, dcCounts...), dcValues()...)...)
	out = segment(out, markerDHT, append(append([]byte{0x10}, acCounts...), acValues()...)...)
	if f.restart > 0 {
		out = segment(out, markerDRI, byte(f.restart>>8), byte(f.restart))
	}
	out = append(segment(out, markerCOM, []byte("a comment")...), 0xFF) // and a fill byte
	out = segment(out, markerSOS, append(scan, 0, 63, 0)...)
	return append(f.data(out, r), 0xFF, markerEOI)
}

func (f file) data(out []byte, r *rand.Rand) []byte {
	w := writer{out: out}
	dc, ac := codes(dcCounts, dcValues()), codes(acCounts, acValues())
	sampling := f.sampling
	if len(sampling) == 1 { // not interleaved (A.2.2)
		sampling = []byte{0x11}
	}
	h, v := int(sampling[0]>>4), int(sampling[0]&15)
	mcus := ((f.w + 8*h - 1) / (8 * h)) * ((f.h + 8*v - 1) / (8 * v))
	levels := make([]int, len(sampling))
	for mcu := range mcus {
		if f.restart > 0 && mcu > 0 && mcu%f.restart == 0 {
			w.flush()
			w.out = append(w.out, 0xFF, markerRST0+byte(mcu/f.restart-1)&7)
			clear(levels)
		}
		for i, s := range sampling {
			for range int(s>>4) * int(s&15) {
				f.block(&w, dc, ac, &levels[i], r)
			}
		}
	}
	w.flush()
	return w.out
}

// block writes a mean that wanders about, and some coefficients, mostly low ones.
func (f file) block(w *writer, dc, ac map[byte]code, level *int, r *rand.Rand) {
	to := r.IntN(400) - 200
	w.value(dc, 0, to-*level)
	*level = to
	at := 0
	for range r.IntN(f.dense + 1) {
		gap := r.IntN(4)
		if r.IntN(9) == 0 {
			gap = r.IntN(40)
		}
		if at+gap+1 > 63 {
			break
		}
		for at += gap + 1; gap > 15; gap -= 16 {
			w.value(ac, 15, 0)
		}
		w.value(ac, gap, (1-2*r.IntN(2))*(1+r.IntN(1+120/(at+1))))
	}
	if at < 63 {
		w.value(ac, 0, 0)
	}
}
