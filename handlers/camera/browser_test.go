package camera_test

import (
	"context"
	"errors"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/static"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/capture"
)

// browserPatience is how long one story in the browser may take.
const browserPatience = 20 * time.Second

// chromium finds the browser, or skips; with KAOPASS_REQUIRE_BROWSER=1 its absence fails.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && name != "" {
			return path
		}
	}
	if os.Getenv("KAOPASS_REQUIRE_BROWSER") == "1" {
		t.Fatal("no Chromium here, and KAOPASS_REQUIRE_BROWSER=1")
	}
	t.Skip("no Chromium here: the capture page is not tried in a browser")
	return ""
}

// pages adds what the capture's page needs to a stage's app: itself, its assets, and where it leads.
func pages(app *fiber.App) {
	app.Get("/static/*", func(c *fiber.Ctx) error {
		a, found := static.Open(c.Path())
		if !found {
			return respond.NotFound
		}
		c.Set(fiber.HeaderContentType, a.Type)
		return c.Send(a.Body)
	})
	app.Get("/page", func(c *fiber.Ctx) error {
		c.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; media-src 'self' blob:")
		c.Cookie(&fiber.Cookie{Name: "who", Value: "vis_1"})
		words := views.Speak(kaopass.Language(c.Query("lang", "en")))
		audience := views.Audience(c.Query("for", string(views.ForVisitor)))
		return respond.Page(c, 200, capture.Screen(capture.Page{Page: views.Page{Words: words, Path: c.OriginalURL(), Audience: audience},
			Base: "/capture", Next: "/kept", Leave: "/later", Without: "/without", Kiosk: "/kiosks", Data: "/data", Now: 3, Of: 5}))
	})
	app.Get("/kept", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "text/html")
		return c.SendString(`<p id="kept">kept</p>`)
	})
}

// tab is the capture's page in a fresh browser. What cannot be done there ends the test.
type tab struct {
	*testing.T
	ctx context.Context
}

// browse opens the capture's page. Flags are Chromium's; before runs in the page before its scripts.
func (s *stage) browse(t *testing.T, before string, flags ...string) tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox)
	for _, f := range flags {
		options = append(options, chromedp.Flag(f, true))
	}
	ctx, stopAll := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stopAll)
	ctx, stop := chromedp.NewContext(ctx)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx); err != nil { // the first call's context is the browser's: no deadline on that one
		t.Fatal(err)
	}
	b := tab{t, ctx}
	b.do(chromedp.EmulateViewport(390, 844), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: before})
		return err
	}), chromedp.Navigate(strings.TrimSuffix(s.url, "/capture")+"/page"))
	return b
}

func (b tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, late := context.WithTimeout(b.ctx, browserPatience)
	defer late()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b tab) click(selector string) { b.Helper(); b.do(chromedp.Click(chromedp.CSS(selector))) }

func (b tab) waits(selector string) { b.Helper(); b.do(chromedp.WaitVisible(chromedp.CSS(selector))) }

// sees waits for a panel.
func (b tab) sees(panel string) {
	b.Helper()
	b.waits(`[data-panel="` + panel + `"]`)
	b.shot(panel)
}

// text is what an element says.
func (b tab) text(selector string) string {
	b.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.TextContent(chromedp.CSS(selector)))
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// shot keeps a picture of the page where KAOPASS_SHOTS names a folder.
func (b tab) shot(name string) {
	folder := os.Getenv("KAOPASS_SHOTS")
	if folder == "" {
		return
	}
	time.Sleep(400 * time.Millisecond)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
	if err != nil {
		b.Error(err)
	}
}

// fakeCamera is Chromium's moving test picture, allowed without a question.
func fakeCamera() []string {
	return []string{"use-fake-ui-for-media-stream", "use-fake-device-for-media-stream"}
}

const (
	turnOn = `[data-panel="ready"] [data-act="start"]`
	hinted = `[data-stage][data-hint="turn_left"]`
)

func TestBrowserGivesAFace(t *testing.T) {
	cases := map[string]string{
		"by video":  "",
		"by photos": "delete globalThis.RTCPeerConnection",
		"by photos where video does not connect": `globalThis.RTCPeerConnection = class extends RTCPeerConnection {
			setRemoteDescription(d) { return super.setRemoteDescription({ type: d.type, sdp: d.sdp.replace(/a=candidate.*\r\n/g, '') }); } }`,
	}
	for name, before := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t, options{say: slowly})
			b := s.browse(t, before, fakeCamera()...)
			b.sees("ready")
			b.click(turnOn)
			b.sees("camera")
			b.waits(hinted)
			b.shot("turn")
			if said := b.text("#say"); !strings.Contains(said, "your left") {
				t.Errorf("said %q", said)
			}
			b.sees("done")
			b.waits("#kept")
			if s.kept.Load() != 1 {
				t.Errorf("kept %d times", s.kept.Load())
			}
		})
	}
}

// slowly is a script in which the hint can be read, and seen by a test.
func slowly(frame int, _ image.Image) (kaopass.Progress, error) {
	time.Sleep(150 * time.Millisecond)
	switch {
	case frame < 4:
		return kaopass.Progress{Hint: kaopass.HintHold, Step: 1, Steps: 3, Share: float64(frame) / 16}, nil
	case frame < 14:
		return kaopass.Progress{Hint: kaopass.HintTurnLeft, Step: 2, Steps: 3, Share: float64(frame) / 16}, nil
	}
	return kaopass.Progress{Hint: kaopass.HintDone, Step: 3, Steps: 3, Share: 1, Done: true}, nil
}

func TestBrowserTroublesHaveAWayOn(t *testing.T) {
	refuse := func(name string) string {
		return `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '` + name + `'))`
	}
	ended := func(r kaopass.Reason) func(int, image.Image) (kaopass.Progress, error) {
		return func(int, image.Image) (kaopass.Progress, error) { return kaopass.Progress{Ended: r}, nil }
	}
	cases := map[string]struct {
		options
		before, then string // then runs in the page once the camera is on
		panel, text  string
	}{
		"refused":  {before: refuse("NotAllowedError"), panel: "refused", text: "allow the camera"},
		"none":     {before: refuse("NotFoundError"), panel: "none", text: "with a camera"},
		"busy":     {before: refuse("NotReadableError"), panel: "busy", text: "close the other app"},
		"insecure": {before: "Object.defineProperty(globalThis, 'isSecureContext', { value: false })", panel: "insecure", text: "https://"},
		"taken":    {then: "document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))", panel: "busy"},
		"hidden":   {then: "Object.defineProperty(document, 'hidden', { value: true }); document.dispatchEvent(new Event('visibilitychange'))", panel: "paused", text: "go on where you were"},
		"lost":     {then: "dispatchEvent(new Event('offline'))", panel: "lost", text: "check the signal"},
		"given up": {options: options{say: ended(kaopass.ChallengeMissed)}, panel: "ended", text: views.Speak(kaopass.English).Reason(kaopass.ChallengeMissed)},
		"a fault":  {options: options{keep: func(int32) (kaopass.Reason, error) { return "", errors.New("away") }}, panel: "fault", text: "Nothing was kept"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.say == nil && c.keep == nil {
				c.say = forever
			}
			b := open(t, c.options).browse(t, c.before, fakeCamera()...)
			b.click(turnOn)
			if c.then != "" {
				b.waits(`[data-stage][data-hint="closer"]`)
				if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](c.then)); err != nil {
					t.Fatal(err)
				}
			}
			b.sees(c.panel)
			ways, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.querySelectorAll('[data-panel="`+c.panel+`"] .button').length`))
			if text := b.text(`[data-panel="` + c.panel + `"] [data-text]`); err != nil || !strings.Contains(text, c.text) || ways < 2 {
				t.Errorf("says %q with %d ways on, %v", text, ways, err)
			}
		})
	}
}

// TestBrowserHelpsThoseWhoStruggle turns the page's clock on: after a while without progress there is help.
func TestBrowserHelpsThoseWhoStruggle(t *testing.T) {
	s := open(t, options{say: func(frame int, _ image.Image) (kaopass.Progress, error) {
		if frame%2 == 0 {
			return kaopass.Progress{}, matcher.ErrBusy
		}
		return kaopass.Progress{Hint: kaopass.HintCloser, Step: 1, Steps: 3}, nil
	}})
	b := s.browse(t, "const real = setTimeout; globalThis.setTimeout = (f, ms) => real(f, ms === 20000 ? 500 : ms)", fakeCamera()...)
	b.click(turnOn)
	b.waits("[data-struggle]")
	b.shot("struggle")
	b.click(`[data-act="help"]`)
	b.waits("#help")
	b.shot("help")
	b.click(`#help [data-act="photos"]`)
	b.sees("camera")
}
