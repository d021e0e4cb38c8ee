package embedded

import (
	_ "embed"
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

//go:embed linger.sh
var lingerScript string

// Linger is for a process that cannot say when it is done with the server,
// such as a test's: instead of calling Stop it just ends. A shell is left
// behind that waits until nobody has used the server for the grace, a second
// or more, then stops it. It needs flock(1), which every Linux has.
func (s *Server) Linger(grace time.Duration) error {
	sh := exec.Command("sh", "-c", lingerScript, "kaopass-linger",
		s.place.lockFile("linger"), s.place.lockFile("users"), pidFile(s.place.dataDir()),
		strconv.Itoa(int(grace.Seconds())))
	// Not a part of our session, and with none of our open files: `go test`
	// waits until its test's output is closed.
	sh.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := sh.Start(); err != nil {
		return fmt.Errorf("linger: %w", err)
	}
	return sh.Process.Release()
}
