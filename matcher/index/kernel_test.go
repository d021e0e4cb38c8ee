package index

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// kernelCase is memory as kernels meet it, drawn from a seed: any bytes, also such as no vector has.
type kernelCase struct {
	rows, plane, tables []uint8
	scales              []float32
	list                []uint32
	query               *rounded
}

func drawCase(seed uint64, lines, runs int) kernelCase {
	r := rand.New(rand.NewPCG(seed, 99))
	stride := lines * lineBytes
	c := kernelCase{rows: make([]uint8, runs*runRows*stride), plane: make([]uint8, runs*runRows*stride/8),
		tables: make([]uint8, stride/8*tableBytes), scales: make([]float32, runs*runRows), query: newRounded(newSpace(stride))}
	extreme := r.IntN(3)
	for _, bytes := range [][]uint8{c.rows, c.plane} {
		for i := range bytes {
			if bytes[i] = uint8(r.Uint32()); extreme == 0 {
				bytes[i] = uint8(255 * r.IntN(2))
			}
		}
	}
	for i := range c.tables {
		if c.tables[i] = uint8(r.IntN(entryMax + 1)); extreme == 0 {
			c.tables[i] = entryMax
		}
	}
	var sum int32
	for i := range c.query.signed {
		q := int32(r.IntN(2*bytesMax+1) - bytesMax)
		if extreme == 0 {
			q = bytesMax * (1 - 2*int32(r.IntN(2)))
		}
		c.query.signed[i], c.query.words[i], sum = int8(q), int16(q), sum+q
	}
	c.query.excess = zero * sum
	for i := range c.scales {
		c.scales[i] = r.Float32() * 0.01
	}
	for i := range runs * runRows {
		if r.IntN(3) == 0 {
			c.list = append(c.list, uint32(i))
		}
	}
	return c
}

// check compares kernels with the plain ones to the bit.
func (c kernelCase) check(t *testing.T, k kernels, floor float32, signs int) {
	t.Helper()
	runs := len(c.scales) / runRows
	want, got := make([]uint64, runs), make([]uint64, runs)
	siftGo(want, c.rows, c.scales, c.query, floor)
	k.sift(got, c.rows, c.scales, c.query, floor)
	if !slices.Equal(got, want) {
		t.Errorf("%s sifts %x, want %x", k.name, got, want)
	}
	signsGo(want, c.plane, c.tables, signs)
	k.signs(got, c.plane, c.tables, signs)
	if !slices.Equal(got, want) {
		t.Errorf("%s marks %x, want %x", k.name, got, want)
	}
	dots, wantDots := make([]int32, len(c.list)), make([]int32, len(c.list))
	dotsGo(wantDots, c.rows, c.list, c.query)
	k.dots(dots, c.rows, c.list, c.query)
	if !slices.Equal(dots, wantDots) {
		t.Errorf("%s sums %v, want %v", k.name, dots, wantDots)
	}
}

// checkMany compares the kernel for several queries with the plain one, for as many queries as a batch may have.
func (c kernelCase) checkMany(t *testing.T, k kernels, seed uint64) {
	t.Helper()
	if k.many == nil {
		return
	}
	r := rand.New(rand.NewPCG(seed, 5))
	stride := len(c.query.signed)
	m := newMany(newSpace(stride))
	queries := make([]*query, 1+r.IntN(BatchMax))
	for i := range queries {
		queries[i] = &query{rounded: drawCase(seed+uint64(i), stride/lineBytes, 1).query}
	}
	m.pack(queries)
	for i := range queries {
		m.floors[i] = float32(r.NormFloat64()) * 500
	}
	want := make([]uint32, len(c.scales)/blockRows*m.eights*eight)
	got := make([]uint32, len(want))
	manyGo(want, c.rows, c.scales, m)
	k.many(got, c.rows, c.scales, m)
	if !slices.Equal(got, want) {
		t.Errorf("%s marks %x for several, want %x", k.name, got, want)
	}
	words := make([]uint64, len(c.scales)/runRows)
	for j, q := range queries {
		siftGo(words, c.rows, c.scales, q.rounded, m.floors[j])
		for i, word := range words {
			if n := m.eights * eight; uint64(want[2*i*n+j])|uint64(want[(2*i+1)*n+j])<<32 != word {
				t.Fatalf("for several %x, alone %x", want[2*i*n+j], word)
			}
		}
	}
}

// floors are floors at which some rows pass and some do not, one of them reached exactly.
func (c kernelCase) floors() (floor float32, signs int) {
	floor = float32(dotGo(c.rows[:len(c.query.signed)], c.query)) * c.scales[0]
	for i := range len(c.tables) / tableBytes {
		b := c.plane[i*runRows]
		signs += int(c.tables[i*tableBytes+int(b&15)]) + int(c.tables[i*tableBytes+16+int(b>>4)])
	}
	return floor, max(signs, 1)
}

func TestKernelsAreEqual(t *testing.T) {
	seeds := uint64(60)
	if raced {
		seeds = 9 // assembly has no races that the detector could see
	}
	for _, k := range offered() {
		t.Run(k.name, func(t *testing.T) {
			for seed := range seeds {
				c := drawCase(seed, 1+int(seed%9), 1+int(seed%4))
				floor, signs := c.floors()
				c.check(t, k, floor, signs)
				c.check(t, k, 0, signs+1)
				c.checkMany(t, k, seed)
				c.check(t, k, float32(math.Inf(-1)), 1)
			}
		})
	}
}

func FuzzKernelsAreEqual(f *testing.F) {
	f.Add(uint64(1), []byte("any bytes at all, as long as they are many"))
	f.Fuzz(func(t *testing.T, seed uint64, bytes []byte) {
		c := drawCase(seed, 1+int(seed>>8%8), 1+int(seed>>16%3))
		copy(c.rows, bytes)
		copy(c.plane, bytes)
		for i := range min(len(bytes)/4, len(c.scales)) {
			if s := math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:])); s >= 0 && s <= 1 {
				c.scales[i] = s
			}
		}
		floor, signs := c.floors()
		for _, k := range offered() {
			c.check(t, k, floor, signs)
			c.checkMany(t, k, seed)
		}
	})
}
