package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func TestURLNamesContentThatOpenAnswers(t *testing.T) {
	url := URL("css/base.css")
	a, ok := Open(url)
	if !ok || !a.Immutable || a.Type != "text/css; charset=utf-8" || len(a.Body) == 0 {
		t.Fatalf("Open(%s) = %+v, %v", url, a.Name, ok)
	}
	if a.CacheControl() != "public, max-age=31536000, immutable" || len(a.ETag()) != 34 {
		t.Errorf("cache %q, etag %q", a.CacheControl(), a.ETag())
	}
}

func TestAnAddressOfAnEarlierBuildIsAnsweredButNotKept(t *testing.T) {
	a, ok := Open("/static/000000000000/css/base.css")
	if !ok || a.Immutable || a.CacheControl() != "public, no-cache" {
		t.Errorf("ok %v, cache %q", ok, a.CacheControl())
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, path := range []string{"", "/static/", "/static/x", "/css/base.css", "/static/x/../static.go",
		"/static/x/css/none.css", "/static/x/root/robots.txt", "/static/x/css"} {
		if a, ok := Open(path); ok {
			t.Errorf("Open(%q) answered %s", path, a.Name)
		}
	}
}

func TestRootAnswersOnlyItsOwn(t *testing.T) {
	for _, path := range Roots() {
		if _, ok := Root(path); !ok {
			t.Errorf("Root(%q) is listed and not answered", path)
		}
	}
	for _, path := range []string{"", "/", "/css/base.css", "/../css/base.css", "robots.txt"} {
		if _, ok := Root(path); ok {
			t.Errorf("Root(%q) answered", path)
		}
	}
}

func TestURLPanicsForAFileThatIsNotThere(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a page with a missing file must not be drawn")
		}
	}()
	URL("css/none.css")
}

func TestFingerprintFollowsEveryFile(t *testing.T) {
	one, err := read(fstest.MapFS{"a.css": {Data: []byte("a")}, "b.js": {Data: []byte("b")}})
	if err != nil {
		t.Fatal(err)
	}
	two, err := read(fstest.MapFS{"a.css": {Data: []byte("a")}, "b.js": {Data: []byte("c")}})
	if err != nil || one.fingerprint == two.fingerprint {
		t.Errorf("%s and %s, %v", one.fingerprint, two.fingerprint, err)
	}
}

func TestEncoded(t *testing.T) {
	a, _ := Open(URL("css/base.css"))
	for header, want := range map[string]string{"": "", "identity": "", "gzip": "gzip", "gzip, deflate, br, zstd": "br",
		"br;q=0, gzip": "gzip", "GZIP;q=0.5": "gzip", "br; q=0.0": "", "brotli": ""} {
		body, encoding := a.Encoded(header)
		if encoding != want {
			t.Errorf("Encoded(%q) is %q, want %q", header, encoding, want)
		}
		if got := plain(t, body, encoding); !bytes.Equal(got, a.Body) {
			t.Errorf("Encoded(%q) does not read back", header)
		}
	}
}

func plain(t *testing.T, body []byte, encoding string) []byte {
	t.Helper()
	var r io.Reader = bytes.NewReader(body)
	switch encoding {
	case "br":
		r = brotli.NewReader(r)
	case "gzip":
		zr, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zr
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryFileHasAType(t *testing.T) {
	for name, a := range tree().assets {
		if a.Type == "application/octet-stream" {
			t.Errorf("%s has no content type", name)
		}
		if strings.HasSuffix(name, ".d.ts") {
			t.Errorf("%s is served", name)
		}
	}
}

// Strict CSP: a style or script from elsewhere would be blocked, so it must not be written.
func TestStylesAndScriptsAskNobodyElse(t *testing.T) {
	for name, a := range tree().assets {
		if !strings.HasPrefix(name, "css/") && !strings.HasPrefix(name, "js/") {
			continue
		}
		for _, bad := range []string{"http://", "https://", "@import", "eval(", "innerHTML"} {
			if text := strings.ReplaceAll(string(a.Body), "http://www.w3.org/", ""); strings.Contains(text, bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
	}
}
