package matcher

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// quiet names the environment variable that turns this test binary into a process that reads no face, only loads.
const quiet = "KAOPASS_MATCHER_QUIET"

// TestQuietProcess is not a test: it is the process that the next one looks at.
func TestQuietProcess(t *testing.T) {
	if os.Getenv(quiet) == "" {
		return
	}
	m, err := Open(Config{Library: LibraryPath("../node_modules"), Models: "../models", Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestTheInferenceLibraryReportsToNobody fails if the library keeps its device id and its queue of reports, which it
// does in the user's cache directory.
func TestTheInferenceLibraryReportsToNobody(t *testing.T) {
	if _, err := os.Stat(LibraryPath("../node_modules")); err != nil {
		t.Skip("no ONNX Runtime here yet; `make setup` fetches it")
	}
	home := t.TempDir()
	process := exec.Command(os.Args[0], "-test.run=^TestQuietProcess$")
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "CI", telemetryOff, "XDG_CACHE_HOME", "HOME": // the first two keep the library quiet by themselves
		default:
			process.Env = append(process.Env, variable)
		}
	}
	process.Env = append(process.Env, "HOME="+home, quiet+"=1")
	if said, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	err := filepath.WalkDir(home, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			t.Errorf("it wrote %s", strings.TrimPrefix(path, home))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
