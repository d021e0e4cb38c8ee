package views

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// used are the keys that pages and handlers name: whole ones, and beginnings of those that are put together.
type used struct {
	keys     map[string]string // key → file
	prefixes map[string]string
}

// literal is a string that may be a key, or the beginning of keys where it ends with a dot.
var literal = regexp.MustCompile(`"([a-z][A-Za-z]*\.[A-Za-z0-9_.-]*)"`)

// asked is a literal where only a key can stand.
var asked = regexp.MustCompile(`\.(?:T|N|With)\(\s*"([a-z]+\.[^"]+)"`)

func TestEveryKeyThatIsNamedExists(t *testing.T) {
	have := catalogue().keys[kaopass.English]
	for key, file := range findKeys(t).keys {
		if !have[key] {
			t.Errorf("%s names %q, which no language has", file, key)
		}
	}
}

func TestEveryKeyIsUsed(t *testing.T) {
	u := findKeys(t)
	var idle []string
	for key := range catalogue().keys[kaopass.English] {
		if !isEverywhere(key) && !u.uses(key) {
			idle = append(idle, key)
		}
	}
	if slices.Sort(idle); len(idle) > 0 {
		t.Errorf("nothing uses %d keys: %s", len(idle), strings.Join(idle, " "))
	}
}

// Whatever a visitor's page can say is there in every language that a visitor can choose.
func TestVisitorsPagesSpeakEveryLanguage(t *testing.T) {
	u := used{map[string]string{}, map[string]string{}}
	for _, pattern := range []string{"*.templ", "*.go", "portal/*", "capture/*", "kiosk/*", "receipt/*", "../handlers/portal/*.go", "../handlers/kiosk/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range files {
			if !speaks(path) {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			u.read(path, string(text))
		}
	}
	if len(u.keys) < 300 {
		t.Fatalf("only %d keys were found", len(u.keys))
	}
	c := catalogue()
	for key, file := range u.keys {
		for _, lang := range VisitorLanguages() {
			if !c.keys[lang][key] && !strings.HasPrefix(key, "console.") {
				t.Errorf("%s: %s says %s, which it cannot", lang, file, key)
			}
		}
	}
	for prefix, file := range u.prefixes {
		if !strings.HasPrefix(prefix, "console.") && !isEverywhere(prefix) {
			t.Errorf("%s puts keys of %q together, which are not there in every language", file, prefix)
		}
	}
}

func (u used) uses(key string) bool {
	if _, ok := u.keys[key]; ok {
		return true
	}
	for prefix := range u.prefixes {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

func findKeys(t *testing.T) used {
	t.Helper()
	u := used{map[string]string{}, map[string]string{}}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipDir(entry.Name())
		}
		if !speaks(path) {
			return nil
		}
		text, err := os.ReadFile(path)
		u.read(path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func skipDir(name string) error {
	switch name {
	case "node_modules", "var", "bin", "models", "vendor", ".git":
		return fs.SkipDir
	}
	return nil
}

// speaks reports whether a file may name keys: hand-written Go and templ, not tests.
func speaks(path string) bool {
	return strings.HasSuffix(path, ".templ") ||
		strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go")
}

func (u used) read(path, text string) {
	have := catalogue().keys[kaopass.English]
	for _, m := range literal.FindAllStringSubmatch(text, -1) {
		if key := m[1]; strings.HasSuffix(key, ".") {
			u.prefixes[key] = path
		} else if have[key] {
			u.keys[key] = path
		}
	}
	for _, m := range asked.FindAllStringSubmatch(text, -1) {
		if !strings.HasSuffix(m[1], ".") {
			u.keys[m[1]] = path
		}
	}
}

// icon finds the icons that pages name.
var icon = regexp.MustCompile(`(?:Icon\(|Icon:\s*)"([a-z0-9-]+)"`)

func TestEveryIconIsInTheSprite(t *testing.T) {
	sprite, err := os.ReadFile("../static/img/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	sub, err := filepath.Glob("*/*.templ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, sub...) {
		if !speaks(path) {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range icon.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(sprite), `<symbol id="`+m[1]+`"`) {
				t.Errorf("%s: no icon %q; name it in static/make/icons.txt and draw the sprite again", path, m[1])
			}
		}
	}
}
