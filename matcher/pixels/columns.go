package pixels

// Columns says which neighbours in a line make each pixel of a row, and with which weights. Its memory is used again by
// the next Begin.
type Columns struct {
	taps    int // of the pixel that has most; the others have weights of 0 more
	firsts  []int32
	weights []float32 // eight pixels' first, then their second, and so on
	reach   int
}

// Begin makes room for n pixels of at most so many taps.
func (c *Columns) Begin(n, taps int) {
	padded := (n + eight - 1) &^ (eight - 1)
	c.taps, c.reach = taps, 0
	if cap(c.firsts) < padded || cap(c.weights) < padded*taps {
		c.firsts, c.weights = make([]int32, padded), make([]float32, padded*taps)
	}
	c.firsts, c.weights = c.firsts[:padded], c.weights[:padded*taps]
	clear(c.firsts)
	clear(c.weights)
}

// Set makes pixel x of weights.
func (c *Columns) Set(x, first int, weights []float32) {
	c.firsts[x] = int32(first)
	c.reach = max(c.reach, first+c.taps)
	at := x&^(eight-1)*c.taps + x&(eight-1)
	for k, w := range weights[:min(len(weights), c.taps)] {
		c.weights[at+k*eight] = w
	}
}

// Reach is how long a line has to be, so that no pixel's taps end behind it. What a weight of 0 meets there must be a
// number.
func (c *Columns) Reach() int { return max(c.reach, c.taps) }

// Sum draws a row.
func (c *Columns) Sum(dst, line []float32) {
	_, _ = line[c.Reach()-1], c.firsts[len(dst)-1]
	done := c.sumFast(dst, line)
	c.sumGo(dst, line, done)
}

func (c *Columns) sumGo(dst, line []float32, from int) {
	for x := from; x < len(dst); x++ {
		at := x&^(eight-1)*c.taps + x&(eight-1)
		var sum float32
		for k, v := range line[c.firsts[x]:][:c.taps] {
			sum += c.weights[at+k*eight] * v
		}
		dst[x] = sum
	}
}
