package pixels

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func drawn(r *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = r.Float32() * 255
	}
	return out
}

func bytesOf(r *rand.Rand, n int) []uint8 {
	out := make([]uint8, n)
	for i := range out {
		if out[i] = uint8(r.Uint32()); r.IntN(4) == 0 {
			out[i] = 255
		}
	}
	return out
}

func TestColoursIsColoursGo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for n := range 70 {
		luma, cb, cr := drawn(r, n), drawn(r, n), drawn(r, n)
		var got, want [3][]float32
		for i := range got {
			got[i], want[i] = make([]float32, n), make([]float32, n)
		}
		mean, k := r.Float32()*127, 1/(r.Float32()*127+1)
		Colours(got[0], got[1], got[2], luma, cb, cr, mean, k)
		coloursGo(want[0], want[1], want[2], luma, cb, cr, mean, k)
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("%d pixels, channel %d: %v, not %v", n, i, got[i], want[i])
			}
		}
	}
}

func TestMeansIsMeansGo(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, side := range []int{2, 4} {
		for n := range 40 {
			stride := n*side + r.IntN(9)
			pix := bytesOf(r, stride*(side-1)+n*side) // not one more than is read
			got, want := make([]float32, n), make([]float32, n)
			Means(got, pix, stride, side)
			meansGo(want, pix, stride, side)
			if !slices.Equal(got, want) {
				t.Fatalf("%d of %d: %v, not %v", n, side, got, want)
			}
		}
	}
}

func TestRowsIsRowsGo(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for n := range 40 {
		for taps := range 6 {
			stride := n + r.IntN(9)
			pix := bytesOf(r, stride*max(taps-1, 0)+n)
			weights := drawn(r, taps)
			got, want := drawn(r, n), make([]float32, n)
			Rows(got, pix, stride, weights)
			rowsGo(want, pix, stride, weights)
			if !slices.Equal(got, want) {
				t.Fatalf("%d of %d rows: %v, not %v", n, taps, got, want)
			}
		}
	}
}

func TestColumnsSum(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var c Columns
	for n := 1; n < 40; n++ {
		taps := 1 + r.IntN(6)
		c.Begin(n, taps)
		line := drawn(r, n+10)
		want := make([]float32, n)
		for x := range n {
			weights := drawn(r, 1+r.IntN(taps))
			first := r.IntN(n + 10 - taps + 1)
			c.Set(x, first, weights)
			for k, w := range weights {
				want[x] += w * line[first+k]
			}
		}
		got, plain := make([]float32, n), make([]float32, n)
		c.Sum(got, line)
		c.sumGo(plain, line, 0)
		if !slices.Equal(got, want) || !slices.Equal(plain, want) {
			t.Fatalf("%d: %v and %v, not %v", n, got, plain, want)
		}
	}
}

func TestShortSlicesAreRefused(t *testing.T) {
	for name, call := range map[string]func(){
		"means":   func() { Means(make([]float32, 8), make([]uint8, 31), 16, 2) },
		"rows":    func() { Rows(make([]float32, 8), make([]uint8, 23), 16, []float32{1, 1}) },
		"colours": func() { o := make([]float32, 8); Colours(o, o, o[:7:7], o, o, o, 0, 1) },
		"columns": func() {
			var c Columns
			c.Begin(8, 2)
			c.Set(7, 7, []float32{1, 1})
			c.Sum(make([]float32, 8), make([]float32, 8))
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("read behind its end")
				}
			}()
			call()
		})
	}
}
