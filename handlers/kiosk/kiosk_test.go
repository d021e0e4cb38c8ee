package kiosk_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/camera/virtual"
	"github.com/kaopass/kaopass/handlers/kiosk"
)

const password = "a long enough password"

// desk is a claimed kiosk and the browser on it.
type desk struct {
	*apitest.Venue
	*http.Client
	staff kaopass.Staff
}

func open(t *testing.T) *desk {
	t.Helper()
	var eye *camera.Camera
	v := apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		var err error
		if eye, err = camera.New(camera.Config{Faces: v.Faces}); err != nil {
			t.Fatal(err)
		}
		r.Use(v.Access.SameOrigin, v.Access.KeepLanguage, v.Access.MarkKiosk)
		(&kiosk.Kiosk{DB: v.DB, Near: v.Faces.Neighbours, Access: v.Access, Camera: eye}).Routes(r.(*fiber.App))
	})
	t.Cleanup(func() {
		if err := eye.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{Venue: v, Client: browser()}
	staff := kaopass.Staff{Login: "aiko", Name: "Aiko", Role: kaopass.GateStaff, Language: kaopass.English}
	var err error
	if d.staff, err = v.DB.AddStaff(t.Context(), staff, password, "test"); err != nil {
		t.Fatal(err)
	}
	return d
}

// browser keeps cookies, speaks English, says where its requests come from, and stays where it is sent away.
func browser() *http.Client {
	jar, _ := cookiejar.New(nil) // it cannot fail without a list of suffixes
	return &http.Client{Jar: jar, Transport: english{}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type english struct{}

// RoundTrip sends the request.
func (english) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "text/html")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// claim makes the browser a device of a role.
func (d *desk) claim(t *testing.T, role kaopass.Role) {
	t.Helper()
	client := d.Device(t, role, "help-desk", "east")
	d.Jar.SetCookies(d.at(t, "/"), []*http.Cookie{{Name: "kaopass_device", Value: client.Token}})
}

func (d *desk) at(t *testing.T, path string) *url.URL {
	t.Helper()
	u, err := url.Parse(d.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

type answer struct {
	*http.Response
	body string
}

func (d *desk) get(t *testing.T, path string) answer {
	t.Helper()
	return d.ask(t, http.MethodGet, path, nil)
}

func (d *desk) ask(t *testing.T, method, path string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, d.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := d.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.Body.Close() != nil {
		t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (d *desk) signIn(t *testing.T) {
	t.Helper()
	a := d.ask(t, http.MethodPost, "/kiosk/signin", url.Values{"login": {"aiko"}, "password": {password}})
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %d", a.StatusCode)
	}
}

func (d *desk) cookie(t *testing.T, name string) string {
	t.Helper()
	for _, c := range d.Jar.Cookies(d.at(t, "/kiosk")) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// visitor is whose session the browser holds.
func (d *desk) visitor(t *testing.T) kaopass.Visitor {
	t.Helper()
	v, err := d.DB.Session(t.Context(), d.cookie(t, "kaopass_visitor"))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAKioskIsClaimedThenStaffed(t *testing.T) {
	d := open(t)
	if a := d.get(t, "/kiosk"); a.StatusCode != 200 || !strings.Contains(a.body, `id="claim"`) {
		t.Errorf("an unknown screen sees %d %s", a.StatusCode, a.body)
	}
	for _, path := range []string{"/kiosk/signin", "/kiosk/begin"} {
		if a := d.ask(t, http.MethodPost, path, url.Values{"login": {"aiko"}, "password": {password}}); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s on an unknown screen: %d", path, a.StatusCode)
		}
	}
	d.claim(t, kaopass.Gate)
	if a := d.get(t, "/kiosk"); !strings.Contains(a.body, "help-desk") || strings.Contains(a.body, `action="/kiosk/begin"`) {
		t.Errorf("a gate's screen sees %s", a.body)
	}
	d.claim(t, kaopass.Kiosk)
	if a := d.get(t, "/kiosk"); !strings.Contains(a.body, `action="/kiosk/signin"`) {
		t.Errorf("a kiosk without staff sees %s", a.body)
	}
	if a := d.ask(t, http.MethodPost, "/kiosk/begin", nil); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("beginning without staff: %d", a.StatusCode)
	}
	wrong := d.ask(t, http.MethodPost, "/kiosk/signin", url.Values{"login": {"aiko"}, "password": {"guess"}})
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `value="aiko"`) || strings.Contains(wrong.body, "guess") {
		t.Errorf("a wrong password: %d %s", wrong.StatusCode, wrong.body)
	}
	d.signIn(t)
	if a := d.get(t, "/kiosk"); !strings.Contains(a.body, "Aiko helps at help-desk") || !strings.Contains(a.body, `action="/kiosk/begin"`) {
		t.Errorf("a staffed kiosk shows %s", a.body)
	}
	if a := d.ask(t, http.MethodPost, "/kiosk/signout", nil); a.StatusCode != http.StatusSeeOther || d.cookie(t, "kaopass_helper") != "" {
		t.Errorf("the end of a shift: %d", a.StatusCode)
	}
	if a := d.get(t, "/kiosk"); !strings.Contains(a.body, `action="/kiosk/signin"`) {
		t.Error("staff is still signed in")
	}
}

func TestBegin(t *testing.T) {
	d := open(t)
	d.claim(t, kaopass.Kiosk)
	d.signIn(t)
	wrong := d.ask(t, http.MethodPost, "/kiosk/begin", url.Values{"contact": {`ma<ry@`}})
	if wrong.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(wrong.body, `value="ma&lt;ry@"`) ||
		!strings.Contains(wrong.body, `aria-invalid="true"`) || d.cookie(t, "kaopass_visitor") != "" {
		t.Errorf("a wrong contact: %d %s", wrong.StatusCode, wrong.body)
	}
	begin := func(contact string) kaopass.Visitor {
		a := d.ask(t, http.MethodPost, "/kiosk/begin", url.Values{"contact": {contact}})
		if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/next" {
			t.Fatalf("%q: %d to %s", contact, a.StatusCode, a.Header.Get("Location"))
		}
		return d.visitor(t)
	}
	fresh, mary, again, other := begin(""), begin("mary@example.com"), begin(" Mary@Example.com "), begin("")
	if fresh.Contact != "" || mary.Contact != "mary@example.com" || again.ID != mary.ID || other.ID == fresh.ID {
		t.Errorf("fresh %v, mary %v, again %v, other %v", fresh, mary, again, other)
	}
	lines, _, err := d.DB.Timeline(t.Context(), mary.ID, db.Page{Limit: 10})
	if err != nil || !slices.ContainsFunc(lines, func(e kaopass.Event) bool { return e.Actor == string(d.staff.ID) }) {
		t.Errorf("her timeline does not say that staff opened her account: %v, %v", lines, err)
	}
}

func TestEndForgets(t *testing.T) {
	d := open(t)
	d.claim(t, kaopass.Kiosk)
	d.signIn(t)
	d.ask(t, http.MethodPost, "/kiosk/begin", nil)
	kept := d.cookie(t, "kaopass_visitor")
	a := d.ask(t, http.MethodPost, "/kiosk/end", nil)
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/kiosk" || a.Header.Get("Clear-Site-Data") != `"cache", "storage"` {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	if d.cookie(t, "kaopass_visitor") != "" {
		t.Error("the cookie is still there")
	}
	if _, err := d.DB.Session(t.Context(), kept); err == nil {
		t.Error("the session still lives")
	}
	if a := d.get(t, "/kiosk"); !strings.Contains(a.body, "Aiko helps at") {
		t.Error("the helper went with the visitor")
	}
	if a := d.ask(t, http.MethodPost, "/kiosk/end", nil); a.StatusCode != http.StatusSeeOther {
		t.Errorf("ending twice: %d", a.StatusCode)
	}
}

// TestTheHelperIsStaffAtTheKioskOnly: no page but the kiosk's is sent the helper's cookie, so nothing of the console is
// open to whoever stands at the kiosk.
func TestTheHelperIsStaffAtTheKioskOnly(t *testing.T) {
	d := open(t)
	d.claim(t, kaopass.Kiosk)
	d.signIn(t)
	if d.cookie(t, "kaopass_helper") == "" {
		t.Fatal("no helper")
	}
	for _, path := range []string{"/", "/console", "/console/visitors", "/next", "/home"} {
		for _, c := range d.Jar.Cookies(d.at(t, path)) {
			if c.Name == "kaopass_helper" || c.Name == "kaopass_staff" {
				t.Errorf("%s is sent %s", path, c.Name)
			}
		}
	}
}

// TestEnrolSaysWhoHelped gives a real face at the kiosk.
func TestEnrolSaysWhoHelped(t *testing.T) {
	d := open(t)
	d.claim(t, kaopass.Kiosk)
	d.signIn(t)
	d.ask(t, http.MethodPost, "/kiosk/begin", nil)
	if a := d.get(t, "/kiosk/capture"); a.Header.Get("Location") != "/choice" {
		t.Errorf("without a consent the camera leads to %q", a.Header.Get("Location"))
	}
	if a := d.ask(t, http.MethodPost, "/kiosk/capture/still", nil); a.StatusCode != http.StatusForbidden {
		t.Errorf("a still without a consent: %d", a.StatusCode)
	}
	me := d.visitor(t).ID
	given := kaopass.Consent{Purpose: kaopass.ForAdmission, TextVersion: "1", TextHash: kaopass.TextHash("1"), Language: kaopass.English, Method: kaopass.SignedTyped, Mark: "F", SignedAt: time.Now()}
	if err := d.DB.GiveConsents(t.Context(), me, []kaopass.Consent{given}); err != nil {
		t.Fatal(err)
	}
	if a := d.get(t, "/kiosk/capture"); a.StatusCode != 200 || !strings.Contains(a.body, `data-base="/kiosk/capture"`) || !strings.Contains(a.body, `id="kiosk-end"`) {
		t.Errorf("the camera's page: %d %s", a.StatusCode, a.body)
	}
	franck, _, err := virtual.Franck(virtual.MediaDir(filepath.Join(dbtest.Root(t), "node_modules")))
	if err != nil {
		t.Skip(err)
	}
	last, err := virtual.Visitor{Person: franck, HTTP: d.Client, Base: d.URL + "/kiosk/capture"}.EnrolByStills(t.Context())
	if err != nil || !last.Done {
		t.Fatalf("%+v, %v", last, err)
	}
	profile, err := d.DB.Profile(t.Context(), me)
	if err != nil || profile.Enrolment == nil || profile.Enrolment.By != "kiosk:"+string(d.staff.ID) {
		t.Errorf("%+v, %v", profile.Enrolment, err)
	}
}
