package embedded

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// lingering turns this test binary into a process that ends without Stop.
const lingering = "KAOPASS_EMBEDDED_LINGER"

// TestLingerProcess is not a test: it is the process that just ends.
func TestLingerProcess(t *testing.T) {
	cfg := Config{Dir: os.Getenv(lingering), Binaries: nodeModules, Volatile: true}
	if cfg.Dir == "" {
		return
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Linger(time.Second); err != nil {
		t.Fatal(err)
	}
}

func TestLingerStopsTheServerSomeTimeAfterTheLastUser(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("flock"); err != nil {
		t.Skip("no flock(1) here")
	}
	cfg := config(dir(t))
	process := exec.Command(os.Args[0], "-test.run=^TestLingerProcess$")
	process.Env = append(os.Environ(), lingering+"="+cfg.Dir)
	if said, err := process.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	first := pid(t, s)
	time.Sleep(2 * time.Second) // longer than it lingers: but we use it
	if !running(s.place) {
		t.Fatal("it was stopped under a user")
	}
	if err := s.users.release(); err != nil { // as if we had ended
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); running(s.place); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it was never stopped")
		}
	}
	s, err = Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	if pid(t, s) == first {
		t.Error("the same server is back")
	}
}
