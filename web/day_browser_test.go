package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
	"github.com/kaopass/kaopass/static/browsertest"
)

// TestBrowserWholeDay is one visitor's day on a phone: everything is real but the man in front of the camera, who is
// on film.
func TestBrowserWholeDay(t *testing.T) {
	browsertest.Chromium(t)
	v := open(t, nil)
	d := v.story(t)
	phone := browsertest.Open(t, browsertest.Options{Before: acting(t, d.franck), Axe: v.cfg.Packages})

	signUpOn(t, phone, d)
	agreeOn(phone)
	faceOn(phone)
	wayHome(t, phone, d)

	for _, scene := range []struct {
		name string
		play func(context.Context) (string, error)
	}{
		{"the gate lets him in", d.admitted},
		{"another man with his ticket is refused", d.impostor},
		{"he pays with his face", d.paysByFace},
		{"another man pays nothing", d.unknownAtTill},
	} {
		detail, err := scene.play(t.Context())
		if err != nil {
			t.Errorf("%s: %v", scene.name, err)
		}
		t.Log(scene.name + ": " + detail)
	}

	takeBackOn(phone, "/me/withdraw/payment")
	if detail, err := d.afterWithdrawal(t.Context()); err != nil {
		t.Errorf("a till after the withdrawal: %v", err)
	} else {
		t.Log("after the withdrawal: " + detail)
	}
	takeBackOn(phone, "/me/erase")
	if detail, err := d.gateSays(t.Context(), d.season.QR, d.face, kaopass.Entry, kaopass.Refuse, kaopass.ConsentWithdrawn); err != nil {
		t.Errorf("a gate after the erasure: %v", err)
	} else {
		t.Log("after the erasure: " + detail)
	}
	v.log.keepsQuiet(t, d.code, d.gate.token, d.till.token)
}

// acting is a person who looks into the camera and turns the head as the page asks.
func acting(t *testing.T, p virtual.Person) string {
	t.Helper()
	jpegs := func(frames [][]byte) (all [][]byte) {
		for _, f := range frames {
			jpeg, err := virtual.JPEG(f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, jpeg)
		}
		return all
	}
	return browsertest.Actor(t, jpegs(p.Front), jpegs(p.Left), jpegs(p.Right))
}

func signUpOn(t *testing.T, phone *browsertest.Tab, d *story) {
	t.Helper()
	phone.Go(d.phone.base + "/")
	phone.At("/")
	phone.Click(`.actions a.primary`)
	phone.At("/signin")
	phone.Type(`input[name="contact"]`, d.contact+"\r")
	phone.At("/signin/code")
	digits, err := d.inbox(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	phone.Type(`input[name="code"]`, digits) // the form goes off with the sixth
	phone.At("/signin/passkey")
	phone.Click(`main a.button`)
	phone.At("/name")
	phone.Type(`input[name="name"]`, `Franck <b>"X"</b>`)
	phone.Click(`form[action="/name"] .primary`)
}

func agreeOn(phone *browsertest.Tab) {
	phone.At("/choice")
	for _, name := range []string{"admission", "payment"} {
		phone.Click(`input[name="` + name + `"]`)
	}
	phone.Click(`input[name="age"][value="16"]`)
	phone.Click(`form[action="/choice"] button.primary`)
	phone.At("/sign")
	phone.Type(`input[name="typed"]`, "Franck")
	phone.Click(`form[action="/sign"] button.primary`)
	phone.At("/signed")
	phone.Click(`a.primary`)
}

func faceOn(phone *browsertest.Tab) {
	phone.At("/ready")
	phone.Click(`[data-panel="ready"] [data-act="start"]`)
	phone.Sees(`[data-panel="camera"]`)
	phone.Level()
	begun := time.Now()
	phone.Sees(`[data-panel="done"]`)
	phone.Logf("the face was taken in %v", time.Since(begun).Round(100*time.Millisecond))
	phone.Level()
	phone.Shot("done")
}

// wayHome links the ticket, takes the code, fills the wallet, and comes home.
func wayHome(t *testing.T, phone *browsertest.Tab, d *story) {
	t.Helper()
	phone.At("/ticket")
	phone.Type(`input[name="ticket"]`, d.season.Number+"\r")
	phone.Sees(`a[href="/next?after=ticket"].primary`)
	phone.Click(`a[href="/next?after=ticket"].primary`)
	phone.At("/code")
	phone.Click(`form[action="/code"] button.primary`)
	phone.Sees(".pin")
	d.code = strings.ReplaceAll(browsertest.Ask[string](phone, `document.querySelector('.pin').getAttribute('aria-label')`), " ", "")
	phone.Type(`input[name="code"]`, d.code+"\r")
	phone.Click(`a[href="/next?after=code"].primary`)
	phone.At("/wallet")
	phone.Click(`a[href="/wallet/card"]`)
	phone.At("/wallet/card")
	phone.Type(`input[name="number"]`, "4242424242424242")
	phone.Type(`input[name="expiry"]`, "12/34")
	phone.Type(`input[name="cvc"]`, "123\r")
	phone.At("/wallet")
	phone.Type(`input[name="amount"]`, "15000\r")
	phone.At("/wallet?added=15000")
	phone.Go(d.phone.base + "/home")
	phone.At("/home")
	if page := phone.Text("main"); !strings.Contains(page, "15,000") || !strings.Contains(page, `Franck <b>"X"</b>`) {
		t.Errorf("home says %q", page)
	}
}

// takeBackOn taps twice, and gets a confirmation.
func takeBackOn(phone *browsertest.Tab, path string) {
	phone.Click(`a[href="/me"]`)
	phone.At("/me")
	phone.Click(`a[href="` + path + `"]`)
	phone.At(path)
	phone.Click(`form[action="` + path + `"] button`)
	phone.At("/me/gone/")
	phone.Sees(".receipt-id")
}

// paysByFace is a meal, shown to a till: face, perhaps the code, wallet, and done.
func (d *story) paysByFace(ctx context.Context) (string, error) {
	p, how, err := d.pay(ctx, demoMeal, d.face)
	if err != nil {
		return "", err
	}
	return p.Captured.String() + " captured " + how, expect(p.Status == kaopass.Captured && p.Captured.Value == demoMeal, "%s", p.says())
}
