package evaluate

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Blocks end where rows end, whatever their number is; four at once are four one by one.
func TestBlocksOfAnySize(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{1, 1}, {64, 64}, {65, 3}, {130, 71}} {
		probes, templates := &rows{}, &rows{}
		for i := range size[0] {
			probes.add(draw(r, 20, nil, 1), int32(i), 0)
		}
		for i := range size[1] {
			templates.add(draw(r, 20, nil, 1), int32(i), 0)
		}
		seen := 0
		var out [blockSide * blockSide]float32
		for i := 0; i < probes.len(); i += blockSide {
			for j := 0; j < templates.len(); j += blockSide {
				n, m := block(probes, templates, i, j, &out)
				for a := range n {
					for b := range m {
						seen++
						if got, want := out[a*blockSide+b], dot(probes.at(i+a), templates.at(j+b)); math.Abs(float64(got-want)) > 1e-6 {
							t.Fatalf("%v: row %d with %d is %v, want %v", size, i+a, j+b, got, want)
						}
					}
				}
			}
		}
		if seen != size[0]*size[1] {
			t.Errorf("%v: %d compared", size, seen)
		}
	}
}

func TestFuse(t *testing.T) {
	got := fuse([]float32{1, 0}, []float32{0, 1})
	if want := float32(math.Sqrt(0.5)); math.Abs(float64(got[0]-want)) > 1e-6 || got[0] != got[1] {
		t.Errorf("%v", got)
	}
	if fuse() != nil {
		t.Error("nothing fused is something")
	}
	if zero := fuse([]float32{0, 0}); zero[0] != 0 || zero[1] != 0 {
		t.Errorf("%v: what has no direction has no length 1", zero)
	}
	one := []float32{3, 4}
	if fuse(one); one[0] != 3 {
		t.Error("what is fused is changed")
	}
}
