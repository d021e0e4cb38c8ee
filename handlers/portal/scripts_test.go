package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/static/browsertest"
)

// The first sign-in by code, a passkey, and the second sign-in by that alone; then it is taken away.
func TestBrowserSignsInByPasskey(t *testing.T) {
	v := open(t)
	b := v.browse(t)
	b.signsIn(v)
	b.Shot("passkey")
	b.Click(`[data-passkey-go]`)
	b.At("/name")
	b.open("/me/passkeys")
	if said := b.says(); !strings.Contains(said, "Remove: ") {
		t.Errorf("the list says %q", said)
	}
	b.open("/me")
	b.Click(`form[action="/signout"] button`)
	b.At("/")
	b.open("/me")
	b.At("/signin?next=%2Fme")
	b.Click(`[data-passkey-go]`)
	b.At("/me")
	if said := b.says(); !strings.Contains(said, "yuki@example.jp") {
		t.Errorf("signed in as somebody else: %q", said)
	}
	b.open("/me/passkeys")
	b.Click(`form[action="/me/passkeys/remove"] button`)
	b.until("You have no passkey")
	b.open("/me")
	b.Click(`form[action="/signout"] button`)
	b.At("/")
	b.open("/signin")
	b.Click(`[data-passkey-go]`)
	b.Sees(`[data-passkey-stopped]`) // nobody's any more
}

// A signature by finger is kept as a drawing; a pass that was seen once is there without a network.
func TestBrowserSignsByHandAndKeepsThePass(t *testing.T) {
	v := open(t)
	b := v.browse(t)
	b.signsIn(v)
	b.open("/choice")
	b.Click(`input[name="admission"]`)
	b.Click(`input[value="16"]`)
	b.Click(`form[action="/choice"] .primary`)
	b.Sees(`canvas`)
	b.draws(`canvas`)
	b.Shot("sign")
	b.Click(`form[action="/sign"] .primary`)
	b.At("/signed")
	b.open("/consent/receipt")
	if said := b.says(); !strings.Contains(said, "Drawn by hand") {
		t.Errorf("the receipt says %q", said)
	}
	b.open("/ticket")
	b.pastes(`input[name="ticket"]`, v.ticket(t, kaopass.Season).Number)
	b.Click(`form[action="/ticket"] button`)
	b.Sees(`.ticket .qr`)
	b.open("/home")
	browsertest.Take(b.Tab, chromedp.Poll[bool](`navigator.serviceWorker.controller !== null`))
	b.open("/home")
	b.stop()
	b.open("/home")
	b.Sees(`.pass .qr`)
	b.Sees(`[data-offline]`)
	b.Shot("offline")
}

// No page asks for anything that the policy forbids, and no script stumbles: the browser has nothing to say.
func TestBrowserHasNothingToSay(t *testing.T) {
	v := open(t)
	b := v.browseQuietly(t)
	b.signsIn(v)
	for _, path := range []string{"/", "/without", "/help", "/privacy", "/signin", "/consent/payment", "/name", "/choice",
		"/sign?age=16&admission=on&payment=on", "/ticket", "/home", "/practice", "/wallet", "/code", "/me", "/me/uses", "/me/passkeys",
		"/me/erase", "/me/delete", "/inbox"} {
		b.open(path)
		b.Level()
	}
	time.Sleep(time.Second) // for what a page says late
}

// signsIn goes through the pages as a person does.
func (b tab) signsIn(v *venue) {
	b.Helper()
	b.open("/signin")
	b.pastes(`input[name="contact"]`, "yuki@example.jp")
	b.Click(`form[action="/signin"] .primary`)
	b.Sees(`input[name="code"]`)
	b.pastes(`input[name="code"]`, v.digits(b, "yuki@example.jp")) // sent by itself with the sixth
	b.Sees(`[data-passkey-add]`)
}
