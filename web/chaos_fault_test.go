package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// chaos is a venue that things happen to.
type chaos struct {
	*testing.T
	cfg    Config
	server *served
	counts *counts
	small  bool // the data folder is a file system of its own, which can be full

	crowd  *payers
	tills  []*chaosTill
	stripe *stripeSide // nil: the card company is the sandbox
}

// smallDisk gives the data folder a file system of its own, where we may: as root, on Linux.
func (c *chaos) smallDisk(mb int) {
	c.Helper()
	if err := os.MkdirAll(c.cfg.Data, 0o711); err != nil {
		c.Fatal(err)
	}
	if os.Geteuid() != 0 {
		return
	}
	said, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=0711", mb), "tmpfs", c.cfg.Data).CombinedOutput()
	if err != nil {
		c.Logf("no file system of our own, so writes are refused by a limit instead: %s", said)
		return
	}
	c.small = true
	c.Cleanup(func() {
		if said, err := exec.Command("umount", "-l", c.cfg.Data).CombinedOutput(); err != nil {
			c.Errorf("%v %s", err, said)
		}
	})
}

// killServer is kill -9 of our program; PostgreSQL is left alone, or dies with it.
func (c *chaos) killServer(withDatabase bool) {
	c.counts.add("fault: server killed (SIGKILL)")
	pg := postmaster(c.T, c.cfg.Data)
	if err := c.server.Process.Kill(); err != nil {
		c.Fatal(err)
	}
	_ = c.server.Wait() // says that it was killed
	if withDatabase && pg != 0 {
		c.counts.add("fault: PostgreSQL killed with it (SIGKILL)")
		_ = syscall.Kill(pg, syscall.SIGKILL)
	}
	time.Sleep(time.Duration(roll(500)) * time.Millisecond)
	c.server = serve(c.T, c.cfg)
}

// signal tells PostgreSQL's first process something; the server starts it again, with crash recovery.
func (c *chaos) signal(what string, sig syscall.Signal) {
	if pg := postmaster(c.T, c.cfg.Data); pg != 0 && syscall.Kill(pg, sig) == nil {
		c.counts.add("fault: " + what)
	}
}

// backends are PostgreSQL's other processes.
func (c *chaos) backends() (pids []int) {
	parent := postmaster(c.T, c.cfg.Data)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) && parent != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// pause stops every process of PostgreSQL for a while: nothing answers, and nothing is lost.
func (c *chaos) pause(long time.Duration) {
	all := append(c.backends(), postmaster(c.T, c.cfg.Data))
	for _, pid := range all {
		if pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGSTOP)
		}
	}
	c.counts.add("fault: PostgreSQL paused (SIGSTOP)")
	time.Sleep(long)
	for _, pid := range all {
		if pid != 0 {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}

// killBackend kills one of PostgreSQL's processes: it takes all connections down and recovers.
func (c *chaos) killBackend() {
	if all := c.backends(); len(all) > 0 {
		_ = syscall.Kill(all[roll(len(all))], syscall.SIGKILL)
		c.counts.add("fault: a PostgreSQL process killed (SIGKILL)")
	}
}

// fillDisk leaves no byte free in the data folder for a while: PostgreSQL, the card sandbox's journal, everything.
func (c *chaos) fillDisk(long time.Duration) {
	if !c.small {
		c.refuseWrites()
		return
	}
	ballast := filepath.Join(c.cfg.Data, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		c.Fatal(err)
	}
	piece := make([]byte, 1<<20)
	for len(piece) > 0 {
		if _, err = f.Write(piece); errors.Is(err, syscall.ENOSPC) {
			piece = piece[:len(piece)/2]
		}
	}
	c.counts.add("fault: disk full (ENOSPC)")
	time.Sleep(long)
	if err := errors.Join(f.Close(), os.Remove(ballast)); err != nil {
		c.Fatal(err)
	}
}

// refuseWrites lets no process of PostgreSQL that runs now write to any file (RLIMIT_FSIZE, EFBIG): its log too, so it
// panics and recovers.
func (c *chaos) refuseWrites() {
	for _, pid := range c.backends() {
		_ = exec.Command("prlimit", "--pid", strconv.Itoa(pid), "--fsize=1").Run() // it may have ended
	}
	c.counts.add("fault: writes refused (RLIMIT_FSIZE)")
}

// ready waits until the venue serves.
func (c *chaos) ready(ctx context.Context) {
	c.Helper()
	eventually(c.T, "ready", func() bool {
		_, err := newPerson(c.server.url).get(ctx, "/readyz")
		return err == nil
	})
}
