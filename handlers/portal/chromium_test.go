package portal_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/static"
)

// patience is how long one step in the browser may take; this machine may be busy.
const patience = 30 * time.Second

// strict is web's policy: what a page needs beyond it, it does not get.
const strict = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// chromium finds the browser, or skips; with KAOPASS_REQUIRE_BROWSER=1 its absence fails.
func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: the portal's scripts are not tried in a browser")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && name != "" {
			return path
		}
	}
	if os.Getenv("KAOPASS_REQUIRE_BROWSER") == "1" {
		t.Fatal("no Chromium here, and KAOPASS_REQUIRE_BROWSER=1")
	}
	t.Skip("no Chromium here: the portal's scripts are not tried in a browser")
	return ""
}

// tab is a phone's browser at a venue that really listens.
type tab struct {
	*testing.T
	ctx  context.Context
	url  string
	stop func() // the network goes
}

// browse serves the venue with its assets and opens a browser that has a passkey's authenticator built in.
func (v *venue) browse(t *testing.T) tab {
	t.Helper()
	path := chromium(t)
	v.app.Use("/static", asset)
	for _, path := range static.Roots() {
		v.app.Get(path, asset)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = v.app.Listener(l) }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	b := tab{T: t, url: "http://localhost:" + port, stop: func() { _ = v.app.ShutdownWithTimeout(time.Second) }}
	t.Cleanup(b.stop)
	ctx, end := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.Flag("lang", "en"), chromedp.Flag("accept-lang", "en"))...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil { // the first call's context is the browser's: no deadline on that one
		t.Fatal(err)
	}
	b.ctx = ctx
	b.do(chromedp.EmulateViewport(390, 844), chromedp.Func(authenticator))
	return b
}

func asset(c *fiber.Ctx) error {
	a, found := static.Open(c.Path())
	if !found {
		a, found = static.Root(c.Path())
	}
	if !found {
		return respond.NotFound
	}
	c.Set(fiber.HeaderContentType, a.Type)
	return c.Send(a.Body)
}

// authenticator is a phone's own, unlocked by its owner.
func authenticator(ctx context.Context, t *chromedp.Target) error {
	if _, err := cdp.Call(ctx, t, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		return err
	}
	_, err := cdp.Call(ctx, t, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
			Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}})
	return err
}

func (b tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, late := context.WithTimeout(b.ctx, patience)
	defer late()
	if err := chromedp.Do(ctx, steps...); err != nil {
		where, _ := chromedp.Run(b.ctx, chromedp.Location())
		b.shot("lost")
		b.Fatalf("at %s: %v", where, err)
	}
}

func (b tab) open(path string) { b.Helper(); b.do(chromedp.Navigate(b.url + path)) }
func (b tab) click(s string)   { b.Helper(); b.do(chromedp.Click(chromedp.CSS(s))) }

// pastes puts text into a field at once, as a clipboard or a one-time code's suggestion does.
func (b tab) pastes(selector, text string) {
	b.Helper()
	b.sees(selector)
	script := `(f => { f.value = ` + strconv.Quote(text) + `; f.dispatchEvent(new Event("input", { bubbles: true })); })(document.querySelector(` + strconv.Quote(selector) + `))`
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](script)); err != nil {
		b.Fatal(err)
	}
}

// sees waits until an element is there to be seen.
func (b tab) sees(s string) { b.Helper(); b.do(chromedp.WaitVisible(chromedp.CSS(s))) }

// at waits until the browser is at a path.
func (b tab) at(path string) {
	b.Helper()
	var where string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		where, _ = chromedp.Run(b.ctx, chromedp.Location())
		if where = strings.TrimPrefix(where, b.url); where == path {
			return
		}
	}
	b.Fatalf("at %s, not at %s", where, path)
}

// says answers the text of the page's main part.
func (b tab) says() string {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector("main")?.textContent ?? ""`))
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// until waits for the page to say something.
func (b tab) until(words string) {
	b.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(b.says(), words) {
			return
		}
	}
	b.Fatalf("the page never says %q: %s", words, b.says())
}

// draws a line from side to side of an element, by mouse.
func (b tab) draws(selector string) {
	b.Helper()
	b.do(chromedp.ScrollIntoView(chromedp.CSS(selector)))
	box, err := chromedp.Run(b.ctx, chromedp.Dimensions(chromedp.CSS(selector)))
	if err != nil {
		b.Fatal(err)
	}
	left, top, right, bottom := corners(box)
	b.do(chromedp.DragAndDropXY(left+20, top+20, right-20, bottom-20, 24))
}

func corners(box *dom.BoxModel) (left, top, right, bottom float64) {
	return box.Content[0], box.Content[1], box.Content[4], box.Content[5]
}

// shot keeps a picture of the page where KAOPASS_SHOTS names a folder.
func (b tab) shot(name string) {
	folder := os.Getenv("KAOPASS_SHOTS")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
	if err != nil {
		b.Error(err)
	}
}
