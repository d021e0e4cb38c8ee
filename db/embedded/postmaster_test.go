package embedded

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestReadPostmaster(t *testing.T) {
	t.Parallel()
	whole := "4321\n/data\n1793354400\n5432\n/run\n\n  1234567  42\nready   \n"
	cases := []struct {
		name, text string
		want       postmaster
		named      bool
	}{
		{"ready", whole, postmaster{pid: 4321, ready: true}, true},
		{"stopping", strings.Replace(whole, "ready   ", "stopping", 1), postmaster{pid: 4321}, true},
		{"half written", "4321\n/data\n", postmaster{pid: 4321}, true},
		{"empty", "", postmaster{}, false},
		{"no number", "four\n", postmaster{}, false},
		{"init, which is never a server", "1\n/data\n", postmaster{}, false},
		{"a process group", "-4321\n/data\n", postmaster{}, false}, // kill(2) would take it for one
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			if err := os.WriteFile(pidFile(data), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, named := readPostmaster(data); got != c.want || named != c.named {
				t.Errorf("got %+v %v, want %+v %v", got, named, c.want, c.named)
			}
		})
	}
	if _, named := readPostmaster(t.TempDir()); named {
		t.Error("a directory without the file names a server")
	}
}

func TestAProcessIsAServerOnlyInItsDataDirectory(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/cwd"); err != nil {
		t.Skip("no /proc here")
	}
	p := place{base: t.TempDir()}
	if err := os.Mkdir(p.dataDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	for directory, want := range map[string]bool{p.dataDir(): true, p.base: false} {
		process := exec.Command("sleep", "60")
		process.Dir = directory
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		if got := serves(process.Process.Pid, p); got != want {
			t.Errorf("a process in %s serves: %v", directory, got)
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // says that it was killed
		if serves(process.Process.Pid, p) {
			t.Error("a dead process serves")
		}
	}
}

// What is not ours to stop is left alone, whatever the pid file says.
func TestHaltLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	p := place{base: t.TempDir()}
	if err := os.Mkdir(p.dataDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := halt(t.Context(), p); err != nil {
		t.Errorf("nothing to stop: %v", err)
	}
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	text := strconv.Itoa(other.Process.Pid) + "\n"
	if err := os.WriteFile(pidFile(p.dataDir()), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := halt(t.Context(), p); err != nil || !exists(other.Process.Pid) {
		t.Errorf("halt: %v; the other process lives: %v", err, exists(other.Process.Pid))
	}
}

func TestLinkMakesWhatAnArchiveCannotHold(t *testing.T) {
	t.Parallel()
	native := t.TempDir()
	if err := link(native, native); err != nil {
		t.Errorf("a platform without links: %v", err)
	}
	list := `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`
	for _, err := range []error{
		os.Mkdir(filepath.Join(native, "lib"), 0o755),
		os.WriteFile(filepath.Join(native, "lib", "libpq.so.5.18"), []byte("library"), 0o600),
		os.WriteFile(filepath.Join(native, "pg-symlinks.json"), []byte(list), 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // made, then found
		if err := link(native, native); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(native, "lib", "libpq.so.5")); err != nil || string(text) != "library" {
		t.Errorf("the link leads to %q, %v", text, err)
	}
	if err := os.WriteFile(filepath.Join(native, "pg-symlinks.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := link(native, native); err == nil {
		t.Error("a broken list was accepted")
	}
}
