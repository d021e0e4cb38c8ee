package device_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/device"
	"github.com/kaopass/kaopass/handlers/gate"
	"github.com/kaopass/kaopass/handlers/till"
)

func open(t *testing.T) *apitest.Venue {
	t.Helper()
	return apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		(&device.Device{DB: v.DB}).Routes(r, v.Access)
		(&gate.Gate{Faces: v.Faces, DB: v.DB}).Routes(r, v.Access)
		(&till.Till{Faces: v.Faces, DB: v.DB}).Routes(r, v.Access)
	})
}

func code(t *testing.T, v *apitest.Venue, role kaopass.Role) string {
	t.Helper()
	_, code, err := v.DB.AddDevice(t.Context(), role, string(role)+"-01", "east", "test")
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func claim(code string) apitest.Ask {
	return apitest.JSON(map[string]string{"code": code, "hardware": "turnstile 3", "software": "1.2"})
}

type claimed struct {
	ID    string `json:"device_id"`
	Role  kaopass.Role
	Name  string
	Zone  kaopass.Zone
	Token string
}

func TestClaimsOnce(t *testing.T) {
	v := open(t)
	code := code(t, v, kaopass.Gate)
	var d claimed
	v.Nobody().Post(t, "/v1/devices/claim", claim(code)).Into(t, 201, &d)
	if d.Role != kaopass.Gate || d.Name != "gate-01" || d.Zone != "east" || d.Token == "" || !strings.HasPrefix(d.ID, "dev_") {
		t.Errorf("%+v", d)
	}
	terminal := v.Nobody()
	terminal.Token = d.Token
	if a := terminal.Get(t, "/v1/gate"); a.Status != 200 {
		t.Errorf("the token does not open: %s", a.Body)
	}
	spent := v.Nobody().Post(t, "/v1/devices/claim", claim(code))
	wrong := v.Nobody().Post(t, "/v1/devices/claim", claim("AAAA-BBBB"))
	if spent.Problem(t, 404) != "claim_code" || wrong.Problem(t, 404) != "claim_code" || string(spent.Body) != string(wrong.Body) {
		t.Errorf("a spent code and a wrong one are told apart: %s %s", spent.Body, wrong.Body)
	}
	for name, ask := range map[string]apitest.Ask{"none": apitest.JSON(struct{}{}), "a novel": claim(strings.Repeat("A", 200))} {
		if code := v.Nobody().Post(t, "/v1/devices/claim", ask).Problem(t, 404); code != "claim_code" {
			t.Errorf("%s: %s", name, code)
		}
	}
}

func TestGuessingIsSlow(t *testing.T) {
	v := open(t)
	var last apitest.Answer
	for range device.ClaimsMax + 1 {
		last = v.Nobody().Post(t, "/v1/devices/claim", claim("AAAA-AAAA"))
	}
	if code := last.Problem(t, 429); code != "too_many_requests" || last.Header.Get("Retry-After") == "" {
		t.Errorf("%s %v", code, last.Header)
	}
}

// A token that was exchanged ends with the answer; one that was revoked ends at once.
func TestTokensEnd(t *testing.T) {
	v := open(t)
	gate := v.Device(t, kaopass.Gate, "east-01", "east")
	var d claimed
	gate.Post(t, "/v1/devices/self/roll", apitest.Ask{}).Into(t, 200, &d)
	if d.Token == gate.Token || d.ID != string(gate.Device.ID) {
		t.Errorf("%+v", d)
	}
	if code := gate.Get(t, "/v1/gate").Problem(t, 401); code != "unauthorised" {
		t.Errorf("the old token: %s", code)
	}
	gate.Token = d.Token
	if a := gate.Get(t, "/v1/gate"); a.Status != 200 {
		t.Errorf("the new token: %s", a.Body)
	}
	if err := v.DB.RevokeDevice(t.Context(), gate.Device.ID, "test"); err != nil {
		t.Fatal(err)
	}
	if code := gate.Get(t, "/v1/gate").Problem(t, 401); code != "unauthorised" {
		t.Errorf("after it was revoked: %s", code)
	}
}

// browser asks as a tablet's browser does, without following where it is sent.
func browser(t *testing.T, v *apitest.Venue, method, path, cookie string, form url.Values) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, v.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestScreenBecomesAGate(t *testing.T) {
	v := open(t)
	if res, page := browser(t, v, "GET", "/gate", "", nil); res.StatusCode != 200 || !strings.Contains(page, `action="/device/claim"`) {
		t.Errorf("an unclaimed screen: %d %s", res.StatusCode, page)
	}
	res, page := browser(t, v, "POST", "/device/claim", "", url.Values{"code": {"AAAA-BBBB"}, "role": {"gate"}})
	if res.StatusCode != 422 || !strings.Contains(page, `aria-invalid="true"`) || res.Header.Get("Set-Cookie") != "" {
		t.Errorf("a wrong code: %d %s", res.StatusCode, page)
	}
	res, _ = browser(t, v, "POST", "/device/claim", "", url.Values{"code": {code(t, v, kaopass.Gate)}, "role": {"till"}})
	cookie := res.Header.Get("Set-Cookie")
	if res.StatusCode != 303 || res.Header.Get("Location") != "/gate" {
		t.Fatalf("a good code: %d to %s", res.StatusCode, res.Header.Get("Location"))
	}
	for _, part := range []string{"kaopass_device=", "HttpOnly", "SameSite=Strict", "path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie lacks %s: %s", part, cookie)
		}
	}
	cookie, _, _ = strings.Cut(cookie, ";")
	if _, page := browser(t, v, "GET", "/gate", cookie, nil); !strings.Contains(page, `id="lane"`) || strings.Contains(page, cookie[len("kaopass_device="):]) {
		t.Errorf("the lane: %s", page)
	}
	if res, body := browser(t, v, "GET", "/v1/gate", cookie, nil); res.StatusCode != 200 {
		t.Errorf("the lane's own call: %s", body)
	}
	if _, page := browser(t, v, "GET", "/till", cookie, nil); !strings.Contains(page, "This screen has another job") || !strings.Contains(page, `href="/gate"`) {
		t.Errorf("the till of a gate: %s", page)
	}
}

func TestScreenBecomesATill(t *testing.T) {
	v := open(t)
	till := v.Device(t, kaopass.Till, "shop-1", "West Shop")
	if _, page := browser(t, v, "GET", "/till", "kaopass_device="+till.Token, nil); !strings.Contains(page, `id="till"`) {
		t.Errorf("the till: %s", page)
	}
}

func TestScreenGuessesSlowlyToo(t *testing.T) {
	v := open(t)
	var res *http.Response
	var page string
	for range device.ClaimsMax + 1 {
		res, page = browser(t, v, "POST", "/device/claim", "", url.Values{"code": {"AAAA-AAAA"}, "role": {"nonsense"}})
	}
	if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" || !strings.Contains(page, "wait a minute") {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, page)
	}
}

// A form that another site made is refused, whoever's cookie comes with it.
func TestForeignForm(t *testing.T) {
	v := open(t)
	req, err := http.NewRequestWithContext(t.Context(), "POST", v.URL+"/device/claim", strings.NewReader("code=AAAA-AAAA"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != 403 {
		t.Errorf("%d, %v", res.StatusCode, err)
	}
}
