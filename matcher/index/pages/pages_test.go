package pages

import (
	"runtime"
	"testing"
	"unsafe"
)

func TestMemoryIsWholeAndZero(t *testing.T) {
	for _, n := range []int{1, 4096, 3<<20 + 5} {
		m := Make(n)
		if len(m.Bytes) != n || cap(m.Bytes) != n {
			t.Fatalf("%d bytes, want %d", len(m.Bytes), n)
		}
		if runtime.GOOS == "linux" && uintptr(unsafe.Pointer(&m.Bytes[0]))%huge != 0 {
			t.Error("it does not begin at a large page")
		}
		for i := range m.Bytes {
			if m.Bytes[i] != 0 {
				t.Fatal("it is not zero")
			}
			m.Bytes[i] = 1
		}
		runtime.KeepAlive(m)
	}
}

// Memory that nobody holds is given back, and making more of it goes on.
func TestMemoryIsGivenBack(t *testing.T) {
	for range 50 {
		m := Make(64 << 20)
		m.Bytes[len(m.Bytes)-1] = 1
		runtime.KeepAlive(m)
		runtime.GC()
	}
}
