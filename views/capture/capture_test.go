package capture_test

import (
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/capture"
	"github.com/kaopass/kaopass/views/viewtest"
)

func screen(w views.Words, audience views.Audience) templ.Component {
	m := capture.Page{Page: views.Page{Words: w, Path: "/capture", Audience: audience}, Base: "/capture", Next: "/next?after=face",
		Leave: "/home", Without: "/without", Kiosk: "/help", Data: "/me", Now: 3, Of: 4}
	if audience == views.ForDevice {
		m.Without, m.Kiosk, m.Of = "", "", 0
	}
	return capture.Screen(m)
}

func TestPages(t *testing.T) {
	for name, audience := range map[string]views.Audience{"phone": views.ForVisitor, "kiosk": views.ForDevice} {
		viewtest.Pages(t, name, func(w views.Words) templ.Component { return screen(w, audience) })
	}
}

// TestEveryHintIsOnThePage: the script has no sentence of its own.
func TestEveryHintIsOnThePage(t *testing.T) {
	for _, lang := range views.PageLanguages() {
		w := views.Speak(lang)
		html := viewtest.Draw(t, screen(w, views.ForVisitor))
		for _, h := range kaopass.Hints() {
			if !strings.Contains(html, `data-hint-`+string(h)+`="`+w.Hint(h)) {
				t.Errorf("%s: hint %s is not on the page", lang, h)
			}
		}
	}
}

// TestEveryTroubleHasTwoWays: one to go on, one to leave.
func TestEveryTroubleHasTwoWays(t *testing.T) {
	html := viewtest.Draw(t, screen(views.Speak(kaopass.English), views.ForVisitor))
	for _, panel := range strings.Split(html, "data-panel=")[1:] {
		name, rest, _ := strings.Cut(panel[1:], `"`)
		if ways := strings.Count(rest, `class="button`); ways < 2 && name != "done" {
			t.Errorf("%s has %d ways on", name, ways)
		}
	}
}
