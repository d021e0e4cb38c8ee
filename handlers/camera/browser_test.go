package camera_test

import (
	"errors"
	"image"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/static"
	"github.com/kaopass/kaopass/static/browsertest"
	"github.com/kaopass/kaopass/views"
	"github.com/kaopass/kaopass/views/capture"
)

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
type tab struct{ *browsertest.Tab }

// browse opens the capture's page; before runs in the page before its scripts. The stage is not the whole site: it has no favicon.
func (s *stage) browse(t *testing.T, before string) tab {
	t.Helper()
	b := browsertest.Open(t, browsertest.Options{Before: before, Faults: true})
	b.Go(strings.TrimSuffix(s.url, "/capture") + "/page")
	return tab{b}
}

// sees waits for a panel.
func (b tab) sees(panel string) {
	b.Helper()
	b.Sees(`[data-panel="` + panel + `"]:not([hidden])`)
	b.Shot(panel)
	b.Axe(packages)
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
			setRemoteDescription(d) { return super.setRemoteDescription({ type: d.type, sdp: d.sdp.replace(/a=ice-pwd:.*/g, 'a=ice-pwd:nobody-answers-to-this-password') }); } }`,
	}
	for name, before := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t, options{say: slowly})
			b := s.browse(t, before)
			b.sees("ready")
			b.Click(turnOn)
			b.sees("camera")
			b.Sees(hinted)
			b.Shot("turn")
			if said := b.Text("#say"); !strings.Contains(said, "your left") {
				t.Errorf("said %q", said)
			}
			b.sees("done")
			b.Sees("#kept")
			if video := name == "by video"; s.kept.Load() != 1 || video != (s.photos.Load() == 0) {
				t.Errorf("kept %d times, %d photos", s.kept.Load(), s.photos.Load())
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
			b := open(t, c.options).browse(t, c.before)
			b.Click(turnOn)
			if c.then != "" {
				b.Sees(`[data-stage][data-hint="closer"]`)
				browsertest.Ask[any](b.Tab, c.then)
			}
			b.sees(c.panel)
			ways := browsertest.Ask[int](b.Tab, `document.querySelectorAll('[data-panel="`+c.panel+`"] .button').length`)
			if text := b.Text(`[data-panel="` + c.panel + `"] [data-text]`); !strings.Contains(text, c.text) || ways < 2 {
				t.Errorf("says %q with %d ways on", text, ways)
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
	b := s.browse(t, "const real = setTimeout; globalThis.setTimeout = (f, ms) => real(f, ms === 20000 ? 500 : ms)")
	b.Click(turnOn)
	b.Sees("[data-struggle]:not([hidden])") // its place is kept while it is hidden
	b.Shot("struggle")
	b.Click(`[data-act="help"]`)
	b.Sees("#help")
	b.Shot("help")
	b.Click(`#help [data-act="photos"]`)
	b.sees("camera")
}
