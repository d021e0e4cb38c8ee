package stat

// bins is how finely a histogram tells similarities apart: 1/1024.
const bins = 2048

// Histogram counts similarities from −1 to 1.
type Histogram [bins]int64

// Add counts one.
func (h *Histogram) Add(score float32) { h[bin(float64(score))]++ }

// Merge adds another's counts.
func (h *Histogram) Merge(o *Histogram) {
	for i, n := range o {
		h[i] += n
	}
}

func bin(score float64) int { return min(max(int((score+1)*bins/2), 0), bins-1) }

// edge is the lower end of a bin.
func edge(i int) float64 { return float64(i)*2/bins - 1 }

// atLeast counts what is not under a similarity, a bin that it divides in proportion.
func (h *Histogram) atLeast(score float64) int64 {
	at := bin(score)
	var n int64
	for _, c := range h[at+1:] {
		n += c
	}
	return n + int64(float64(h[at])*(edge(at+1)-score)*bins/2)
}

// descend goes down from a similarity until n were met.
func (h *Histogram) descend(n int64, from float64) float64 {
	for i := bin(from); i >= 0; i-- {
		if h[i] > n {
			return edge(i+1) - float64(n)/float64(h[i])*2/bins
		}
		n -= h[i]
	}
	return -1
}

// Bars is a histogram of fewer bars for a picture: the share of all in each, from low to high in equal steps.
func Bars(scores []float32, below *Histogram, low, high float64, bars int) []float64 {
	out := make([]float64, bars)
	var all float64
	put := func(score, n float64) {
		at := int((score - low) / (high - low) * float64(bars))
		out[min(max(at, 0), bars-1)] += n
		all += n
	}
	for _, s := range scores {
		put(float64(s), 1)
	}
	if below != nil {
		for i, n := range below {
			if n > 0 {
				put(edge(i)+1.0/bins, float64(n))
			}
		}
	}
	for i := range out {
		out[i] /= max(all, 1)
	}
	return out
}
