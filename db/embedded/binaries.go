package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// findNative is the directory with PostgreSQL's bin, lib and share that the
// child runs from: the npm package itself, or where the child's user cannot
// reach that or we cannot complete it, a copy beside the data.
func findNative(nodeModules string, p place) (string, error) {
	root, err := filepath.Abs(filepath.Join(nodeModules, "@embedded-postgres", platform()))
	if err != nil {
		return "", err
	}
	native := filepath.Join(root, "native")
	if _, err := os.Stat(filepath.Join(native, "bin", "postgres")); err != nil {
		return "", fmt.Errorf("PostgreSQL is not installed (`make setup` does it), or set DATABASE_URL: %w", err)
	}
	if p.owner.canReach(filepath.Join(native, "bin", "postgres")) && p.owner.canReach(filepath.Join(native, "pg-symlinks.json")) {
		if err := link(native, native); err == nil {
			return native, nil
		}
	}
	version, err := packageVersion(root)
	if err != nil {
		return "", err
	}
	return copyNative(native, filepath.Join(p.base, "native-"+version))
}

// platform is this system's name in npm's words.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}

// link makes the symbolic links that an npm archive cannot hold and that the
// package's install script, which we do not run, would make.
func link(from, native string) error {
	text, err := os.ReadFile(filepath.Join(from, "pg-symlinks.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a platform without any
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string } // both begin with "native/"
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		source, target := strings.TrimPrefix(l.Source, "native/"), strings.TrimPrefix(l.Target, "native/")
		relative, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		err = os.Symlink(relative, filepath.Join(native, target))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

func packageVersion(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil {
		return "", err
	}
	var about struct{ Version string }
	if err := json.Unmarshal(text, &about); err != nil || about.Version == "" {
		return "", fmt.Errorf("%s/package.json names no version: %w", root, err)
	}
	return filepath.Base(about.Version), nil
}

// copyNative copies once per version; the copy gets its name when complete.
func copyNative(native, target string) (string, error) {
	if _, err := os.Stat(target); err == nil {
		return target, nil
	}
	half := target + ".new"
	if err := os.RemoveAll(half); err != nil {
		return "", err
	}
	err := filepath.WalkDir(native, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(native, name)
		if err != nil {
			return err
		}
		return copyEntry(name, filepath.Join(half, relative), entry)
	})
	if err != nil {
		return "", err
	}
	if err := link(native, half); err != nil {
		return "", err
	}
	return target, os.Rename(half, target)
}

func copyEntry(from, to string, entry fs.DirEntry) error {
	switch {
	case entry.IsDir():
		return errors.Join(os.Mkdir(to, 0o755), os.Chmod(to, 0o755))
	case !entry.Type().IsRegular():
		return nil // the links are made again
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	info, err := entry.Info()
	if err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if info.Mode()&0o100 != 0 {
		mode = 0o755
	}
	if err := os.WriteFile(to, data, mode); err != nil {
		return err
	}
	return os.Chmod(to, mode) // as above: whatever the umask says
}
