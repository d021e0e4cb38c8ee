package jpeg

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

func TestDrawBlockIsDrawGo(t *testing.T) {
	const stride = 24
	r := rand.New(rand.NewPCG(8, 8))
	for round := range 20_000 {
		var b, same [64]int32
		last := r.IntN(64)
		size := int32(1) << (1 + round%11)
		for k := range last + 1 {
			if r.IntN(3) > 0 {
				b[natural[k]] = r.Int32N(2*size) - size
			}
		}
		same = b
		got, want := make([]uint8, 8*stride), make([]uint8, 8*stride)
		drawBlock(&b, got[5:], stride, last)
		drawGo(&same, want[5:], stride, last)
		if !bytes.Equal(got, want) || b != same || b != [64]int32{} {
			t.Fatalf("round %d: %v, not %v; left %v", round, got, want, b)
		}
	}
}

func BenchmarkDrawBlock(b *testing.B) {
	out := make([]uint8, 64)
	for b.Loop() {
		block := [64]int32{400, 30, 20, -10, 5, 9: 20, 17: -30, 25: 10, 40: 8}
		drawBlock(&block, out, 8, 30)
	}
}
