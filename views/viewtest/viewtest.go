// Package viewtest holds pages still: it draws a component, checks what every page of ours must be, and compares it with
// the golden file that was looked at and kept.
//
// Call [Pages] for a whole page (Japanese and English are kept, a stretched language is drawn and checked), [Golden] for a
// part. After a wanted change run the test with KAOPASS_UPDATE=1, look at the difference, and commit it.
package viewtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass/static"
	"github.com/kaopass/kaopass/views"
)

// updateEnv, set to anything, makes the tests write golden files instead of comparing.
const updateEnv = "KAOPASS_UPDATE"

// Pages draws a page in both page languages against <name>.ja.html and <name>.en.html, once stretched, and in the languages
// that visitors have besides, which are checked and not kept.
func Pages(t *testing.T, name string, draw func(w views.Words) templ.Component) {
	t.Helper()
	for _, lang := range views.PageLanguages() {
		Golden(t, name+"."+string(lang), draw(views.Speak(lang)))
	}
	for _, lang := range views.VisitorLanguages() {
		if !slices.Contains(views.PageLanguages(), lang) {
			Check(t, name+"."+string(lang), Draw(t, draw(views.Speak(lang))))
		}
	}
	Check(t, name+" stretched", Draw(t, draw(views.Speak(views.PageLanguages()[1]).Stretched())))
}

// Golden draws a component, checks it, and compares it with testdata/golden/<name>.html.
func Golden(t *testing.T, name string, c templ.Component) {
	t.Helper()
	got := Draw(t, c)
	Check(t, name, got)
	path := filepath.Join("testdata", "golden", name+".html")
	if os.Getenv(updateEnv) != "" {
		write(t, path, got)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v\n%s=1 go test writes it", err, updateEnv)
		return
	}
	if diff := firstDifference(string(want), got); diff != "" {
		t.Errorf("%s is not as it was:\n%s\n%s=1 go test accepts it", path, diff, updateEnv)
	}
}

// Draw renders a component, one element a line, with the fingerprint of the assets blotted out.
func Draw(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	html := strings.ReplaceAll(b.String(), static.Fingerprint(), "FINGERPRINT")
	return strings.ReplaceAll(html, "><", ">\n<") + "\n"
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// firstDifference shows the first line that differs, in both forms; "" where none does.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		was, is := line(a, i), line(b, i)
		if was != is {
			return "- " + was + "\n+ " + is
		}
	}
	return ""
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}
