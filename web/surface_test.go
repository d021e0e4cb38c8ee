package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kaopass/kaopass"
)

// inline is what the policy of content forbids, so that a page with it would be broken.
var inline = regexp.MustCompile(`<script(?:\s[^>]*)?>[^<]|\sstyle="|\son[a-z]+="|<style`)

// TestEveryPageKeepsThePolicy asks for every address that the program serves, as a visitor and as staff.
func TestEveryPageKeepsThePolicy(t *testing.T) {
	v := open(t, func(c *Config) { c.MetricsToken = "graphs" })
	d := v.story(t)
	if _, err := d.signUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.consent(t.Context()); err != nil {
		t.Fatal(err)
	}
	staff := v.staff(t, kaopass.Admin)
	pages := 0
	for _, route := range v.app.GetRoutes(true) {
		path, _, _ := strings.Cut(route.Path, ":")
		if route.Method != http.MethodGet || strings.HasSuffix(path, "*") || strings.HasSuffix(path, "/stream") || strings.HasSuffix(path, "/live") {
			continue
		}
		for _, p := range []person{d.phone, staff} {
			res := p.visit(t, path)
			if !slices.Contains(res.Header["Content-Security-Policy"], policy) || res.Header.Get("X-Content-Type-Options") != "nosniff" ||
				res.Header.Get("Referrer-Policy") != "same-origin" || res.Header.Get("X-Request-Id") == "" {
				t.Errorf("%s: headers %v", path, res.Header)
			}
			if found := inline.FindString(res.body); strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && found != "" {
				t.Errorf("%s has %q in it", path, found)
			}
			if res.StatusCode >= 500 {
				t.Errorf("%s: %d", path, res.StatusCode)
			}
			if res.StatusCode == 200 {
				pages++
			}
			v.saysNoSecret(t, path, res, d)
		}
	}
	if pages < 30 {
		t.Errorf("only %d pages were there", pages)
	}
	v.metrics(t)
	v.packed(t)
}

// packed: no path unpacks what came compressed, whoever asks.
func (v *venue) packed(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/v1/devices/claim", "/v1/payments", "/signin", "/signin/passkey/finish", "/console/signin", "/v1/webhooks/stripe"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.url+path, strings.NewReader("\x1f\x8b"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Encoding", "gzip")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// saysNoSecret: no answer has a token or a code in it.
func (v *venue) saysNoSecret(t *testing.T, path string, res visited, d *story) {
	t.Helper()
	for _, secret := range []string{d.gate.token, d.till.token, v.signIn.Staff[0].Password, `"frames"`, `"similarity"`} {
		if strings.Contains(res.body, secret) {
			t.Errorf("%s holds %s", path, secret)
		}
	}
}

func (v *venue) metrics(t *testing.T) {
	t.Helper()
	if res := newPerson(v.url).visit(t, "/metrics"); res.StatusCode != 404 {
		t.Errorf("metrics without the token: %d", res.StatusCode)
	}
	with := newPerson(v.url)
	with.token = "graphs"
	if _, body, _, err := with.send(t.Context(), http.MethodGet, "/metrics", "", nil, ""); err != nil || !bytes.Contains(body, []byte("kaopass_request_seconds")) {
		t.Errorf("metrics with the token: %.100s, %v", body, err)
	}
}

// staff is somebody of the seeded venue, signed in to the console.
func (v *venue) staff(t *testing.T, role kaopass.StaffRole) person {
	t.Helper()
	p := newPerson(v.url)
	for _, s := range v.signIn.Staff {
		if s.Role == role {
			if _, err := p.form(t.Context(), "/console/signin", url.Values{"login": {s.Login}, "password": {s.Password}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p
}

type visited struct {
	*http.Response
	body string
}

// visit opens a page without following where it leads.
func (p person) visit(t *testing.T, path string) visited {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	stay := *p.Client
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := stay.Do(req)
	if err != nil {
		t.Fatal(path, err)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, demoAnswerMax))
	if err != nil || res.Body.Close() != nil {
		t.Fatal(path, err)
	}
	return visited{res, string(body)}
}

// TestNobodySeesWhatIsAnothers: ids of somebody else's things are not found, whoever asks.
func TestNobodySeesWhatIsAnothers(t *testing.T) {
	v := open(t, nil)
	d, other := v.story(t), v.story(t)
	for _, s := range []*story{d, other} {
		if _, err := s.signUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.consent(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	status, body, _, err := d.phone.send(t.Context(), http.MethodPost, "/capture/still", "image/jpeg", d.face[0], "")
	if err != nil || status != 200 {
		t.Fatal(status, err)
	}
	session := regexp.MustCompile(`"session":"([^"]+)"`).FindSubmatch(body)[1]
	sold := sell(t, d.till, 1)[0]
	attempt, err := d.attempt(t.Context(), d.season.QR, d.face, kaopass.Entry)
	if err != nil {
		t.Fatal(err)
	}
	for name, ask := range map[string]func() (int, error){
		"a capture": func() (int, error) { return other.phone.status(t, http.MethodGet, "/capture/session/"+string(session)) },
		"its end": func() (int, error) {
			return other.phone.status(t, http.MethodDelete, "/capture/session/"+string(session))
		},
		"a payment": func() (int, error) { return other.till.status(t, http.MethodGet, "/v1/payments/"+string(sold.id)) },
		"its cancel": func() (int, error) {
			return other.till.status(t, http.MethodPost, "/v1/payments/"+string(sold.id)+"/cancel")
		},
		"a verdict": func() (int, error) {
			return other.gate.status(t, http.MethodPost, "/v1/admissions/"+string(attempt.ID)+"/passed")
		},
	} {
		if status, err := ask(); err != nil || status != http.StatusNotFound {
			t.Errorf("%s of another: %d, %v", name, status, err)
		}
	}
	if status, err := d.phone.status(t, http.MethodGet, "/capture/session/"+string(session)); err != nil || status != 200 {
		t.Errorf("one's own capture: %d, %v", status, err)
	}
	d.signsOut(t)
}

// status is how a request without a body is answered.
func (p person) status(t *testing.T, method, path string) (int, error) {
	t.Helper()
	status, _, _, err := p.send(t.Context(), method, path, "application/json", []byte("{}"), "key-"+path)
	return status, err
}

// signsOut: the cookie of a session that has ended opens nothing, even where somebody kept it.
func (d *story) signsOut(t *testing.T) {
	t.Helper()
	base, err := url.Parse(d.phone.base)
	if err != nil {
		t.Fatal(err)
	}
	kept := d.phone.Jar.Cookies(base)
	if res := d.phone.visit(t, "/home"); res.StatusCode != 200 {
		t.Fatalf("at home: %d", res.StatusCode)
	}
	if _, err := d.phone.form(t.Context(), "/signout", nil); err != nil {
		t.Fatal(err)
	}
	thief := newPerson(d.phone.base)
	thief.Jar.SetCookies(base, kept)
	for path, want := range map[string]int{"/home": http.StatusSeeOther, "/me/export.json": http.StatusSeeOther} {
		if res := thief.visit(t, path); res.StatusCode != want || !strings.HasPrefix(res.Header.Get("Location"), "/signin") {
			t.Errorf("%s with the cookie of an ended session: %d %s", path, res.StatusCode, res.Header.Get("Location"))
		}
	}
	if status, err := thief.status(t, http.MethodPost, "/capture/still"); err != nil || status != http.StatusUnauthorized {
		t.Errorf("a capture with it: %d, %v", status, err)
	}
}

// TestABodyOfTwentyMegabytes is refused without being read into memory, and the next request is answered.
func TestABodyOfTwentyMegabytes(t *testing.T) {
	v := open(t, nil)
	d := v.story(t)
	large := bytes.Repeat([]byte{0xff}, 20<<20)
	for _, media := range []string{"image/jpeg", "application/json"} {
		status, body, _, err := d.gate.send(t.Context(), http.MethodPost, "/v1/admissions?ticket=x", media, large, "large-"+media)
		if err != nil || status != http.StatusRequestEntityTooLarge || !bytes.Contains(body, []byte(`"code":"`)) {
			t.Errorf("%s: %d %.200s, %v", media, status, body, err)
		}
	}
	if _, err := d.gateSays(t.Context(), d.season.QR, d.face, kaopass.Entry, kaopass.Refuse, kaopass.NotEnrolled); err != nil {
		t.Error(err)
	}
}
