package index

// many is several queries as kernels take them: eight at a time, the four bytes of one dimension group of each together.
// Those that fill up the last eight find nobody.
type many struct {
	eights int
	bytes  []int8
	excess [BatchMax]int32
	floors [BatchMax]float32
	turned []uint8 // room for blockRows rows
	marks  [stepRuns * runRows / blockRows * BatchMax]uint32
}

const (
	eight     = 8
	blockRows = 32 // rows that a word of the answer speaks of
)

func newMany(s *space) *many {
	return &many{bytes: make([]int8, BatchMax*s.stride), turned: make([]uint8, blockRows*s.stride)}
}

// pack takes the queries. Their floors are set before each use.
func (m *many) pack(queries []*query) {
	stride := len(queries[0].signed)
	m.eights = (len(queries) + eight - 1) / eight
	clear(m.bytes)
	for j := range m.eights * eight {
		m.excess[j], m.floors[j] = 0, 2*bytesMax*bytesMax
		if j >= len(queries) {
			continue
		}
		m.excess[j] = queries[j].excess
		at := m.bytes[j/eight*eight*stride+j%eight*4:]
		for i := 0; i < stride; i += 4 {
			copy(at[i*eight:][:4], queries[j].signed[i:])
		}
	}
}

// word is what was marked of a query's rows in a block.
func (m *many) word(block, j int) uint32 { return m.marks[block*m.eights*eight+j] }

// manyGo marks, of block after block of 32 rows, each row whose scaled sum of products with a query is at least that
// query's floor: a word for each query, then the next block's.
func manyGo(bits []uint32, rows []uint8, scales []float32, m *many) {
	stride, n := len(m.turned)/blockRows, m.eights*eight
	for at := range scales {
		row := rows[at*stride:][:stride]
		for j := range n {
			if at%blockRows == 0 {
				bits[at/blockRows*n+j] = 0
			}
			sum := -m.excess[j]
			for i, b := range row {
				sum += int32(b) * int32(m.bytes[j/eight*eight*stride+i/4*4*eight+j%eight*4+i%4])
			}
			if float32(sum)*scales[at] >= m.floors[j] {
				bits[at/blockRows*n+j] |= 1 << (at % blockRows)
			}
		}
	}
}
