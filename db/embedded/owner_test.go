package embedded

import (
	"os"
	"path/filepath"
	"testing"
)

// asRoot skips a test of what only root has to deal with.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root has this case")
	}
}

func TestTheChildIsNeverRoot(t *testing.T) {
	t.Parallel()
	o, err := ownerOf(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if o.uid == 0 {
		t.Error("PostgreSQL would refuse")
	}
	if root := os.Geteuid() == 0; o.other != root || (o.attributes().Credential != nil) != root {
		t.Errorf("as uid %d the child is %+v", os.Geteuid(), o)
	}
}

func TestTheDataStaysItsOwners(t *testing.T) {
	t.Parallel()
	asRoot(t)
	const daemon = 1 // an account that every Unix has, and not our first choice
	d := t.TempDir()
	data := filepath.Join(d, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, daemon, daemon); err != nil {
		t.Fatal(err)
	}
	if o, err := ownerOf(d); err != nil || o.uid != daemon {
		t.Errorf("owner %+v, %v; want uid %d", o, err, daemon)
	}
}

func TestCanReach(t *testing.T) {
	t.Parallel()
	asRoot(t)
	o := owner{uid: 65534, gid: 65534, other: true}
	cases := []struct {
		name            string
		directory, file os.FileMode
		uid, gid        int
		reached         bool
	}{
		{"open to all", 0o755, 0o644, 0, 0, true},
		{"may be passed through", 0o711, 0o644, 0, 0, true},
		{"closed directory", 0o700, 0o644, 0, 0, false},
		{"closed file", 0o755, 0o600, 0, 0, false},
		{"own", 0o700, 0o400, o.uid, 0, true},
		{"own, but closed to itself", 0o077, 0o644, o.uid, 0, false},
		{"of its group", 0o710, 0o040, 0, o.gid, true},
		{"closed to its group", 0o701, 0o644, 0, o.gid, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			directory := filepath.Join(dir(t), "d")
			file := filepath.Join(directory, "f")
			for _, err := range []error{
				os.Mkdir(directory, 0o755), os.WriteFile(file, nil, 0o600),
				os.Chmod(file, c.file), os.Chown(file, c.uid, c.gid),
				os.Chmod(directory, c.directory), os.Chown(directory, c.uid, c.gid),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if got := o.canReach(file); got != c.reached {
				t.Errorf("canReach = %v", got)
			}
			if !(owner{}).canReach(file) {
				t.Error("who does not change users reaches what we reach")
			}
		})
	}
	if o.canReach(filepath.Join(t.TempDir(), "absent")) {
		t.Error("reached what is not there")
	}
}
