package access

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
)

// app answers "in" behind the middleware, and problems as web does.
func app(through ...fiber.Handler) *fiber.App {
	a := fiber.New(fiber.Config{Immutable: true, ErrorHandler: respond.Error})
	for _, h := range through {
		a.Use(h)
	}
	a.All("/*", func(c *fiber.Ctx) error { return c.SendString("in " + string(Language(c)) + " " + Key(c).Name) })
	return a
}

func ask(t *testing.T, a *fiber.App, method, path string, headers ...string) *http.Response {
	t.Helper()
	req := httptest.NewRequest(method, "http://venue.example"+path, strings.NewReader("body"))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := a.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func TestSameOrigin(t *testing.T) {
	a := app((&Access{}).SameOrigin)
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    int
	}{
		"reading from anywhere":           {"GET", []string{"Sec-Fetch-Site", "cross-site"}, 200},
		"our own form":                    {"POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"another site's form":             {"POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a sibling's form":                {"POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		"a typed address cannot post":     {"POST", []string{"Sec-Fetch-Site", "none"}, 403},
		"old browser, our origin":         {"POST", []string{"Origin", "http://venue.example"}, 200},
		"old browser, their origin":       {"POST", []string{"Origin", "http://evil.example"}, 403},
		"old browser, our name in theirs": {"POST", []string{"Origin", "http://venue.example.evil.example"}, 403},
		"null origin":                     {"POST", []string{"Origin", "null"}, 403},
		"no origin but a session":         {"POST", []string{"Cookie", visitorCookie + "=x"}, 403},
		"no origin but a device's cookie": {"POST", []string{"Cookie", deviceCookie + "=x"}, 403},
		"curl without a cookie":           {"POST", nil, 200},
		"a device with its token":         {"POST", []string{"Authorization", "Bearer x", "Sec-Fetch-Site", "cross-site"}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, a, c.method, "/my/consent", c.headers...).StatusCode; got != c.want {
				t.Errorf("status %d, want %d", got, c.want)
			}
		})
	}
}

func TestLanguage(t *testing.T) {
	a := app((&Access{}).KeepLanguage)
	for name, c := range map[string]struct {
		path    string
		headers []string
		want    string
	}{
		"nothing said":              {"/", nil, "ja"},
		"English browser":           {"/", []string{"Accept-Language", "en-GB,en;q=0.9"}, "en"},
		"simplified Chinese":        {"/", []string{"Accept-Language", "zh-CN"}, "zh-Hans"},
		"Korean before English":     {"/", []string{"Accept-Language", "ko-KR,en;q=0.5"}, "ko"},
		"a language we do not have": {"/", []string{"Accept-Language", "fi"}, "en"},
		"chosen on the page":        {"/?lang=en", []string{"Accept-Language", "ja"}, "en"},
		"chosen earlier":            {"/", []string{"Cookie", langCookie + "=ko", "Accept-Language", "ja"}, "ko"},
		"nonsense chosen":           {"/?lang=%3Cscript%3E", nil, "ja"},
		"nonsense header":           {"/", []string{"Accept-Language", ";;;q=;"}, "ja"},
	} {
		t.Run(name, func(t *testing.T) {
			res := ask(t, a, "GET", c.path, c.headers...)
			if got := body(t, res); got != "in "+c.want+" " {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if got := ask(t, a, "GET", "/?lang=en").Header.Get("Set-Cookie"); !strings.Contains(got, langCookie+"=en") {
		t.Errorf("the choice was not kept: %q", got)
	}
}

func TestOnce(t *testing.T) {
	who := &Access{}
	a := app(who.Once(true))
	for name, c := range map[string]struct {
		key  string
		want int
	}{
		"none":        {"", 400},
		"usual":       {"4f0c", 200},
		"longest":     {strings.Repeat("k", kaopass.KeyMax), 200},
		"too long":    {strings.Repeat("k", kaopass.KeyMax+1), 400},
		"unprintable": {"kéy", 400},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, a, "POST", "/", "Idempotency-Key", c.key).StatusCode; got != c.want {
				t.Errorf("status %d, want %d", got, c.want)
			}
		})
	}
	who.inFlight.Store(kaopass.Key{Name: "busy"}, struct{}{})
	if res := ask(t, a, "POST", "/", "Idempotency-Key", "busy"); res.StatusCode != 409 || res.Header.Get("Retry-After") == "" {
		t.Errorf("in flight: status %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
	}
}

func TestFingerprintIgnoresTheBoundary(t *testing.T) {
	var seen [][32]byte
	a := fiber.New()
	a.Post("/", func(c *fiber.Ctx) error { seen = append(seen, fingerprint(c)); return nil })
	for _, boundary := range []string{"aaaa1111", "bbbb2222"} {
		body := "--" + boundary + "\r\nContent-Disposition: form-data; name=ticket\r\n\r\nT\r\n--" + boundary + "--\r\n"
		req := httptest.NewRequest("POST", "/", strings.NewReader(body))
		req.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
		if _, err := a.Test(req); err != nil {
			t.Fatal(err)
		}
	}
	if seen[0] != seen[1] {
		t.Error("the same form with another boundary counts as another request")
	}
	req := httptest.NewRequest("POST", "/", strings.NewReader("other"))
	if _, err := a.Test(req); err != nil || seen[2] == seen[0] {
		t.Errorf("another body counts as the same request (%v)", err)
	}
}

// A key answers for one body only, whatever its type says of a boundary.
func TestFingerprintIsOfTheWholeBody(t *testing.T) {
	var seen []string
	a := fiber.New()
	a.Post("/", func(c *fiber.Ctx) error { f := fingerprint(c); seen = append(seen, string(f[:])); return nil })
	const form, head = "multipart/form-data; boundary=", "\r\nContent-Disposition: form-data; name="
	for _, sent := range [][2]string{
		{"application/json; boundary=0", `{"value":10}`}, {"application/json; boundary=0", `{"value":100}`},
		{form + "0", "--0" + head + "a\r\n\r\n1\r\n--0--"}, {form + "0", "--0" + head + "a\r\n\r\n10\r\n--0--"},
		{form + "0", "--0" + head + "a\r\n\r\n1--00\r\n--0--"},
		{form + "x", "--x" + head + "a\r\n\r\n1\r\n--x" + head + "b\r\n\r\n2\r\n--x--"},
		{form + "y", "--y" + head + "a\r\n\r\n1" + head + "b\r\n\r\n2\r\n--y--"}, // one part, of the same letters
	} {
		req := httptest.NewRequest("POST", "/", strings.NewReader(sent[1]))
		req.Header.Set("Content-Type", sent[0])
		if _, err := a.Test(req); err != nil {
			t.Fatal(err)
		}
	}
	if slices.Sort(seen); len(slices.Compact(seen)) != 7 {
		t.Errorf("%d of 7 bodies are told apart", len(slices.Compact(seen)))
	}
}

func TestNext(t *testing.T) {
	a := fiber.New(fiber.Config{Immutable: true})
	a.Get("/signin", func(c *fiber.Ctx) error { return c.SendString(Next(c, "/home")) })
	for next, want := range map[string]string{
		"": "/home", "/wallet": "/wallet", "/ticket?a=b": "/ticket?a=b", "https://evil.example": "/home",
		"//evil.example": "/home", `/\evil.example`: "/home", "javascript:alert(1)": "/home", "wallet": "/home", "/": "/home",
	} {
		req := httptest.NewRequest("GET", "/signin?next="+url.QueryEscape(next), nil)
		res, err := a.Test(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, res); got != want {
			t.Errorf("next %q sends to %q, want %q", next, got, want)
		}
	}
}

// Behind a proxy the client's own words about where it is do not make it somebody new.
func TestLimitByIPBehindAProxy(t *testing.T) {
	a := fiber.New(fiber.Config{Immutable: true, ErrorHandler: respond.Error, ProxyHeader: "X-Forwarded-For"})
	a.Use(LimitByIP(2, time.Minute))
	a.All("/*", func(c *fiber.Ctx) error { return nil })
	for i, c := range []struct {
		lines []string // as they arrive: what the client wrote, and then the proxy
		want  int
	}{
		{[]string{"198.51.100.7"}, 200}, {[]string{"10.0.0.1, 198.51.100.7"}, 200}, {[]string{"10.0.0.2, 198.51.100.7"}, 429},
		{[]string{"10.0.0.3", "198.51.100.7"}, 429}, {[]string{"198.51.100.7, 203.0.113.1"}, 200},
	} {
		req := httptest.NewRequest("POST", "/", nil)
		req.Header["X-Forwarded-For"] = c.lines
		res, err := a.Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != c.want {
			t.Errorf("request %d: %d, not %d", i, res.StatusCode, c.want)
		}
	}
}

func TestLimitByIP(t *testing.T) {
	a := app(LimitByIP(2, kaopass.ClaimWithin))
	for i, want := range []int{200, 200, 429} {
		if res := ask(t, a, "GET", "/"); res.StatusCode != want {
			t.Errorf("request %d: status %d, want %d", i+1, res.StatusCode, want)
		} else if want == 429 && res.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
