package embedded

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADeepDirectoryHasAShortSocket(t *testing.T) {
	t.Parallel()
	deep := dir(t)
	for len(deep) < 2*socketPathMax {
		deep = filepath.Join(deep, "a-venue-with-a-long-name")
	}
	cfg := config(deep)
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	query(t, s, "SELECT 1")
	socket := s.place.socketDir()
	if len(socket)+1+len(socketName) > socketPathMax {
		t.Errorf("socket directory %q is too long", socket)
	}
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("socket directory has mode %v, %v; want it private", info.Mode(), err)
	}
	stop(t, s)
	if err := os.Remove(socket); err != nil { // empty after a clean stop
		t.Error(err)
	}
}

func TestASocketDirectoryThatIsNotOursIsRefused(t *testing.T) {
	t.Parallel()
	d := dir(t)
	o, err := ownerOf(d)
	if err != nil {
		t.Fatal(err)
	}
	open, link := filepath.Join(d, "open"), filepath.Join(d, "link")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(open, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{open, link} {
		if err := privateDir(name, o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	mine := filepath.Join(d, "mine")
	for range 2 { // made, then found
		if err := privateDir(mine, o); err != nil {
			t.Error(err)
		}
	}
}

// A root that works below its own closed home is the case on many a first try.
func TestAsRootBelowAClosedDirectoryTheDataGoesElsewhere(t *testing.T) {
	t.Parallel()
	asRoot(t)
	closed, system := t.TempDir(), dir(t) // root's TempDir lies in a closed directory
	var said bytes.Buffer
	cfg := Config{Dir: filepath.Join(closed, "postgres"), Binaries: nodeModules, Log: &said, Volatile: true}
	p, err := prepareDir(cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.system = system
	s, err := enter(t.Context(), p, cfg)
	if err != nil {
		t.Fatal(err)
	}
	query(t, s, "SELECT 1")
	stop(t, s)
	if !strings.HasPrefix(s.place.base, system) || !strings.Contains(said.String(), s.place.base) {
		t.Errorf("data in %q, log %q", s.place.base, said.String())
	}
	again, err := Open(t.Context(), cfg) // by the pointer alone
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, again)
	if again.place.base != s.place.base {
		t.Errorf("found again in %q, was in %q", again.place.base, s.place.base)
	}
}

// Programs below a closed directory are copied to where the child can run them.
func TestAsRootUnreachableProgramsAreCopiedOnce(t *testing.T) {
	t.Parallel()
	asRoot(t)
	closed := t.TempDir()
	scope := filepath.Join(closed, "@embedded-postgres")
	if err := os.CopyFS(scope, os.DirFS(filepath.Join(nodeModules, "@embedded-postgres"))); err != nil {
		t.Fatal(err)
	}
	cfg := config(dir(t))
	cfg.Binaries = closed
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	query(t, s, "SELECT 1")
	stop(t, s)
	if !strings.HasPrefix(s.place.native, s.place.base) {
		t.Errorf("the child runs from %q, which it cannot reach", s.place.native)
	}
	made, err := os.Stat(s.place.native)
	if err != nil {
		t.Fatal(err)
	}
	s, err = Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	if again, err := os.Stat(s.place.native); err != nil || !again.ModTime().Equal(made.ModTime()) {
		t.Errorf("copied again: %v", err)
	}
}

func TestWithoutThePackageTheErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	cfg.Binaries = t.TempDir()
	_, err := Open(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("err = %v", err)
	}
}
