package index

import (
	"math"
	"sync"

	"github.com/kaopass/kaopass/matcher/index/pages"
)

// chunkRows is how many people share a lock: 4,096 rows of 192 bytes are 0.8 MB, less than a tenth of a millisecond of
// scanning, and that is the longest that a Put or a Remove waits for one search, or a search for them.
const chunkRows = 4096

// runRows is how many rows a word of a bitmap speaks of.
const runRows = 64

// bitmap is one bit for each row of a chunk.
type bitmap [chunkRows / runRows]uint64

// chunk is rows, and whose they are. A row of nobody has the identity zero, the scale zero and no direction.
type chunk struct {
	lock   sync.RWMutex
	stride int
	rows   []uint8
	plane  []uint8       // each row's signs; see draw
	held   *pages.Memory // of rows and plane; whoever uses them has the chunk, to unlock it afterwards
	scales []float32
	means  []float32
	ids    []identity
}

// newChunk makes the chunk of that number. The index's lock is held.
func (x *Index) newChunk(number int) *chunk {
	rows := chunkRows * x.space.stride
	memory, held := x.cut(number, rows+rows/8)
	return &chunk{
		stride: x.space.stride,
		rows:   memory[:rows:rows],
		plane:  memory[rows:],
		held:   held,
		scales: make([]float32, chunkRows),
		means:  make([]float32, chunkRows),
		ids:    make([]identity, chunkRows),
	}
}

func (c *chunk) bytes(at uint32) []uint8 { return c.rows[int(at)*c.stride:][:c.stride:c.stride] }

func (c *chunk) write(at uint32, who identity, v *rounded) {
	c.lock.Lock()
	defer c.lock.Unlock()
	bytes := c.bytes(at)
	for i, q := range v.signed {
		bytes[i] = uint8(int(q) + zero)
	}
	c.ids[at], c.scales[at], c.means[at] = who, v.scale, float32(math.NaN())
	c.draw(at)
}

// erase overwrites all that is kept of a row, and takes it out of the sets.
func (c *chunk) erase(at uint32, sets []*Set, number int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	clear(c.bytes(at))
	c.ids[at], c.scales[at], c.means[at] = identity{}, 0, 0
	c.draw(at)
	for _, s := range sets {
		s.drop(number, at)
	}
}

// draw makes the row's signs in the plane. Runs of 64 rows lie together, and in a run the first byte of each row, then
// the second of each: so one instruction looks at eight dimensions of 64 people.
func (c *chunk) draw(at uint32) {
	bytes := c.bytes(at)
	run := c.plane[int(at)/runRows*runRows*(c.stride/8):]
	for i := range c.stride / 8 {
		var signs uint8
		for bit, b := range bytes[8*i : 8*i+8] {
			signs |= b >> 7 << bit
		}
		run[i*runRows+int(at)%runRows] = signs
	}
}

// read writes a row's vector to out.
func (c *chunk) read(at uint32, s *space, out []float32) {
	c.lock.RLock()
	defer c.lock.RUnlock()
	s.vector(out, c.bytes(at), c.scales[at])
}

// people are the rows of some, copied: the i-th's bytes begin at i times the stride.
type people struct {
	ids    []identity
	scales []float32
	means  []float32
	bytes  []uint8
}

// copy replaces p by whoever is in the rows from one number to another.
func (c *chunk) copy(p *people, from, to uint32) {
	p.ids, p.scales, p.means, p.bytes = p.ids[:0], p.scales[:0], p.means[:0], p.bytes[:0]
	c.lock.RLock()
	defer c.lock.RUnlock()
	for at := from; at < to; at++ {
		if c.ids[at] != (identity{}) {
			p.ids, p.scales, p.means = append(p.ids, c.ids[at]), append(p.scales, c.scales[at]), append(p.means, c.means[at])
			p.bytes = append(p.bytes, c.bytes(at)...)
		}
	}
}
