package seal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kaopass/kaopass"
)

func venue(t testing.TB) *Venue {
	t.Helper()
	v, err := Make(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestSealIsForOneUseAndOwner(t *testing.T) {
	v := venue(t)
	sealed := must[[]byte](t)(v.Seal("name", "vis_1", []byte("Tarō")))
	if plain := must[[]byte](t)(v.Open("name", "vis_1", sealed)); string(plain) != "Tarō" {
		t.Errorf("opened %q", plain)
	}
	if bytes.Contains(sealed, []byte("Tar")) {
		t.Error("sealed in clear")
	}
	broken := bytes.Clone(sealed)
	broken[len(broken)-1] ^= 1
	for what, try := range map[string]func() ([]byte, error){
		"another owner": func() ([]byte, error) { return v.Open("name", "vis_2", sealed) },
		"another use":   func() ([]byte, error) { return v.Open("contact", "vis_1", sealed) },
		"shifted":       func() ([]byte, error) { return v.Open("namevis", "_1", sealed) },
		"another venue": func() ([]byte, error) { return venue(t).Open("name", "vis_1", sealed) },
		"broken":        func() ([]byte, error) { return v.Open("name", "vis_1", broken) },
		"nothing":       func() ([]byte, error) { return v.Open("name", "vis_1", nil) },
	} {
		if plain, err := try(); !errors.Is(err, ErrSealed) || plain != nil {
			t.Errorf("%s: %q, %v", what, plain, err)
		}
	}
}

func TestHashIsKeyedAndBound(t *testing.T) {
	v := venue(t)
	hash := must[[]byte](t)(v.Hash("code", "4821"))
	if len(hash) != HashSize || !bytes.Equal(hash, must[[]byte](t)(v.Hash("code", "4821"))) {
		t.Error("not the same twice")
	}
	for what, other := range map[string][]byte{
		"another value": must[[]byte](t)(v.Hash("code", "4822")),
		"another use":   must[[]byte](t)(v.Hash("claim", "4821")),
		"another venue": must[[]byte](t)(venue(t).Hash("code", "4821")),
	} {
		if bytes.Equal(hash, other) {
			t.Error(what, "gives the same hash")
		}
	}
}

func TestPersonKeys(t *testing.T) {
	v := venue(t)
	p, wrapped, err := v.NewPerson("vis_1")
	if err != nil {
		t.Fatal(err)
	}
	sealed := must[[]byte](t)(p.Seal("template for admission", []byte("face")))
	again := must[*Person](t)(v.Person("vis_1", wrapped))
	if plain := must[[]byte](t)(again.Open("template for admission", sealed)); string(plain) != "face" {
		t.Errorf("opened %q", plain)
	}
	if _, err := again.Open("template for payment", sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("for another purpose: %v", err)
	}
	if _, err := v.Person("vis_2", wrapped); !errors.Is(err, ErrSealed) {
		t.Errorf("the key of another: %v", err)
	}
	if _, err := v.Person("vis_1", wrapped[:10]); !errors.Is(err, ErrSealed) {
		t.Errorf("half a key: %v", err)
	}
	other, _, err := v.NewPerson("vis_1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open("template for admission", sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("a new key opens what the destroyed one sealed: %v", err)
	}
}

func TestTicketsAreOfOneVenue(t *testing.T) {
	v := venue(t)
	id := kaopass.TicketID("tkt_00000000000000000000000000")
	if got, reason := v.ReadTicket(v.SignTicket(id)); got != id || reason != "" {
		t.Error(got, reason)
	}
	if _, reason := venue(t).ReadTicket(v.SignTicket(id)); reason != kaopass.TicketForged {
		t.Error(reason)
	}
}

func TestKeysPrintNothing(t *testing.T) {
	v := venue(t)
	for _, print := range []string{fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v)} {
		if print != "seal.Venue(hidden)" {
			t.Error(print)
		}
	}
}

func TestFileOfKeys(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	if _, err := Load(folder); !errors.Is(err, ErrNoKeys) {
		t.Fatalf("nothing there: %v", err)
	}
	v := must[*Venue](t)(Make(folder))
	check := must[[]byte](t)(v.Check())
	if again := must[*Venue](t)(Make(folder)); !again.Made(check) {
		t.Error("made anew over keys that were there")
	}
	if venue(t).Made(check) || v.Made(nil) || v.Made(check[:20]) {
		t.Error("recognised by other keys")
	}
	path := filepath.Join(folder, FileName)
	for _, at := range []string{folder, path} {
		if info, err := os.Stat(at); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", at, info.Mode(), err)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(folder); !errors.Is(err, ErrModes) {
		t.Errorf("readable by all: %v", err)
	}
}

func TestDamagedFileIsRefused(t *testing.T) {
	for _, text := range []string{"", "{}", `{"version":2}`, `{"version":1,"ticket":"AAAA"}`,
		`{"version":1,"master":{},"hashes":{},"ticket":"` + strings.Repeat("AAAA", 10) + `AAA="}`} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(folder); err == nil || errors.Is(err, ErrNoKeys) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestManyMakeOneSetOfKeys(t *testing.T) {
	folder := t.TempDir()
	made := make([]*Venue, 8)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() { made[i] = must[*Venue](t)(Make(folder)) })
	}
	all.Wait()
	check := must[[]byte](t)(made[0].Check())
	for i, v := range made {
		if !v.Made(check) {
			t.Errorf("%d has other keys", i)
		}
	}
}

func BenchmarkOpenTemplate(b *testing.B) {
	v := venue(b)
	p, wrapped, err := v.NewPerson("vis_1")
	if err != nil {
		b.Fatal(err)
	}
	sealed := must[[]byte](b)(p.Seal("template for payment", make([]byte, 3*512*4)))
	for b.Loop() {
		p := must[*Person](b)(v.Person("vis_1", wrapped))
		must[[]byte](b)(p.Open("template for payment", sealed))
	}
}
