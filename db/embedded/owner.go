package embedded

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that the server runs as and that its files belong to.
type owner struct {
	uid, gid int
	name     string
	other    bool // not who we are: the child changes to it
}

// accounts are tried in this order when we are root: one made for us, if the
// operator made it, else the account that owns nothing.
var accounts = [...]string{"kaopass", "nobody"}

// ownerOf is who the server of dir runs as: ourselves, or when we are root the
// unprivileged user that its data already belongs to, else the first account.
func ownerOf(dir string) (owner, error) {
	if os.Geteuid() != 0 {
		return owner{uid: os.Geteuid(), gid: os.Getegid(), name: strconv.Itoa(os.Geteuid())}, nil
	}
	for _, name := range []string{filepath.Join(dir, "data"), dir} {
		info, err := os.Stat(name)
		if err != nil {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 {
			return lookup(user.LookupId(strconv.Itoa(int(stat.Uid))))
		}
	}
	for _, name := range accounts {
		if o, err := lookup(user.Lookup(name)); err == nil {
			return o, nil
		}
	}
	return owner{}, fmt.Errorf("PostgreSQL may not run as root, and there is no user named any of %v to run it as", accounts)
}

// lookup insists on an entry in the password file, because initdb does.
func lookup(u *user.User, err error) (owner, error) {
	if err != nil {
		return owner{}, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return owner{}, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return owner{}, err
	}
	return owner{uid: uid, gid: gid, name: u.Username, other: true}, nil
}

// own gives a file of ours to the owner.
func (o owner) own(name string) error {
	if !o.other {
		return nil
	}
	return os.Chown(name, o.uid, o.gid)
}

// canReach reports whether the owner may read name and pass through every
// directory above it, as far as permission bits tell.
func (o owner) canReach(name string) bool {
	if !o.other {
		return true
	}
	for {
		if !o.may(name) {
			return false
		}
		parent := filepath.Dir(name)
		if parent == name {
			return true
		}
		name = parent
	}
}

// may asks for search permission on a directory and for reading on a file.
func (o owner) may(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	need := os.FileMode(0o4)
	if info.IsDir() {
		need = 0o1
	}
	mode := info.Mode().Perm()
	switch {
	case int(stat.Uid) == o.uid:
		mode >>= 6
	case int(stat.Gid) == o.gid:
		mode >>= 3
	}
	return mode&need == need
}

// attributes makes a child run as the owner, in a session of its own: a
// Ctrl-C at the terminal is for us, who then stop the server in order.
func (o owner) attributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setsid: true}
	if o.other {
		attributes.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return attributes
}
