package portal_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/portal"
	"github.com/kaopass/kaopass/handlers/respond"
)

// withGateway is a browser at the same portal with a mail gateway that nobody listens at.
func withGateway(t *testing.T, v *venue) *browser {
	p := *v.Portal
	p.Inbox, p.Mail = nil, &portal.SMTP{Addr: "127.0.0.1:1", From: "venue@example.jp", Letter: portal.Letter}
	app := fiber.New(fiber.Config{Immutable: true, ErrorHandler: respond.Error})
	p.Routes(app)
	return &browser{t: t, app: app, cookies: map[string]*http.Cookie{}}
}

func TestWithAGatewayThatIsNotThere(t *testing.T) {
	b := withGateway(t, open(t))
	b.post("/signin", "contact", "yuki@example.jp").is(422, "We could not send the digits just now", `value="yuki@example.jp"`)
	b.post("/signin", "contact", "090-1234-5678").is(422, "We cannot send messages to phones here", `value="090-1234-5678"`)
}

func TestWrongDigits(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	b.post("/signin", "contact", "yuki@example.jp")
	right := v.digits(t, "yuki@example.jp")
	wrong := "000000"
	if right == wrong {
		wrong = "111111"
	}
	b.post("/signin/code", "code", "12").is(422, "all six digits")
	for range db.SignInTries {
		b.post("/signin/code", "code", wrong).is(422, "That code did not match")
	}
	b.post("/signin/code", "code", right).is(429, "That was many tries")
	if _, in := b.cookies["kaopass_visitor"]; in {
		t.Error("a session was opened")
	}
}

func TestOldDigits(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	b.post("/signin", "contact", "yuki@example.jp")
	v.wait(db.SignInWithin + time.Second)
	b.post("/signin/code", "code", v.digits(t, "yuki@example.jp")).is(422, "That code is too old")
}

func TestDigitsAreGoodOnce(t *testing.T) {
	v := open(t)
	v.signIn(t, "yuki@example.jp")
	other := v.browser(t)
	other.cookies["kaopass_signin"] = &http.Cookie{Name: "kaopass_signin", Value: "eXVraUBleGFtcGxlLmpw"}
	other.post("/signin/code", "code", v.digits(t, "yuki@example.jp")).is(422)
}

func TestManyCodesAreTooMany(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	for range db.SignInPerHour {
		b.post("/signin", "contact", "yuki@example.jp").leadsTo("/signin/code")
	}
	a := b.post("/signin", "contact", "yuki@example.jp").is(429, "You can ask again in", `value="yuki@example.jp"`)
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	v.wait(time.Hour + time.Second)
	b.post("/signin", "contact", "yuki@example.jp").leadsTo("/signin/code")
}

func TestDigitsInAnyWriting(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	b.post("/signin", "contact", "yuki@example.jp")
	code := v.digits(t, "yuki@example.jp")
	full := strings.Map(func(r rune) rune { return r - '0' + '０' }, code[:3]) + " - " + code[3:]
	if a := b.post("/signin/code", "code", full); a.status != http.StatusSeeOther {
		t.Errorf("%q: %d", full, a.status)
	}
}

func TestSessionCookie(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	c := b.cookies["kaopass_visitor"]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || len(c.Value) < 32 {
		t.Errorf("the session's cookie: %+v", c)
	}
	if kept := b.cookies["kaopass_signin"]; kept != nil {
		t.Error("the address stays in a cookie after it was needed")
	}
}

// Whoever planted a session in this browser before has nothing of it afterwards.
func TestSessionRotatesAtSignIn(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "mallory@example.jp")
	planted := b.cookies["kaopass_visitor"].Value
	b.post("/signin", "contact", "yuki@example.jp")
	b.post("/signin/code", "code", v.digits(t, "yuki@example.jp"))
	if b.cookies["kaopass_visitor"].Value == planted {
		t.Error("the session kept its token")
	}
	if _, err := v.DB.Session(t.Context(), planted); err == nil {
		t.Error("the session of before still stands")
	}
}

func TestSigningOut(t *testing.T) {
	v := open(t)
	here, there := v.signIn(t, "yuki@example.jp"), v.signIn(t, "yuki@example.jp")
	third := v.signIn(t, "yuki@example.jp")
	out := third.post("/signout")
	out.leadsTo("/")
	if out.header.Get("Clear-Site-Data") == "" {
		t.Error("the pass stays in the browser")
	}
	here.get("/home").is(200)
	here.post("/signout/everywhere").leadsTo("/")
	there.get("/home").leadsTo("/signin?next=%2Fhome")
}

func TestAnotherSiteIsRefused(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	for _, path := range []string{"/signin", "/signin/code", "/name", "/choice", "/sign", "/ticket", "/code", "/wallet/topup",
		"/wallet/card", "/me/erase", "/me/delete", "/me/payments", "/me/withdraw/admission", "/me/uses/not-me", "/practice",
		"/signout", "/me/passkeys/begin", "/capture/still"} {
		r := form(path, []string{"name", "Mallory"})
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if a := b.send(r); a.status != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, a.status)
		}
		r = form(path, nil)
		r.Header.Del("Sec-Fetch-Site")
		r.Header.Set("Origin", "https://evil.example")
		if a := b.send(r); a.status != http.StatusForbidden {
			t.Errorf("%s with another origin: %d", path, a.status)
		}
	}
	b.get("/home").is(200)
}

func TestNobodyWithoutASession(t *testing.T) {
	v := open(t)
	b := v.browser(t)
	for _, path := range []string{"/next", "/name", "/choice", "/sign", "/signed", "/ready", "/capture", "/ticket", "/home", "/practice",
		"/wallet", "/wallet/card", "/wallet/history", "/wallet/history.csv", "/code", "/consent/receipt", "/consent/receipt.txt",
		"/me", "/me/uses", "/me/erase", "/me/delete", "/me/export.json", "/me/passkeys", "/me/withdraw/payment"} {
		if a := b.get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/signin?next=") {
			t.Errorf("%s without a session: %d %s", path, a.status, a.to)
		}
	}
	for _, path := range []string{"/name", "/sign", "/code", "/me/erase", "/me/delete", "/capture/still", "/me/passkeys/begin"} {
		if a := b.post(path); a.status != http.StatusUnauthorized {
			t.Errorf("POST %s without a session: %d", path, a.status)
		}
	}
}

func TestWhatBelongsToSomebodyElse(t *testing.T) {
	v := open(t)
	yuki, mallory := v.signIn(t, "yuki@example.jp"), v.signIn(t, "mallory@example.jp")
	ticket := v.ticket(t, kaopass.Season)
	yuki.post("/ticket", "ticket", ticket.Number).leadsTo("/ticket?linked=" + string(ticket.ID))
	mallory.post("/ticket", "ticket", ticket.Number).is(422, "already linked to someone")
	mallory.post("/ticket", "ticket", ticket.QR).is(422, "already linked to someone")
	if a := mallory.get("/ticket?linked=" + string(ticket.ID)).is(200); strings.Contains(a.body, ticket.QR) || strings.Contains(a.body, "is yours now") {
		t.Error("another visitor's ticket is shown")
	}
	mallory.post("/me/passkeys/remove", "passkey", "AQID").is(404)
	mallory.post("/wallet/default", "method", "pm_01hx0000000000000000000000").is(404)
	mallory.post("/me/uses/not-me", "event", "pay_something").is(404)
}

// A one-day ticket is kept, and the page says that it is no ticket for the face lanes.
func TestOneDayTicket(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	day := v.ticket(t, kaopass.Day)
	b.get(b.post("/ticket", "ticket", day.QR).to).is(200, "One-day ticket", "does not go through the face lanes")
	b.get("/practice").is(200, "Add a ticket first")
	b.post("/ticket", "ticket", "KPT1.tkt_00000000000000000000000000.AAAA").is(422, "not from our ticket office")
}

func TestNameIsTextEverywhere(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	const hostile = `<script>alert(1)</script>"'&`
	b.post("/name", "name", hostile).leadsTo("/next?after=name")
	b.agree(kaopass.ForAdmission, kaopass.ForPayment)
	for _, path := range []string{"/home", "/name", "/me", "/consent/receipt", "/choice", "/sign?age=16&admission=on", "/wallet", "/me/uses", "/me/delete"} {
		if a := b.get(path).is(200); strings.Contains(a.body, "<script>alert") {
			t.Errorf("%s runs what somebody called themselves", path)
		}
	}
	b.post("/name", "name", "Yuki\u202e\x00\tYamada").leadsTo("/next?after=name")
	b.get("/home").is(200, "Hello Yuki Yamada")
}

func TestRedirectsStayHere(t *testing.T) {
	v := open(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		b := v.browser(t)
		b.post("/signin", "contact", "yuki@example.jp", "next", next)
		if a := b.post("/signin/code", "code", v.digits(t, "yuki@example.jp"), "next", next); strings.Contains(a.to, "evil") || strings.Contains(a.to, "alert") {
			t.Errorf("%s leads to %s", next, a.to)
		}
		v.wait(time.Hour)
	}
}

// still sends a frame to the capture.
func (b *browser) still() answer {
	r := httptest.NewRequest(http.MethodPost, "/capture/still", bytes.NewReader([]byte("\xff\xd8\xff")))
	r.Header.Set("Content-Type", "image/jpeg")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

func TestNothingIsCapturedBeforeAConsent(t *testing.T) {
	v := open(t)
	b := v.signIn(t, "yuki@example.jp")
	b.still().is(403, "consent_missing")
	b.agree(kaopass.ForAdmission)
	b.get("/capture").is(200)
	if a := b.post("/me/withdraw/admission"); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	b.still().is(403, "consent_missing")
	b.get("/capture").leadsTo("/choice")
}
