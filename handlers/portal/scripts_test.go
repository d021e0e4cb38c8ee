package portal_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/kaopass/kaopass"
)

// The first sign-in by code, a passkey, and the second sign-in by that alone; then it is taken away.
func TestBrowserSignsInByPasskey(t *testing.T) {
	v := open(t)
	b := v.browse(t)
	b.signsIn(v)
	b.shot("passkey")
	b.click(`[data-passkey-go]`)
	b.at("/name")
	b.open("/me/passkeys")
	if said := b.says(); !strings.Contains(said, "Remove: ") {
		t.Errorf("the list says %q", said)
	}
	b.open("/me")
	b.click(`form[action="/signout"] button`)
	b.at("/")
	b.open("/me")
	b.at("/signin?next=%2Fme")
	b.click(`[data-passkey-go]`)
	b.at("/me")
	if said := b.says(); !strings.Contains(said, "yuki@example.jp") {
		t.Errorf("signed in as somebody else: %q", said)
	}
	b.open("/me/passkeys")
	b.click(`form[action="/me/passkeys/remove"] button`)
	b.until("You have no passkey")
	b.open("/me")
	b.click(`form[action="/signout"] button`)
	b.at("/")
	b.open("/signin")
	b.click(`[data-passkey-go]`)
	b.sees(`[data-passkey-stopped]`) // nobody's any more
}

// A signature by finger is kept as a drawing; a pass that was seen once is there without a network.
func TestBrowserSignsByHandAndKeepsThePass(t *testing.T) {
	v := open(t)
	b := v.browse(t)
	b.signsIn(v)
	b.open("/choice")
	b.click(`input[name="admission"]`)
	b.click(`input[value="16"]`)
	b.click(`form[action="/choice"] .primary`)
	b.sees(`canvas`)
	b.draws(`canvas`)
	b.shot("sign")
	b.click(`form[action="/sign"] .primary`)
	b.at("/signed")
	b.open("/consent/receipt")
	if said := b.says(); !strings.Contains(said, "Drawn by hand") {
		t.Errorf("the receipt says %q", said)
	}
	b.open("/ticket")
	b.pastes(`input[name="ticket"]`, v.ticket(t, kaopass.Season).Number)
	b.click(`form[action="/ticket"] button`)
	b.sees(`.ticket .qr`)
	b.open("/home")
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](`navigator.serviceWorker.controller !== null`)); err != nil {
		t.Fatal(err)
	}
	b.open("/home")
	b.stop()
	b.open("/home")
	b.sees(`.pass .qr`)
	b.sees(`[data-offline]`)
	b.shot("offline")
}

// No page asks for anything that the policy forbids, and no script stumbles: the browser has nothing to say.
func TestBrowserHasNothingToSay(t *testing.T) {
	v := open(t)
	b := v.browse(t)
	listening, enough := context.WithCancel(b.ctx)
	messages := chromedp.Console(listening)
	b.signsIn(v)
	for _, path := range []string{"/", "/without", "/help", "/privacy", "/signin", "/consent/payment", "/name", "/choice",
		"/sign?age=16&admission=on&payment=on", "/ticket", "/home", "/practice", "/wallet", "/code", "/me", "/me/uses", "/me/passkeys",
		"/me/erase", "/me/delete", "/inbox"} {
		b.open(path)
		if wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`)); err != nil || wide > 0 {
			t.Errorf("%s is wider than the phone by %d px, %v", path, wide, err)
		}
	}
	time.AfterFunc(time.Second, enough)
	for m, err := range messages {
		if err == nil && (m.IsException() || m.Type == "error" || m.Type == "warning") {
			t.Error(m)
		}
	}
}

// signsIn goes through the pages as a person does.
func (b tab) signsIn(v *venue) {
	b.Helper()
	b.open("/signin")
	b.pastes(`input[name="contact"]`, "yuki@example.jp")
	b.click(`form[action="/signin"] .primary`)
	b.sees(`input[name="code"]`)
	b.pastes(`input[name="code"]`, v.digits(b.T, "yuki@example.jp")) // sent by itself with the sixth
	b.sees(`[data-passkey-add]`)
}
