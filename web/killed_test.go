package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
)

// helper is set where the test binary plays the program.
const helper = "KAOPASS_TEST_SERVE"

// TestHelperServe is not a test: it is `kaopass serve`, as a process that other tests stop and kill.
func TestHelperServe(t *testing.T) {
	if os.Getenv(helper) == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, []string{"serve"}, os.Stdout, os.Stderr); err != nil {
		t.Fatal(err)
	}
}

// served is a process that serves a data folder.
type served struct {
	*exec.Cmd
	url  string
	took time.Duration // from its start until it greeted
	said *journal
}

// serve starts the program as a process of its own and waits until it greets.
func serve(t *testing.T, cfg Config) *served {
	t.Helper()
	s := &served{Cmd: exec.Command(os.Args[0], "-test.run=^TestHelperServe$"), said: &journal{}}
	s.Env = append(os.Environ(), helper+"=1", "KAOPASS_ADDR="+cfg.Addr, "KAOPASS_DATA="+cfg.Data, "KAOPASS_PACKAGES="+cfg.Packages,
		"KAOPASS_MODELS="+cfg.Models, "KAOPASS_STRIPE_KEY="+cfg.StripeKey, "KAOPASS_STRIPE_URL="+cfg.StripeURL,
		"KAOPASS_STRIPE_WEBHOOK_SECRET="+strings.Join(cfg.StripeSecrets, ","))
	s.Stdout = s.said
	stderr, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.ProcessState == nil {
			_ = s.Process.Kill() // a test that failed
			_ = s.Wait()
		}
	})
	lines := bufio.NewScanner(io.TeeReader(stderr, s.said))
	for lines.Scan() {
		if name, url, found := strings.Cut(strings.TrimSpace(lines.Text()), " "); found && name == "Visitors" {
			s.url = strings.TrimSuffix(strings.TrimSpace(url), "/")
			s.took = time.Since(begun)
			go func() { _, _ = io.Copy(s.said, stderr) }() // until it ends
			return s
		}
	}
	t.Fatalf("it did not greet:\n%s", s.said)
	return nil
}

// secondStart is within what a venue's second start must be ready (README); a test machine may be this much busier.
const secondStart, busier = 5 * time.Second, 4

// TestAKilledServerLosesNothing kills the whole program, and its database with it, in the middle of sales; then the
// next start has everything that was acknowledged, and a polite stop leaves no process behind.
func TestAKilledServerLosesNothing(t *testing.T) {
	slow(t)
	cfg := demoConfig(t)
	cfg.Data = filepath.Join(dbtest.Dir(t), "var")
	first := serve(t, cfg)
	till := claimed(t, cfg, first.url, kaopass.Till)
	ctx, stop := context.WithCancel(t.Context())
	selling := sellOn(ctx, till)
	time.Sleep(2 * time.Second)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // says that it was killed
	left := postmaster(t, cfg.Data)
	stop()
	sold := <-selling
	if left == 0 || len(sold) == unanswered(sold) {
		t.Fatalf("no PostgreSQL was left running, or nothing was sold: %d", len(sold))
	}

	second := serve(t, cfg)
	t.Logf("first start %v; after kill -9, with PostgreSQL still running, %v", first.took, second.took)
	if second.took > secondStart*busier {
		t.Errorf("the second start took %v", second.took)
	}
	till.base = second.url
	keptSales(t, till, sold)
	second.ends(t, cfg)

	third := serve(t, cfg)
	t.Logf("after a clean stop %v", third.took)
	till.base = third.url
	keptSales(t, till, sold)
	spare, err := net.Dial("tcp", strings.TrimPrefix(third.url, "http://")) // as browsers keep one, and say nothing on it
	if err != nil {
		t.Fatal(err)
	}
	defer spare.Close() //nolint:errcheck // the server is gone by then
	third.ends(t, cfg)
}

// ends stops the process politely; nothing of it may be left.
func (s *served) ends(t *testing.T, cfg Config) {
	t.Helper()
	database := postmaster(t, cfg.Data)
	begun := time.Now()
	if err := s.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, s.said)
	}
	t.Logf("stopped in %v", time.Since(begun).Round(time.Millisecond))
	if lives(database) || postmaster(t, cfg.Data) != 0 {
		t.Errorf("PostgreSQL, process %d, is still there", database)
	}
}

// lives reports whether a process runs. One that has ended may stay in the table until its parent has heard of it, and
// the parent of an orphan is whatever is process 1 here.
func lives(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if errors.Is(err, fs.ErrNotExist) {
		return syscall.Kill(pid, 0) == nil // where there is no /proc
	}
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// claimed makes a client a device, with the claim code that a newcomer finds in the data folder.
func claimed(t *testing.T, cfg Config, url string, role kaopass.Role) person {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(cfg.Data, signInFile))
	if err != nil {
		t.Fatal(err)
	}
	var seeded signIn
	if err := json.Unmarshal(b, &seeded); err != nil {
		t.Fatal(err)
	}
	for _, d := range seeded.Devices {
		if d.Role == role {
			p := newPerson(url)
			var answer struct{ Token string }
			if err := p.call(t.Context(), "/v1/devices/claim", map[string]string{"code": d.ClaimCode}, &answer); err != nil {
				t.Fatal(err)
			}
			p.token = answer.Token
			return p
		}
	}
	t.Fatalf("no %s was seeded", role)
	return person{}
}
