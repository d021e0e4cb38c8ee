package apitest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db/dbtest"
)

// patience is how long one step in the browser may take.
const patience = 20 * time.Second

// Chromium finds the browser, or skips the test, as -short does; with KAOPASS_REQUIRE_BROWSER=1 its absence fails.
func Chromium(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the device screens are not tried in a browser")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && name != "" {
			return path
		}
	}
	if os.Getenv("KAOPASS_REQUIRE_BROWSER") == "1" {
		t.Fatal("no Chromium here, and KAOPASS_REQUIRE_BROWSER=1")
	}
	t.Skip("no Chromium here: the device screens are not tried in a browser")
	return ""
}

// Screen is how a tablet stands: its size, its language, what its camera sees, and what runs before its scripts.
type Screen struct {
	Width, Height int64
	Language      kaopass.Language
	Movie         string // see [Movie]
	Before        string
}

// Tab is a page in a fresh browser. What cannot be done there ends the test.
type Tab struct {
	testing.TB
	ctx context.Context //nolint:containedctx // chromedp's handle of a tab is a context
	url string
}

// Browse opens a page of the venue on a screen.
func (v *Venue) Browse(t testing.TB, path string, s Screen) Tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(Chromium(t)), chromedp.NoSandbox,
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", s.Movie), chromedp.Flag("accept-lang", string(s.Language)))
	ctx, stopAll := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stopAll)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // the first call's context is the browser's: no deadline on that one
		t.Fatal(err)
	}
	tab := Tab{t, ctx, v.URL}
	tab.Do(chromedp.EmulateViewport(s.Width, s.Height), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: s.Before})
		return err
	}))
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
	tab.Type(code + "\r")
	tab.Waits("#" + map[kaopass.Role]string{kaopass.Gate: "lane", kaopass.Till: "till"}[role])
	return tab, device
}

// Do runs steps.
func (b Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, late := context.WithTimeout(b.ctx, patience)
	defer late()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

// Open goes to a page.
func (b Tab) Open(path string) { b.Helper(); b.Do(chromedp.Navigate(b.url + path)) }

// Click touches what a selector finds.
func (b Tab) Click(selector string) { b.Helper(); b.Do(chromedp.Click(chromedp.CSS(selector))) }

// ClickUntil touches what a selector finds until something else is to be seen: a person whose touch a busy tablet
// missed touches again.
func (b Tab) ClickUntil(selector, then string) {
	b.Helper()
	const tries, within = 4, 4 * time.Second
	for range tries {
		b.Click(selector)
		ctx, late := context.WithTimeout(b.ctx, within)
		err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(then)))
		late()
		if err == nil {
			return
		}
	}
	b.Shot("touched")
	b.Fatalf("%s was touched and %s is not to be seen", selector, then)
}

// Type presses keys, as a keyboard or a scanner that types; "\r" is Enter.
func (b Tab) Type(keys string) { b.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// Waits waits until what a selector finds is to be seen.
func (b Tab) Waits(selector string) {
	b.Helper()
	ctx, late := context.WithTimeout(b.ctx, patience)
	defer late()
	if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(selector))); err != nil {
		b.Shot("waits")
		b.Fatalf("%s is not to be seen: %v; the page says: %s", selector, err, strings.Join(strings.Fields(b.Text("main")), " "))
	}
}

// Text is what an element says.
func (b Tab) Text(selector string) string {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.TextContent(chromedp.CSS(selector)))
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(text)
}

// Says waits until an element says a text.
func (b Tab) Says(selector, text string) {
	b.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(b.Text(selector), text) {
			return
		}
	}
	b.Fatalf("%s says %q, not %q", selector, b.Text(selector), text)
}

// Run runs a script and answers what it answers.
func (b Tab) Run(script string) string {
	b.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script))
	if err != nil {
		b.Fatal(err)
	}
	return out
}

// Media shows the page as it is printed ("print"), or on the screen again ("").
func (b Tab) Media(kind string) {
	b.Helper()
	b.Do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind})
		return err
	}))
}

// Shot keeps a picture of the page where KAOPASS_SHOTS names a folder.
func (b Tab) Shot(name string) {
	b.Helper()
	folder := os.Getenv("KAOPASS_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(b.Name(), "/", "-")+"-"+name+".png"), png, 0o600)
	}
	if err != nil {
		b.Error(err)
	}
}

// Accessible runs axe-core over the page as it stands and fails for each finding.
func (b Tab) Accessible(state string) {
	b.Helper()
	axe, err := os.ReadFile(filepath.Join(dbtest.Root(b), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		b.Logf("axe-core is not here; make setup fetches it: %v", err)
		return
	}
	const run = `(async () => { const r = await axe.run(document, { resultTypes: ['violations'] });
		return r.violations.map((v) => v.id + ' ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(', ')).join('\n'); })()`
	b.Run(string(axe) + "\n;''")
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatal(err)
	}
	if found != "" {
		b.Errorf("%s: axe finds:\n%s", state, found)
	}
}
