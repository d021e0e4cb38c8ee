package portal_test

import (
	"context"
	"net"
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
	"github.com/kaopass/kaopass/static/browsertest"
)

// patience is how long the page may take to say something; this machine may be busy.
const patience = 30 * time.Second

// strict is web's policy: what a page needs beyond it, it does not get.
const strict = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// tab is a phone's browser at a venue that really listens.
type tab struct {
	*browsertest.Tab
	url  string
	stop func() // the network goes
}

// browse serves the venue with its assets and opens a browser that has a passkey's authenticator built in.
func (v *venue) browse(t *testing.T) tab {
	t.Helper()
	return v.browseAs(t, browsertest.Options{Faults: true})
}

// browseQuietly is the same for a test in which the browser must have nothing to say.
func (v *venue) browseQuietly(t *testing.T) tab {
	t.Helper()
	return v.browseAs(t, browsertest.Options{})
}

func (v *venue) browseAs(t *testing.T, o browsertest.Options) tab {
	t.Helper()
	browsertest.Chromium(t)
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
	b := tab{browsertest.Open(t, o), "http://localhost:" + port,
		func() { _ = v.app.ShutdownWithTimeout(time.Second) }}
	t.Cleanup(b.stop)
	b.Do(chromedp.Func(authenticator))
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

func (b tab) open(path string) { b.Helper(); b.Go(b.url + path) }

// pastes puts text into a field at once, as a clipboard or a one-time code's suggestion does.
func (b tab) pastes(selector, text string) {
	b.Helper()
	b.Sees(selector)
	script := `(f => { f.value = ` + strconv.Quote(text) + `; f.dispatchEvent(new Event("input", { bubbles: true })); })(document.querySelector(` + strconv.Quote(selector) + `))`
	browsertest.Ask[any](b.Tab, script)
}

// says answers the text of the page's main part.
func (b tab) says() string {
	b.Helper()
	return browsertest.Ask[string](b.Tab, `document.querySelector("main")?.textContent ?? ""`)
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
	b.Do(chromedp.ScrollIntoView(chromedp.CSS(selector)))
	left, top, right, bottom := corners(browsertest.Take(b.Tab, chromedp.Dimensions(chromedp.CSS(selector))))
	b.Do(chromedp.DragAndDropXY(left+20, top+20, right-20, bottom-20, 24))
}

func corners(box *dom.BoxModel) (left, top, right, bottom float64) {
	return box.Content[0], box.Content[1], box.Content[4], box.Content[5]
}
