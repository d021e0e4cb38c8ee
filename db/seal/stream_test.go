package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
)

func sealedFile(t testing.TB, f *File, head string, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := f.Seal(&out, []byte(head))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openedFile(f *File, head string, sealed []byte) ([]byte, error) {
	r, err := f.Open(bytes.NewReader(sealed), []byte(head))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestAFileIsOfOneKeyAndHead(t *testing.T) {
	v := venue(t)
	f, wrapped, err := v.NewFile("snp_1")
	if err != nil {
		t.Fatal(err)
	}
	plain := bytes.Repeat([]byte("Tarō's numbers "), 200_000) // three segments
	sealed := sealedFile(t, f, "head", plain)
	again := must[*File](t)(v.File("snp_1", wrapped))
	if got, err := openedFile(again, "head", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatal(len(got), err)
	}
	if bytes.Contains(sealed, plain[:16]) {
		t.Error("sealed in clear")
	}
	other, _, err := v.NewFile("snp_1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.File("snp_2", wrapped); !errors.Is(err, ErrSealed) {
		t.Errorf("the key of another file: %v", err)
	}
	if _, err := venue(t).File("snp_1", wrapped); !errors.Is(err, ErrSealed) {
		t.Errorf("the key of another venue: %v", err)
	}
	for what, try := range map[string]func() ([]byte, error){
		"another key":  func() ([]byte, error) { return openedFile(other, "head", sealed) },
		"another head": func() ([]byte, error) { return openedFile(f, "Head", sealed) },
		"more":         func() ([]byte, error) { return openedFile(f, "head", append(bytes.Clone(sealed), 0)) },
		"nothing":      func() ([]byte, error) { return openedFile(f, "head", nil) },
	} {
		if _, err := try(); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", f, f, f); s != "seal.File(hidden) seal.File(hidden) seal.File(hidden)" {
		t.Error(s)
	}
}

// Wherever a byte is changed, or the file ends, it does not open to its end.
func FuzzADamagedFileDoesNotOpen(f *testing.F) {
	key, _, err := venue(f).NewFile("snp_1")
	if err != nil {
		f.Fatal(err)
	}
	sealed := sealedFile(f, key, "head", bytes.Repeat([]byte{1, 2, 3, 5}, 600_000))
	f.Add(uint32(0), byte(1), false)
	f.Add(uint32(1<<20), byte(0x80), false)
	f.Add(uint32(len(sealed)-1), byte(1), false)
	f.Add(uint32(1<<20), byte(1), true)
	f.Add(uint32(2<<20), byte(1), true)
	f.Fuzz(func(t *testing.T, at uint32, flip byte, cut bool) {
		damaged := bytes.Clone(sealed)
		i := int(at) % len(damaged)
		if damaged[i] ^= flip; cut {
			damaged = damaged[:i]
		} else if flip == 0 {
			return
		}
		if _, err := openedFile(key, "head", damaged); !errors.Is(err, ErrSealed) {
			t.Errorf("byte %d changed by %x, cut %v: %v", i, flip, cut, err)
		}
	})
}

func BenchmarkOpenFile(b *testing.B) {
	f, _, err := venue(b).NewFile("snp_1")
	if err != nil {
		b.Fatal(err)
	}
	sealed := sealedFile(b, f, "head", make([]byte, 64<<20))
	b.SetBytes(64 << 20)
	for b.Loop() {
		r, err := f.Open(bytes.NewReader(sealed), []byte("head"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(struct{ io.Writer }{io.Discard}, r); err != nil {
			b.Fatal(err)
		}
	}
}
