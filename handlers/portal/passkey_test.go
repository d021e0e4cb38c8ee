package portal_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass/db"
)

// script sends JSON as a page's script does.
func (b *browser) script(path, body string) answer {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// begun starts a ceremony and answers its name.
func (b *browser) begun(path string) string {
	b.t.Helper()
	var got struct{ Ceremony string }
	a := b.script(path, "").is(200, `"challenge"`, `"rpId":"`+host+`"`)
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.Ceremony == "" {
		b.t.Fatal(a.body, err)
	}
	return got.Ceremony
}

// The ceremonies that go well are in the browser's test; here are those that must not.
func TestPasskeysThatFitNothing(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	b.script("/signin/passkey/finish", "not JSON").is(422, "passkey_refused")
	b.script("/signin/passkey/finish", `{"ceremony":"made up"}`).is(404)
	name := b.begun("/signin/passkey/begin")
	b.script("/signin/passkey/finish", `{"ceremony":"`+name+`","credential":{}}`).is(422, "passkey_refused")
	b.script("/signin/passkey/finish", `{"ceremony":"`+name+`","credential":{}}`).is(404) // a ceremony is spent once
	name = b.begun("/signin/passkey/begin")
	v.wait(db.CeremonyWithin + time.Second)
	b.script("/signin/passkey/finish", `{"ceremony":"`+name+`","credential":{}}`).is(404)
	if _, in := b.cookies["kaopass_visitor"]; in {
		t.Error("a session was opened")
	}
	b.script("/signin/passkey/finish", strings.Repeat(" ", 65<<10)).is(422)
	b = v.signIn(t, "yuki@example.jp")
	b.script("/me/passkeys/finish", `{"ceremony":"made up"}`).is(404)
	if a := b.script("/me/passkeys/begin", "").is(200, `"rp"`, `"residentKey":"required"`); strings.Contains(a.body, `"id":"`+string(v.me(t, b))) {
		t.Error("the handle is not encoded")
	}
}

// An address of numbers has no passkeys (WebAuthn level 2, 5.1.2), and says so.
func TestNoPasskeysWithoutADomain(t *testing.T) {
	v := open(t)
	v.Origin = "http://127.0.0.1:8080"
	v.browser(t).script("/signin/passkey/begin", "").is(422, "passkey_impossible")
}

func TestPracticeNeedsAPhoto(t *testing.T) {
	v := open(t)
	b := v.settled(t)
	b.get("/practice").is(200, "Start the camera", "Or choose a photo of yourself")
	r := httptest.NewRequest(http.MethodPost, "/practice", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\n\r\nnot a photo\r\n--x--\r\n"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.send(r).is(415, "Please take or choose a photo first")
}
