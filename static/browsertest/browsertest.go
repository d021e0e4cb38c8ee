// Package browsertest opens our pages in a real Chromium, as a person on a phone or in front of a screen would.
//
// Start at [Open]. What stays true: whatever a page writes to the console as an error or a warning fails the test, and so does a page
// that can be pushed sideways; and where there is no Chromium the test is skipped in one line, or fails if
// KAOPASS_REQUIRE_BROWSER is 1.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Patience is how long one step in the browser may take on a busy machine.
const Patience = 60 * time.Second

// pollInterval is the pause between two looks at a page.
const pollInterval = 50 * time.Millisecond

// Options says which browser to open.
type Options struct {
	Width, Height int    // CSS pixels; 0: a phone of 390×844
	Film          string // a file of Motion JPEG that the camera shows, over and over; "": Chromium's moving test picture
	Language      string // of the browser; "": en
	Before        string // runs in every page before its scripts
	Axe           string // node_modules, where axe-core shall look at every page that At comes to; "": it does not
	Faults        bool   // the test makes things fail: errors on the console are no news
}

// Tab is one page in a browser of its own. What cannot be done in it ends the test.
type Tab struct {
	testing.TB
	ctx context.Context
	axe string
}

// Chromium finds the browser, or skips the test, as -short does.
func Chromium(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: not tried in a browser")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && name != "" {
			return path
		}
	}
	if os.Getenv("KAOPASS_REQUIRE_BROWSER") == "1" {
		t.Fatal("no Chromium here, and KAOPASS_REQUIRE_BROWSER=1")
	}
	t.Skip("no Chromium here: not tried in a browser")
	return ""
}

// Open starts a browser with an empty page. A camera is there and allowed without a question.
func Open(t testing.TB, o Options) *Tab {
	t.Helper()
	// The test's own context ends before its browser is closed.
	ctx, stopAll := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), flags(t, o)...)
	t.Cleanup(stopAll)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // the first call's context is the browser's: no deadline on that one
		t.Fatal(err)
	}
	b := &Tab{t, ctx, o.Axe}
	if !o.Faults {
		b.listen()
	}
	if o.Width == 0 {
		o.Width, o.Height = 390, 844
	}
	b.Do(chromedp.EmulateViewport(int64(o.Width), int64(o.Height)), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: o.Before})
		return err
	}))
	return b
}

func flags(t testing.TB, o Options) []chromedp.ExecAllocatorOption {
	language := o.Language
	if language == "" {
		language = "en"
	}
	all := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(Chromium(t)), chromedp.NoSandbox,
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("lang", language), chromedp.Flag("accept-lang", language))
	if o.Film != "" {
		all = append(all, chromedp.Flag("use-file-for-fake-video-capture", o.Film))
	}
	return all
}

// listen fails the test with every error and every warning on the page's console.
func (b *Tab) listen() {
	heard := chromedp.Console(b.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m, err := range heard {
			if err != nil || b.Context().Err() != nil { // the test is over, and its server may be gone before its browser
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.IsException() {
				b.Errorf("the console says: %s (%s)", m.Text, m.URL)
			}
		}
	}()
	b.Cleanup(func() {
		if err := chromedp.Cancel(b.ctx); err != nil {
			b.Logf("closing the browser: %v", err)
		}
		<-done
	})
}

// Do takes steps, one after the other.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := b.Try(Patience, steps...); err != nil {
		b.Shot("stuck")
		said, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + ', which says ' + document.body?.innerText"))
		b.Fatalf("%v at %.500s", err, strings.Join(strings.Fields(said), " "))
	}
}

// Try takes steps for at most so long.
func (b *Tab) Try(within time.Duration, steps ...chromedp.Action[chromedp.Void]) error {
	ctx, late := context.WithTimeout(b.ctx, within)
	defer late()
	return chromedp.Do(ctx, steps...)
}

// Take takes a step that answers something.
func Take[T any](b *Tab, step chromedp.Action[T]) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, step)
	if err != nil {
		b.Fatal(err)
	}
	return value
}

// Go opens an address.
func (b *Tab) Go(url string) { b.Helper(); b.Do(chromedp.Navigate(url)) }

// Click clicks on the first visible element of a CSS selector.
func (b *Tab) Click(selector string) {
	b.Helper()
	b.Do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
}

// Type types into a field.
func (b *Tab) Type(selector, text string) {
	b.Helper()
	b.Do(chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Press presses keys, as a keyboard or a scanner that types; "\r" is Enter.
func (b *Tab) Press(keys string) { b.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// Sees waits for an element to be visible.
func (b *Tab) Sees(selector string) {
	b.Helper()
	b.Do(chromedp.WaitVisible(chromedp.CSS(selector)))
}

// Text is what an element says.
func (b *Tab) Text(selector string) string {
	b.Helper()
	return strings.TrimSpace(Take(b, chromedp.TextContent(chromedp.CSS(selector))))
}

// Peek is what an element says just now: nothing while a page is being left.
func (b *Tab) Peek(selector string) string {
	said, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.querySelector("+strconv.Quote(selector)+")?.textContent ?? ''"))
	return strings.TrimSpace(said)
}

// Ask evaluates an expression in the page.
func Ask[T any](b *Tab, expression string) T {
	b.Helper()
	return Take(b, chromedp.Evaluate[T](expression))
}

// here is where the browser is; nowhere while a page loads.
const here = "document.readyState === 'complete' ? location.pathname + location.search : ''"

// At waits until the browser has come to a page, by its path, or by path and query, or by how the path begins if it
// ends with a slash. The page must not scroll sideways.
func (b *Tab) At(path string) {
	b.Helper()
	at := ""
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(pollInterval) {
		at, _ = chromedp.Run(b.ctx, chromedp.Evaluate[string](here)) // an error is a page that is just being left
		bare, _, _ := strings.Cut(at, "?")
		if at == path || bare == path || path != "/" && strings.HasSuffix(path, "/") && strings.HasPrefix(bare, path) {
			b.Level()
			if b.axe != "" {
				b.Axe(b.axe)
			}
			b.Shot(strings.Trim(strings.ReplaceAll(bare, "/", "-"), "-"))
			return
		}
	}
	b.Shot("stuck")
	b.Fatalf("at %s, not at %s: %.300s", at, path, Ask[string](b, "document.body.innerText"))
}

// Level fails the test where the page is wider than the screen.
func (b *Tab) Level() {
	b.Helper()
	if over := Ask[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		b.Errorf("%s is %d px wider than the screen", Ask[string](b, "location.pathname"), over)
	}
}

// Shot keeps a picture of the page where KAOPASS_SHOTS names a folder.
func (b *Tab) Shot(name string) {
	folder := os.Getenv("KAOPASS_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(b.Name(), "/", "-")+"-"+name+".png"), png, 0o600)
	}
	if err != nil {
		b.Log(err)
	}
}
