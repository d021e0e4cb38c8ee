package index

// kernels are the inner loops. Each exists in plain Go, which says what the others must answer to the bit.
type kernels struct {
	name string

	// sift marks in bits each row whose scaled sum of products with the query is at least floor: of run after run of 64
	// rows, as many as bits has words.
	sift func(bits []uint64, rows []uint8, scales []float32, q *rounded, floor float32)

	// dots answers the sum of products for each row of a list.
	dots func(out []int32, rows []uint8, list []uint32, q *rounded)

	// signs marks in bits each row of a plane whose entries in the tables add up to at least floor, which is 1 to 32,767.
	signs func(bits []uint64, plane, tables []uint8, floor int)

	// many is sift for several queries at once, or nil where one after another is as fast: see manyGo.
	many func(bits []uint32, rows []uint8, scales []float32, m *many)
}

func inGo() kernels { return kernels{"go", siftGo, dotsGo, signsGo, nil} }

func siftGo(bits []uint64, rows []uint8, scales []float32, q *rounded, floor float32) {
	stride := len(q.words)
	for run := range bits {
		var word uint64
		for i := range runRows {
			at := run*runRows + i
			if float32(dotGo(rows[at*stride:][:stride], q))*scales[at] >= floor {
				word |= 1 << i
			}
		}
		bits[run] = word
	}
}

func dotsGo(out []int32, rows []uint8, list []uint32, q *rounded) {
	stride := len(q.words)
	for i, at := range list {
		out[i] = dotGo(rows[int(at)*stride:][:stride], q)
	}
}

// dotGo is Σ q·r, whose numbers are below 2^24 for up to 1,000 dimensions, so that a float32 holds them exactly.
func dotGo(row []uint8, q *rounded) int32 {
	var s0, s1, s2, s3 int32
	words := q.words[:len(row)]
	for i := 0; i+4 <= len(row); i += 4 {
		s0 += int32(row[i]) * int32(words[i])
		s1 += int32(row[i+1]) * int32(words[i+1])
		s2 += int32(row[i+2]) * int32(words[i+2])
		s3 += int32(row[i+3]) * int32(words[i+3])
	}
	return s0 + s1 + s2 + s3 - q.excess
}

// A column of a plane is a byte of each row: eight signs. Its tables say what each half of that byte is worth to the
// query: 16 entries for the low four signs, 16 for the high, none above entryMax, so that eight of them fit in a byte.
const (
	tableBytes = 32
	entryMax   = 31
)

func signsGo(bits []uint64, plane, tables []uint8, floor int) {
	columns := len(tables) / tableBytes
	for run := range bits {
		var word uint64
		for i := range runRows {
			sum := 0
			for c := range columns {
				signs := plane[(run*columns+c)*runRows+i]
				sum += int(tables[c*tableBytes+int(signs&15)]) + int(tables[c*tableBytes+16+int(signs>>4)])
			}
			if sum >= floor {
				word |= 1 << i
			}
		}
		bits[run] = word
	}
}
