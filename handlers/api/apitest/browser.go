package apitest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/static/browsertest"
)

// patience is how long a text may be waited for.
const patience = 20 * time.Second

// Screen is how a tablet stands: its size, its language, what its camera sees, and what runs before its scripts.
type Screen struct {
	Width, Height int
	Language      kaopass.Language
	Movie         string // see [Movie]
	Before        string
	Strict        bool // an error or a warning on the page's console fails the test
}

// Tab is a page in a fresh browser. What cannot be done there ends the test.
type Tab struct {
	*browsertest.Tab
	url string
}

// Browse opens a page of the venue on a screen.
func (v *Venue) Browse(t testing.TB, path string, s Screen) Tab {
	t.Helper()
	tab := Tab{browsertest.Open(t, browsertest.Options{Width: s.Width, Height: s.Height, Film: s.Movie, Before: s.Before,
		Language: string(s.Language), Faults: !s.Strict}), v.URL}
	tab.Open(path + "?lang=" + string(s.Language))
	return tab
}

// Claim opens a screen that has no job yet and gives it one, as staff would: by typing the code.
func (v *Venue) Claim(t testing.TB, role kaopass.Role, name string, zone kaopass.Zone, s Screen) (Tab, kaopass.Device) {
	t.Helper()
	device, code, err := v.DB.AddDevice(t.Context(), role, name, zone, "test")
	if err != nil {
		t.Fatal(err)
	}
	tab := v.Browse(t, "/"+string(role), s)
	tab.Shot("claim")
	tab.Click("#field-code")
	tab.Press(code + "\r")
	tab.Sees("#" + map[kaopass.Role]string{kaopass.Gate: "lane", kaopass.Till: "till"}[role])
	return tab, device
}

// Open goes to a page.
func (b Tab) Open(path string) { b.Helper(); b.Go(b.url + path) }

// ClickUntil touches what a selector finds until something else is to be seen: a person whose touch a busy tablet
// missed touches again.
func (b Tab) ClickUntil(selector, then string) {
	b.Helper()
	const tries, within = 4, 4 * time.Second
	for range tries {
		b.Click(selector)
		err := b.Try(within, chromedp.WaitVisible(chromedp.CSS(then)))
		if err == nil {
			return
		}
	}
	b.Shot("touched")
	b.Fatalf("%s was touched and %s is not to be seen", selector, then)
}

// Says waits until an element says a text.
func (b Tab) Says(selector, text string) {
	b.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(b.Peek(selector), text) {
			return
		}
	}
	b.Fatalf("%s says %q, not %q", selector, b.Peek(selector), text)
}

// Run runs a script and answers what it answers.
func (b Tab) Run(script string) string { b.Helper(); return browsertest.Ask[string](b.Tab, script) }

// Media shows the page as it is printed ("print"), or on the screen again ("").
func (b Tab) Media(kind string) {
	b.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind})
		return err
	}))
}

// Scheme shows the page "light" or "dark".
func (b Tab) Scheme(name string) {
	b.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	}))
}

// Resize makes the screen another.
func (b Tab) Resize(width, height int64) { b.Helper(); b.Do(chromedp.EmulateViewport(width, height)) }

// Accessible lets axe-core look at a state of the page.
func (b Tab) Accessible(state string) {
	b.Helper()
	b.Log("axe looks at: " + state)
	b.Axe(filepath.Join(dbtest.Root(b), "node_modules"))
}
