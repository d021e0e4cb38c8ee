package kaopass_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kaopass/kaopass"

// doors says which of our rooms each room may enter. A sub-package is of its room; a room may always enter itself, but
// for the handlers' audiences, which never enter each other.
var doors = map[string][]string{
	"root":     {},
	"static":   {},
	"matcher":  {"root"},
	"db":       {"root"},
	"views":    {"root", "static"},
	"handlers": {"root", "matcher", "db", "views"},
	"web":      {"root", "static", "matcher", "db", "handlers"},
}

// shared are the packages of handlers that an audience may enter.
var shared = []string{"access", "camera", "card", "request", "respond"}

// keepers says who may enter a third party's house, by the beginning of its path.
var keepers = map[string][]string{
	"github.com/gofiber/fiber":            {"web", "handlers"},
	"github.com/pion/":                    {"handlers/camera"},
	"github.com/yalue/onnxruntime_go":     {"matcher"},
	"github.com/jmoiron/sqlx":             {"db"},
	"github.com/lib/pq":                   {"db"},
	"github.com/tink-crypto/":             {"db/seal"},
	"github.com/nicksnyder/go-i18n":       {"views"},
	"github.com/go-webauthn/webauthn":     {"handlers/portal"},
	"github.com/prometheus/client_golang": {"web"},
	"github.com/alecthomas/kong":          {"web"},
	"github.com/stripe/stripe-go":         {"handlers/card"},
}

// measuring holds what sees raw vectors and similarities; the compiler keeps its key, matcher/internal/permit, inside.
const measuring = "matcher/evaluate"

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// place is a package's path in the module; the root package is "root".
func place(importPath string) string {
	if importPath == module {
		return "root"
	}
	return strings.TrimPrefix(importPath, module+"/")
}

func room(place string) string { first, _, _ := strings.Cut(place, "/"); return first }

func TestDoors(t *testing.T) {
	for _, p := range packages(t) {
		from := place(p.ImportPath)
		if _, known := doors[room(from)]; !known {
			t.Errorf("%s is in no room", from)
		}
		if forTests(from) {
			continue // what serves tests alone may look behind any door, as tests may
		}
		for _, i := range p.Imports {
			if reason := shut(from, i); reason != "" {
				t.Errorf("%s imports %s: %s", from, i, reason)
			}
		}
	}
}

// shut answers why a package may not import another, or "".
func shut(from, imported string) string {
	if imported == module || strings.HasPrefix(imported, module+"/") {
		return shutRoom(from, place(imported))
	}
	if room(from) == "root" && strings.Contains(room(imported), ".") {
		return "the root speaks the standard library only"
	}
	for house, keys := range keepers {
		if strings.HasPrefix(imported, house) && !slices.ContainsFunc(keys, func(k string) bool { return within(from, k) }) {
			return "only " + strings.Join(keys, ", ") + " may"
		}
	}
	return ""
}

func shutRoom(from, to string) string {
	switch {
	case forTests(to):
		return "it serves tests alone"
	case from == "web" && to == "views/consent":
		return "" // an import is signed under the texts that the pages show
	case within(to, measuring) && from != "web" && !within(from, "matcher"):
		return "raw vectors and similarities are for measuring alone"
	case to == "web" || within(to, "web"):
		return "nobody imports web"
	case room(from) != room(to) && !slices.Contains(doors[room(from)], room(to)):
		return "no door from " + room(from) + " to " + room(to)
	case room(from) == "handlers" && room(to) == "handlers" && audience(from) != audience(to) && !slices.Contains(shared, audience(to)):
		return "audiences do not enter each other"
	}
	return ""
}

// forTests reports whether a package is a helper of tests, by its name.
func forTests(place string) bool { return strings.HasSuffix(place, "test") }

func within(place, prefix string) bool {
	return place == prefix || strings.HasPrefix(place, prefix+"/")
}

// audience is the package of handlers that a place belongs to.
func audience(place string) string {
	rest := strings.TrimPrefix(place, "handlers/")
	first, _, _ := strings.Cut(rest, "/")
	return path.Base(first)
}

func TestDoorsShut(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"matcher", module + "/db"}, {"db", module + "/handlers/gate"}, {"views/portal", module + "/db"},
		{"handlers/gate", module + "/handlers/till"}, {"handlers/gate", module + "/web"}, {"static", module},
		{"web", module + "/views"}, {"root", "github.com/lib/pq"}, {"handlers/gate", "github.com/pion/webrtc/v4"},
		{"handlers/till", "github.com/jmoiron/sqlx"}, {"web", module + "/db/dbtest"},
		{"handlers/till", module + "/matcher/evaluate"}, {"handlers/console", module + "/matcher/evaluate/stat"},
	} {
		if shut(c.from, c.to) == "" {
			t.Errorf("%s may import %s", c.from, c.to)
		}
	}
}
