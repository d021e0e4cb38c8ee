package index

// Adopt takes over everyone of another index, which is empty afterwards: nothing is copied. It reports false, and does
// nothing, where the two are of different length or this one was ever put anybody. Nobody else may use the other.
func (x *Index) Adopt(from *Index) bool {
	if x == from {
		return false
	}
	x.lock.Lock()
	defer x.lock.Unlock()
	from.lock.Lock()
	defer from.lock.Unlock()
	if x.space.dim != from.space.dim || x.used > 0 {
		return false
	}
	x.table, x.used, x.free = from.table, from.used, from.free
	x.chunks.Store(from.chunks.Load()) // last: whoever searches sees all of them or none
	from.table, from.used, from.free = table{}, 0, nil
	from.chunks.Store(&[]*chunk{})
	return true
}
