package static

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pinned reads the lines "<SHA-256>  vendor/<package>/<file>" of LICENCES.txt.
func pinned(t *testing.T) map[string]string {
	t.Helper()
	text, err := files.ReadFile("vendor/LICENCES.txt")
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if sum, name, ok := strings.Cut(lines.Text(), "  vendor/"); ok && len(sum) == 64 {
			sums[name] = sum
		}
	}
	return sums
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}

func TestScriptsOfOthersAreAsPinned(t *testing.T) {
	sums := pinned(t)
	for name, a := range tree().assets {
		vendored, ok := strings.CutPrefix(name, "vendor/")
		if !ok || vendored == "LICENCES.txt" {
			continue
		}
		if sums[vendored] != sum(a.Body) {
			t.Errorf("%s is not the file that LICENCES.txt names", name)
		}
		delete(sums, vendored)
	}
	for name := range sums {
		t.Errorf("LICENCES.txt names vendor/%s, which is not there", name)
	}
}

// What we serve is what npm's lock names: the copies are compared where the packages are installed.
func TestScriptsOfOthersAreThoseOfTheirPackages(t *testing.T) {
	for name, want := range pinned(t) {
		pkg, file, _ := strings.Cut(name, "/")
		body, err := os.ReadFile(filepath.Join("..", "node_modules", pkg, "dist", file))
		if os.IsNotExist(err) {
			t.Skip("node_modules is not installed: make setup")
		}
		if err != nil {
			t.Fatal(err)
		}
		if sum(body) != want {
			t.Errorf("%s in node_modules is another version", name)
		}
	}
}
