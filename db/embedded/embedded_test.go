package embedded

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const nodeModules = "../../node_modules"

// helper names the environment variable that turns this test binary into a
// process that opens the server of the directory it holds, says so, and waits.
const helper = "KAOPASS_EMBEDDED_HELPER"

// dir is a directory for one server that the database's user can reach even
// when the tests run as root, which makes its temporary directories closed.
func dir(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(nodeModules, "@embedded-postgres")); err != nil {
		t.Fatal("PostgreSQL is not installed here; run `make setup` first")
	}
	d, err := os.MkdirTemp("", "kaopass-embedded-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(d); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(d, 0o711); err != nil {
		t.Fatal(err)
	}
	return d
}

// config is volatile, which is faster: these tests end processes, not machines.
func config(dir string) Config {
	return Config{Dir: filepath.Join(dir, "postgres"), Binaries: nodeModules, Volatile: true}
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func query(t *testing.T, s *Server, statement string) string {
	t.Helper()
	db, err := sql.Open("postgres", s.URL(Database))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var answer sql.NullString
	if err := db.QueryRowContext(t.Context(), statement).Scan(&answer); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatalf("%s: %v", statement, err)
	}
	return answer.String
}

func pid(t *testing.T, s *Server) int {
	t.Helper()
	pm, named := readPostmaster(s.place.dataDir())
	if !named {
		t.Fatal("no postmaster.pid")
	}
	return pm.pid
}

func TestStartKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	cfg.Volatile = false
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	query(t, s, "CREATE TABLE kept (word text)")
	query(t, s, "INSERT INTO kept VALUES ('顔パス')")
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "data_checksums": "on", "listen_addresses": "",
		"server_encoding": "UTF8", "max_connections": "200", "timezone": "UTC",
	} {
		if got := query(t, s, "SHOW "+setting); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	stop(t, s)
	stop(t, s) // a second Stop is harmless
	if running(s.place) {
		t.Fatal("the server runs on after Stop")
	}

	begin := time.Now()
	s, err = Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("second start took %v", time.Since(begin).Round(time.Millisecond))
	defer stop(t, s)
	if got := query(t, s, "SELECT word FROM kept"); got != "顔パス" {
		t.Errorf("kept %q", got)
	}
}

func TestASecondServerIsRefusedAndACommandIsNot(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	serving, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), cfg); !errors.Is(err, ErrServed) {
		t.Errorf("second Start: %v, want ErrServed", err)
	}
	command, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if pid(t, command) != pid(t, serving) {
		t.Error("the command runs a server of its own")
	}
	stop(t, command)
	query(t, serving, "SELECT 1") // the command's Stop left it alone

	// A command that is still at work when the serving process leaves keeps
	// the server, and takes it down when it is done.
	command, err = Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, serving)
	query(t, command, "SELECT 1")
	stop(t, command)
	if running(command.place) {
		t.Error("the last to leave left the server running")
	}
}

// TestHelperProcess is not a test: it is the process that other tests kill.
func TestHelperProcess(t *testing.T) {
	cfg := Config{Dir: os.Getenv(helper), Binaries: nodeModules, Volatile: true}
	if cfg.Dir == "" {
		return
	}
	s, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	query(t, s, "CREATE TABLE IF NOT EXISTS kept (word text)")
	query(t, s, "INSERT INTO kept VALUES ('acknowledged')")
	_, _ = os.Stdout.WriteString("ready\n")
	time.Sleep(time.Minute)
}

// startHelper returns a process that serves from dir.
func startHelper(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$", "-test.v")
	process.Env = append(os.Environ(), helper+"="+dir)
	said, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	for buffer := make([]byte, 512); !strings.Contains(seen.String(), "ready\n"); {
		n, err := said.Read(buffer)
		seen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("helper ended: %v\n%s", err, seen.String())
		}
	}
	return process
}

func killHard(t *testing.T, process *exec.Cmd) {
	t.Helper()
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // says that it was killed
}

func TestAServerLeftByAKilledProcessIsFoundAndStopped(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	process := startHelper(t, cfg.Dir)
	if _, err := Start(t.Context(), cfg); !errors.Is(err, ErrServed) {
		t.Errorf("Start beside another process: %v, want ErrServed", err)
	}
	killHard(t, process)

	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if got := query(t, s, "SELECT word FROM kept"); got != "acknowledged" {
		t.Errorf("kept %q", got)
	}
	stop(t, s)
	if running(s.place) {
		t.Error("the adopted server was not stopped")
	}
}

func TestProcessAndServerKilledAtOnce(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	process := startHelper(t, cfg.Dir)
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	// A session that is busy when its server dies holds its memory a moment longer.
	busy, err := sql.Open("postgres", s.URL(Database))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	go func() { _, _ = busy.ExecContext(context.WithoutCancel(t.Context()), "SELECT pg_sleep(30)") }()
	time.Sleep(50 * time.Millisecond)
	killHard(t, process)
	if err := syscall.Kill(pid(t, s), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	stop(t, s)

	s, err = Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	if got := query(t, s, "SELECT word FROM kept"); got != "acknowledged" {
		t.Errorf("kept %q", got)
	}
}

// A server that is found running and dies before it is spoken to, at whichever moment, is started again.
func TestAServerThatDiesWhileItIsTakenOver(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	first, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, first)
	for after := range 12 {
		dies := pid(t, first)
		time.AfterFunc(time.Duration(after)*time.Millisecond, func() { _ = syscall.Kill(dies, syscall.SIGKILL) })
		next, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatalf("killed after %d ms: %v", after, err)
		}
		for running(first.place) && pid(t, first) == dies { // it was opened before
			time.Sleep(time.Millisecond)
		}
		stop(t, next)
		again, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		stop(t, again)
	}
}

func TestADeadServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	first := pid(t, s)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		pm, named := readPostmaster(s.place.dataDir())
		if named && pm.ready && pm.pid != first {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it was not")
		}
	}
	query(t, s, "SELECT 1")
}

func TestAStalePidFileIsNoServer(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	stale, err := os.ReadFile(pidFile(s.place.dataDir()))
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	// The number in the file now belongs to a process that is no postmaster.
	other := s.place.command("../../../../../../../../../bin/sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	_, rest, _ := bytes.Cut(stale, []byte("\n"))
	text := append([]byte(strconv.Itoa(other.Process.Pid)+"\n"), rest...)
	if err := os.WriteFile(pidFile(s.place.dataDir()), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.place.owner.own(pidFile(s.place.dataDir())); err != nil {
		t.Fatal(err)
	}
	s, err = Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)
	if !exists(other.Process.Pid) {
		t.Error("the other process was taken for a server and ended")
	}
}

func TestStopIsHardOnAServerThatDoesNotComeToRest(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := pid(t, s)
	if err := syscall.Kill(server, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Stop(ctx); err == nil {
		t.Error("Stop said that all was well")
	}
	if running(s.place) {
		t.Error("the server runs on")
	}
}

// The role that a server works as is there after each start, and is no superuser.
func TestTheServersRoleOwnsNothing(t *testing.T) {
	t.Parallel()
	cfg := config(dir(t))
	for range 2 {
		s, err := Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("postgres", s.ServerURL(Database))
		if err != nil {
			t.Fatal(err)
		}
		var super string
		if err := db.QueryRowContext(t.Context(), "SHOW is_superuser").Scan(&super); err != nil || super != "off" {
			t.Error(super, err)
		}
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE mine (n int)"); err == nil {
			t.Error("it makes tables")
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		stop(t, s)
	}
}
