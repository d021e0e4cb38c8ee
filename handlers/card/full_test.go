//go:build linux

package card

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
)

// fullDisk names the journal where the test binary plays a program whose disk is full.
const fullDisk = "KAOPASS_TEST_FULL_DISK"

// TestHelperFullDisk is not a test: it is a process that may write 300 bytes into a file, and later as much as it likes.
func TestHelperFullDisk(t *testing.T) {
	path := os.Getenv(fullDisk)
	if path == "" {
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := func(bytes uint64) {
		now := syscall.Rlimit{}
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
			t.Fatal(err)
		}
		now.Cur = bytes
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	limit(300)
	refused := false
	for i := range 20 {
		id := "chg_" + string(rune('a'+i))
		if _, err := s.Authorise(t.Context(), id, tokenPrefix+pays+".4242", kaopass.Yen(100)); err != nil {
			refused = true
			limit(1 << 30)
		}
	}
	if !refused {
		t.Error("the disk was never full")
	}
	if _, err := s.Capture(t.Context(), "chg_t", kaopass.Yen(100)); err != nil {
		t.Error(err)
	}
}

// A line of which a full disk took only a part once swallowed the next one, and no start could read the journal again.
func TestAFullDiskTearsNoLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	helper := exec.Command(os.Args[0], "-test.run=^TestHelperFullDisk$")
	helper.Env = append(os.Environ(), fullDisk+"="+path)
	if said, err := helper.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal("the next start:", err)
	}
	defer s.Close() //nolint:errcheck // it was read
	if answer, _ := s.Ask(t.Context(), "chg_t"); answer != db.CardApproved || len(s.books) != 1 {
		t.Error(answer, s.books)
	}
}
