package embedded

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// socketPathMax is what fits into sockaddr_un.sun_path on every system we run
// on (104 bytes on macOS, 108 on Linux, the closing zero included).
const socketPathMax = 103

// socketName is what PostgreSQL calls its socket on the default port.
const socketName = ".s.PGSQL.5432"

// systemDir is where the server's files go when we are root and its user
// cannot reach the data directory. Not /var/tmp: what is there may be swept.
const systemDir = "/var/lib/kaopass"

// place is where one server's files are.
type place struct {
	dir      string // as configured; our locks are here
	base     string // dir, or the place under systemDir that dir/location names
	native   string // bin, lib and share of PostgreSQL
	owner    owner  // who the child runs as
	system   string // systemDir, but for tests
	log      io.Writer
	volatile bool
}

func (p place) lockFile(name string) string { return filepath.Join(p.dir, name+".lock") }
func (p place) dataDir() string             { return filepath.Join(p.base, "data") }
func (p place) logFile() string             { return filepath.Join(p.base, "postgres.log") }

// socketDir is beside the data, or where its path is too long for a socket a
// directory of that name's hash in the system's temporary one.
func (p place) socketDir() string {
	near := filepath.Join(p.base, "run")
	if len(near)+1+len(socketName) <= socketPathMax {
		return near
	}
	hash := sha256.Sum256([]byte(p.base))
	return filepath.Join("/tmp", "kaopass-"+hex.EncodeToString(hash[:8]))
}

// prepareDir makes the directory exist, so that its locks can be taken.
func prepareDir(cfg Config) (place, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return place{}, err
	}
	p := place{dir: dir, base: dir, system: systemDir, log: cfg.Log, volatile: cfg.Volatile}
	if p.log == nil {
		p.log = io.Discard
	}
	// Others may pass through, as the child's user must; what is in it is closed.
	return p, os.MkdirAll(dir, 0o711)
}

// settle finds or makes all that the server needs before it can start. The
// caller holds the gate.
func (p place) settle(cfg Config) (place, error) {
	var err error
	if p.owner, err = ownerOf(p.dir); err != nil {
		return place{}, err
	}
	if p.base, err = p.findBase(); err != nil {
		return place{}, err
	}
	if p.owner, err = ownerOf(p.base); err != nil {
		return place{}, err
	}
	if p.native, err = findNative(cfg.Binaries, p); err != nil {
		return place{}, err
	}
	return p, privateDir(p.socketDir(), p.owner)
}

// findBase is dir where the child can reach it. Below a closed home such as
// /root it cannot, and the files go to a place that dir names from then on.
func (p place) findBase() (string, error) {
	pointer := filepath.Join(p.dir, "location")
	named, err := os.ReadFile(pointer)
	if err == nil {
		return strings.TrimSpace(string(named)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if p.owner.canReach(p.dir) {
		return p.dir, nil
	}
	if err := os.MkdirAll(p.system, 0o711); err != nil {
		return "", err
	}
	// A fresh name, not one made from dir's: if dir is deleted and made anew,
	// its keys are gone, and it must not find the old server's data.
	base, err := os.MkdirTemp(p.system, "postgres-")
	if err != nil {
		return "", err
	}
	if err := errors.Join(os.Chmod(base, 0o711), writeFile(pointer, base+"\n")); err != nil {
		return "", err
	}
	_, err = fmt.Fprintf(p.log, "PostgreSQL may not run as root, and user %s cannot reach %s; its data is in %s\n",
		p.owner.name, p.dir, base)
	return base, err
}

// privateDir makes a directory that only its owner may enter, and refuses one
// that someone else put there.
func privateDir(dir string, o owner) error {
	err := os.Mkdir(dir, 0o700)
	if err == nil {
		return o.own(dir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != o.uid || info.Mode().Perm() != 0o700 {
		return fmt.Errorf("%s is not a private directory of user %s", dir, o.name)
	}
	return nil
}

// writeFile gives the file its name only when all of it is there.
func writeFile(name, text string) error {
	temporary := name + ".new"
	if err := os.WriteFile(temporary, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, name)
}
