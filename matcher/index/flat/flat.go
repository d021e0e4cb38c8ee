// Package flat is the search that the index is measured against: every number of everyone, in float32, as fast as the
// memory brings them. Nothing but the benchmark uses it.
package flat

import (
	"runtime"
	"slices"
	"unsafe"

	"github.com/kaopass/kaopass/matcher/index/pages"
)

// Rows are unit vectors of float32, one after another.
type Rows struct {
	Dim  int // a multiple of 16
	All  []float32
	held *pages.Memory
	dots func(out, rows, query []float32)
}

// Block is how many rows are compared before one looks at the answers: as many as the second cache holds.
const Block = 256

// New makes room for n rows of dim numbers.
func New(n, dim int) *Rows {
	n = (n + Block - 1) / Block * Block // the kernels compare whole blocks; nobody's rows are zero
	all, held := Numbers(n * dim)
	return &Rows{Dim: dim, All: all, held: held, dots: fastest()}
}

// Numbers makes n zeros as quick to read as memory can be, valid while somebody holds the Memory.
func Numbers(n int) ([]float32, *pages.Memory) {
	held := pages.Make(4 * n)
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(held.Bytes))), n), held
}

// Row is where row i's numbers lie.
func (r *Rows) Row(i int) []float32 { return r.All[i*r.Dim:][:r.Dim] }

// Hit is a row and its product with the query.
type Hit struct {
	Row   int
	Score float32
}

// Search answers the k rows with the largest product, the largest first.
func (r *Rows) Search(query []float32, k int) []Hit { return r.SearchAll([][]float32{query}, k)[0] }

// SearchAll answers for several queries, all of them while a block is in the cache.
func (r *Rows) SearchAll(queries [][]float32, k int) [][]Hit {
	found := make([][]Hit, len(queries))
	var out [Block]float32
	for from := 0; from < len(r.All)/r.Dim; from += Block {
		rows := r.All[from*r.Dim:][:Block*r.Dim]
		for i, q := range queries {
			r.dots(out[:], rows, q)
			found[i] = best(found[i], out[:], from, k)
		}
	}
	runtime.KeepAlive(r.held)
	return found
}

func best(found []Hit, scores []float32, from, k int) []Hit {
	for i, s := range scores {
		if len(found) == k && s <= found[k-1].Score {
			continue
		}
		at, _ := slices.BinarySearchFunc(found, s, func(h Hit, s float32) int {
			if h.Score >= s {
				return -1
			}
			return 1
		})
		found = slices.Insert(found[:min(len(found), k-1)], at, Hit{from + i, s})
	}
	return found
}

// dotsGo writes to out the product of the query with each row.
func dotsGo(out, rows, query []float32) {
	for i := range out {
		var s0, s1 float32
		row := rows[i*len(query):][:len(query)]
		for j := 0; j+2 <= len(row); j += 2 {
			s0 += row[j] * query[j]
			s1 += row[j+1] * query[j+1]
		}
		out[i] = s0 + s1
	}
}

func streamGo(memory []float32) (sum uint64) {
	var s0, s1, s2, s3 float32
	for ; len(memory) >= 4; memory = memory[4:] {
		s0, s1, s2, s3 = s0+memory[0], s1+memory[1], s2+memory[2], s3+memory[3]
	}
	return uint64(s0 + s1 + s2 + s3)
}
