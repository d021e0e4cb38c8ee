package main

import (
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/static/browsertest"
)

// passing lets a test make time pass in a page, and makes three quarters of a minute short for a timer.
const passing = `{
	const now = Date.now, timer = setTimeout;
	let shift = 0;
	Date.now = () => now() + shift;
	globalThis.pass = (seconds) => { shift += 1000 * seconds; };
	globalThis.setTimeout = (f, ms, ...more) => timer(f, ms === 45000 ? 500 : ms, ...more);
}`

// TestBrowserKiosk is a visit to the help desk: a screen becomes a kiosk, staff opens it, a visitor gives the face and
// walks off; the screen forgets.
func TestBrowserKiosk(t *testing.T) {
	browsertest.Chromium(t)
	v := open(t, nil)
	d := v.story(t)
	screen := browsertest.Open(t, browsertest.Options{Width: 1080, Height: 1920, Axe: v.cfg.Packages, Before: acting(t, d.franck) + passing})
	v.openKiosk(screen)

	screen.At("/kiosk")
	screen.Type(`input[name="contact"]`, "mary@example.com")
	eventually(t, "forgotten what somebody typed and left", func() bool {
		return browsertest.Ask[bool](screen, `document.querySelector('input[name="contact"]')?.value === ''`)
	})
	screen.At("/kiosk")
	screen.Click(`form[action="/kiosk/begin"] button`)
	screen.At("/name")
	screen.Type(`input[name="name"]`, "Franck\r")
	agreeOn(screen)
	screen.At("/kiosk/capture")
	screen.Click(`[data-panel="ready"] [data-act="start"]`)
	screen.Sees(`[data-panel="camera"]`)
	browsertest.Ask[any](screen, `pass(60)`) // in front of the camera nobody touches anything
	screen.Sees(`[data-panel="done"]`)
	screen.At("/ticket")
	screen.Type(`input[name="ticket"]`, d.season.Number+"\r")
	screen.Sees(`a[href="/next?after=ticket"].primary`)
	if _, err := d.gateSays(t.Context(), d.season.QR, d.face, kaopass.Entry, kaopass.Admit, kaopass.Admitted); err != nil {
		t.Error(err)
	}

	browsertest.Ask[any](screen, `pass(31)`)
	screen.Sees(`#kiosk-idle[open]`)
	screen.Axe(v.cfg.Packages)
	screen.Shot("idle")
	if said := screen.Text("#kiosk-idle p"); !strings.Contains(said, " 1") { // ten and some seconds
		t.Errorf("the countdown says %q", said)
	}
	screen.Click("#kiosk-stay")
	if browsertest.Ask[bool](screen, `document.querySelector('#kiosk-idle').open`) {
		t.Error("the countdown goes on though somebody is here")
	}
	browsertest.Ask[any](screen, `pass(46)`)
	screen.At("/kiosk")
	screen.Go(v.url + "/home")
	screen.At("/signin")
	screen.Go(v.url + "/console")
	screen.At("/console/signin") // the helper is staff at the kiosk only
	v.log.keepsQuiet(t)
}

// openKiosk claims the screen and signs staff in, as on the first morning.
func (v *venue) openKiosk(screen *browsertest.Tab) {
	screen.Helper()
	screen.Go(v.url + "/kiosk")
	screen.At("/kiosk")
	for _, d := range v.signIn.Devices {
		if d.Role == kaopass.Kiosk {
			screen.Type(`#field-code`, d.ClaimCode+"\r")
		}
	}
	screen.Sees(`form[action="/kiosk/signin"]`)
	screen.Shot("kiosk-signin")
	for _, s := range v.signIn.Staff {
		if s.Role == kaopass.GateStaff {
			screen.Type(`input[name="login"]`, s.Login)
			screen.Type(`input[name="password"]`, s.Password+"\r")
		}
	}
	screen.Sees(`form[action="/kiosk/begin"]`)
}
