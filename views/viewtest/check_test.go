package viewtest

import (
	"strings"
	"testing"
)

const good = `<!DOCTYPE html><html lang="ja"><head><title>t</title></head><body><main><h1>h</h1></main></body></html>`

func TestFaults(t *testing.T) {
	for page, want := range map[string]string{
		good: "",
		strings.Replace(good, ` lang="ja"`, "", 1):                    "without a language",
		strings.Replace(good, "<h1>h</h1>", "", 1):                    "0 <h1>",
		strings.Replace(good, "<h1>h</h1>", "<h1>h</h1><h1></h1>", 1): "2 <h1>",
		`<p style="color:red">`:                                       "styles and handlers",
		`<button onclick="x()">a</button>`:                            "styles and handlers",
		`<style>p{}</style>`:                                          "<style> in the page",
		`<script>alert(1)</script>`:                                   "not a module of ours",
		`<script src="/a.js"></script>`:                               "not a module of ours",
		`<script type="module" src="/a.js"></script>`:                 "",
		`<i id="a"></i><i id="a"></i>`:                                `id "a" twice`,
		`<label for="b">b</label>`:                                    `nothing has the id "b"`,
		`<label for="b">b</label><input id="b">`:                      "",
		`<button><svg></svg></button>`:                                "<button> without a name",
		`<button aria-label="x"><svg></svg></button>`:                 "",
		`<a href="/"><img alt="home" width="1" height="1"></a>`:       "",
		`<img src="a.png">`:                                           "<img> without alt",
		`<link rel="stylesheet" href="//cdn/x.css">`:                  "from elsewhere",
	} {
		got := strings.Join(Faults(page), "; ")
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s\n gives %q, want %q", page, got, want)
		}
	}
}

func TestFirstDifference(t *testing.T) {
	if d := firstDifference("a\nb", "a\nb"); d != "" {
		t.Error(d)
	}
	if d := firstDifference("a\nb", "a\nc"); d != "- b\n+ c" {
		t.Error(d)
	}
	if d := firstDifference("a", "a\nb"); d != "- (nothing)\n+ b" {
		t.Error(d)
	}
}
