package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// The form of a written index: magic, dim and the number of people expected; then for each chunk the number of people in
// it and their identities, scales, means and rows, one kind after another; then a zero. All numbers are little-endian.
// The signs are made again from the rows: that takes less time than reading them.
const magic = "kaopass index 1\n"

// ErrForm says that what is read is not a written index, or not a whole one.
var ErrForm = errors.New("index: not a written index")

// header is what comes first.
type header struct {
	Magic  [len(magic)]byte
	Dim    uint32
	People uint32 // a hint: people come and go while the index is written
}

// dimMax is the longest vector that is believed to a file.
const dimMax = 1024

// Write writes everyone who is in the index throughout, and of those who come or go meanwhile some; whoever goes and comes
// back may be written twice, and counts as written last. It holds no lock for longer than the copy of a chunk. What it
// writes are templates in the clear: seal it.
func (x *Index) Write(w io.Writer) error {
	head := header{Dim: uint32(x.space.dim), People: uint32(x.Len())}
	copy(head.Magic[:], magic)
	if err := binary.Write(w, binary.LittleEndian, head); err != nil {
		return err
	}
	var some people
	var buffer []byte
	defer func() { clear(buffer[:cap(buffer)]); clear(some.bytes[:cap(some.bytes)]) }()
	for _, c := range *x.chunks.Load() {
		c.copy(&some, 0, chunkRows)
		if len(some.ids) == 0 {
			continue
		}
		buffer = some.encode(buffer[:0])
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	_, err := w.Write(make([]byte, 4))
	return err
}

func (p *people) encode(b []byte) []byte {
	b = slices.Grow(b, 4+len(p.ids)*24+len(p.bytes))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p.ids)))
	for _, who := range p.ids {
		b = append(b, who[:]...)
	}
	for _, numbers := range [][]float32{p.scales, p.means} {
		for _, f := range numbers {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
		}
	}
	return append(b, p.bytes...)
}

// Read makes an index of what Write wrote. It answers an error that is [ErrForm] for anything else.
func Read(r io.Reader) (*Index, error) {
	var head header
	if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
		return nil, formError(err)
	}
	if string(head.Magic[:]) != magic || head.Dim == 0 || head.Dim > dimMax || head.People > PeopleMax {
		return nil, fmt.Errorf("%w: another form", ErrForm)
	}
	x := New(int(head.Dim))
	x.table.grow(slotsMin+int(min(head.People, peopleTrusted))*fullDen/fullNum, x.idOf)
	buffer := make([]byte, chunkRows*(24+x.space.stride))
	defer clear(buffer)
	for {
		if _, err := io.ReadFull(r, buffer[:4]); err != nil {
			return nil, formError(err)
		}
		n := binary.LittleEndian.Uint32(buffer)
		if n == 0 {
			return x, nil
		}
		if n > chunkRows {
			return nil, fmt.Errorf("%w: a chunk of %d", ErrForm, n)
		}
		body := buffer[:int(n)*(24+x.space.stride)]
		if _, err := io.ReadFull(r, body); err != nil {
			return nil, formError(err)
		}
		if err := x.decode(int(n), body); err != nil {
			return nil, err
		}
	}
}

// peopleTrusted is for how many people room is made because a header says so.
const peopleTrusted = 1 << 22

func formError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrForm)
	}
	return err
}

// decode adds n people. Nobody else sees the index yet.
func (x *Index) decode(n int, body []byte) error {
	ids, scales, means, bytes := body[:16*n], body[16*n:20*n], body[20*n:24*n], body[24*n:]
	for i := range n {
		who := identity(ids[16*i:])
		scale := math.Float32frombits(binary.LittleEndian.Uint32(scales[4*i:]))
		if !who.valid() || !(scale > 0 && scale <= 1) {
			return fmt.Errorf("%w: nobody's row", ErrForm)
		}
		row, known := x.find(who) // known: gone and come back while this was written; the later chunk was copied later
		if !known {
			var ok bool
			if row, ok = x.room(); !ok {
				return fmt.Errorf("%w: more than %d people", ErrForm, PeopleMax)
			}
			x.table.add(who, row, x.idOf)
		}
		c, at := x.chunk(row), row%chunkRows
		c.ids[at], c.scales[at] = who, scale
		c.means[at] = math.Float32frombits(binary.LittleEndian.Uint32(means[4*i:]))
		copy(c.bytes(at), bytes[i*c.stride:])
		c.draw(at)
	}
	return nil
}
