package index

import "github.com/kaopass/kaopass/matcher/index/pages"

// The first chunks of an index are on the heap, so that a small one is small. Further ones share slabs.
const (
	heapChunks = 8
	slabChunks = 64 // 57 MB of address space; memory is taken as rows are written
)

// slab is memory for several chunks. Each of them holds it.
type slab struct {
	memory *pages.Memory
	rest   []byte
}

// cut answers memory for the next chunk, of n bytes, and who holds it: nobody for what the heap holds anyway.
func (x *Index) cut(number, n int) ([]byte, *pages.Memory) {
	if number < heapChunks {
		return make([]byte, n), nil
	}
	if len(x.slab.rest) < n {
		memory := pages.Make(n * slabChunks)
		x.slab = slab{memory, memory.Bytes}
	}
	b := x.slab.rest[:n:n]
	x.slab.rest = x.slab.rest[n:]
	x.mapped += n
	return b, x.slab.memory
}

// Mapped is how many bytes of the index are not on the heap.
func (x *Index) Mapped() int {
	x.lock.RLock()
	defer x.lock.RUnlock()
	return x.mapped
}
