package console_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/api/apitest"
	"github.com/kaopass/kaopass/handlers/console"
)

// room is a venue with a console, and browsers of staff.
type room struct{ *apitest.Venue }

func open(t *testing.T) room {
	t.Helper()
	return room{apitest.New(t, func(v *apitest.Venue, r fiber.Router) {
		live := console.NewLive(v.DB)
		ctx := t.Context()
		done := make(chan error, 1)
		go func() { done <- live.Run(ctx) }()
		t.Cleanup(func() { <-done }) // t.Context ends before the cleanups run
		r.Use(v.Access.SameOrigin)
		(&console.Console{DB: v.DB, Access: v.Access, Queue: v.Faces.Queue, Live: live, URL: "https://venue.example", Books: noCards{},
			Judge: console.Judge{Policy: v.Faces.Policy, People: v.Faces.GallerySize, OnSite: v.Faces.OnSite}}).Routes(r)
	})}
}

// noCards is a card company that did nothing.
type noCards struct{}

func (noCards) Entries(context.Context, time.Time, time.Time) ([]db.CardEntry, error) {
	return nil, nil
}

// browser keeps cookies and sends what a browser sends with our own forms.
type browser struct {
	room
	http *http.Client
}

func (r room) browser(t *testing.T) browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{r, &http.Client{Jar: jar, Timeout: 10 * time.Second}}
}

// as signs a member of staff of the role in.
func (r room) as(t *testing.T, role kaopass.StaffRole) browser {
	t.Helper()
	person := kaopass.Staff{Login: string(role), Name: "Hana " + string(role), Role: role, Language: kaopass.English}
	if _, err := r.DB.AddStaff(t.Context(), person, "a long password", "test"); err != nil {
		t.Fatal(err)
	}
	b := r.browser(t)
	if status, page := b.post(t, "/console/signin", "login", string(role), "password", "a long password"); status != 200 || !strings.Contains(page, "Control room") {
		t.Fatalf("signing in as %s: %d", role, status)
	}
	return b
}

func (b browser) do(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Accept-Language", "en")
	res, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (b browser) get(t *testing.T, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.do(t, req)
}

func (b browser) post(t *testing.T, path string, fields ...string) (int, string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(t, req)
}

func TestSignInIsAsked(t *testing.T) {
	r := open(t)
	b := r.browser(t)
	if status, page := b.get(t, "/console/devices"); status != 200 || !strings.Contains(page, `name="next" value="/console/devices"`) {
		t.Errorf("a stranger sees %d, and not the sign-in that leads back", status)
	}
	status, page := b.post(t, "/console/signin", "login", `<script>`, "password", "wrong")
	if status != 422 || strings.Contains(page, "<script>\"") || !strings.Contains(page, "&lt;script&gt;") {
		t.Errorf("a wrong password: %d; the login comes back escaped", status)
	}
}

func TestEachRoleSeesItsPages(t *testing.T) {
	r := open(t)
	may := map[string]map[kaopass.StaffRole]bool{
		"/console":          {kaopass.Viewer: true, kaopass.Manager: true, kaopass.Admin: true},
		"/console/devices":  {kaopass.Viewer: true, kaopass.Manager: true, kaopass.Admin: true},
		"/console/events":   {kaopass.Viewer: true, kaopass.Manager: true, kaopass.Admin: true},
		"/console/visitors": {kaopass.Manager: true, kaopass.Admin: true},
		"/console/tickets":  {kaopass.Manager: true, kaopass.Admin: true},
		"/console/staff":    {kaopass.Admin: true},
		"/console/policy":   {kaopass.Admin: true},
	}
	for _, role := range []kaopass.StaffRole{kaopass.Viewer, kaopass.Manager, kaopass.Admin} {
		b := r.as(t, role)
		for path, roles := range may {
			want := map[bool]int{true: 200, false: 403}[roles[role]]
			if status, _ := b.get(t, path); status != want {
				t.Errorf("%s asks for %s: %d, want %d", role, path, status, want)
			}
		}
	}
}

func TestAForeignSiteCannotAct(t *testing.T) {
	r := open(t)
	b := r.as(t, kaopass.Admin)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+"/console/devices", strings.NewReader("role=gate&name=x&zone=y"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, _ := b.do(t, req); status != 403 {
		t.Errorf("status %d", status)
	}
	if all, err := b.DB.Devices(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d devices, %v", len(all), err)
	}
}

var claimCode = regexp.MustCompile(`<code>([0-9A-Z]{4}-[0-9A-Z]{4})</code>`)

func TestADeviceFromItsCodeToItsEnd(t *testing.T) {
	r := open(t)
	admin, viewer := r.as(t, kaopass.Admin), r.as(t, kaopass.Viewer)
	if status, _ := viewer.post(t, "/console/devices", "role", "gate", "name", "east-07", "zone", "east"); status != 403 {
		t.Errorf("a viewer adds a device: %d", status)
	}
	if status, page := admin.post(t, "/console/devices", "role", "gate", "name", "", "zone", "kept zone"); status != 422 || !strings.Contains(page, "kept zone") {
		t.Errorf("a device without a name: %d, and what was typed is kept", status)
	}
	status, page := admin.post(t, "/console/devices", "role", "gate", "name", `<b>east-07</b>`, "zone", "east")
	found := claimCode.FindStringSubmatch(page)
	if status != 200 || found == nil || strings.Contains(page, "<b>east-07</b>") {
		t.Fatalf("adding: %d, code %v", status, found)
	}
	device, token, err := r.DB.ClaimDevice(t.Context(), found[1], "tablet", "test")
	if err != nil {
		t.Fatal(err)
	}
	_, page = admin.get(t, "/console/devices/"+string(device.ID))
	if claimCode.MatchString(page) || strings.Contains(page, token) || !strings.Contains(page, "Live") {
		t.Error("the page of a claimed device shows a code or a token, or not that it lives")
	}
	if status, page := admin.post(t, "/console/devices/"+string(device.ID)+"/revoke"); status != 200 || !strings.Contains(page, "Revoked") {
		t.Errorf("revoking: %d", status)
	}
	if _, err := r.DB.DeviceByToken(t.Context(), token); err == nil {
		t.Error("a revoked device is found by its token")
	}
	if status, _ := admin.get(t, "/console/devices/dev_00000000000000000000000000"); status != 404 {
		t.Errorf("a device that is not there: %d", status)
	}
}

func TestLookingUpIsSeenByTheVisitor(t *testing.T) {
	r := open(t)
	manager := r.as(t, kaopass.Manager)
	in, err := r.DB.Assist(t.Context(), kaopass.Staff{}, "taro@venue.example", kaopass.English)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.DB.SetProfile(t.Context(), in.Visitor.ID, `<img src=x onerror=alert(1)>`, kaopass.English); err != nil {
		t.Fatal(err)
	}
	status, page := manager.post(t, "/console/visitors", "query", "taro@venue.example")
	if status != 200 || strings.Contains(page, "<img src=x") || !strings.Contains(page, "&lt;img src=x") {
		t.Errorf("status %d; the name is shown escaped", status)
	}
	events, _, err := r.DB.Timeline(t.Context(), in.Visitor.ID, db.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) == 0 || events[0].Kind != kaopass.StaffLooked {
		t.Errorf("the visitor's timeline begins with %+v", events)
	}
	if status, page := manager.post(t, "/console/visitors", "query", "nobody@venue.example"); status != 200 || !strings.Contains(page, "Nobody found") {
		t.Errorf("a stranger: %d", status)
	}
	if status, _ := manager.post(t, "/console/visitors/"+string(in.Visitor.ID)+"/freeze", "frozen", "on"); status != 200 {
		t.Errorf("freezing: %d", status)
	}
	if p, err := r.DB.Profile(t.Context(), in.Visitor.ID); err != nil || !p.Visitor.Frozen {
		t.Errorf("frozen: %v, %v", p.Visitor.Frozen, err)
	}
}

func TestTicketsArePrinted(t *testing.T) {
	r := open(t)
	manager := r.as(t, kaopass.Manager)
	if status, page := manager.post(t, "/console/tickets", "kind", "season", "count", "3"); status != 200 || strings.Count(page, `class="qr"`) != 3 {
		t.Errorf("three tickets: %d", status)
	}
	for _, count := range []string{"0", "-1", "101", "many", ""} {
		if status, _ := manager.post(t, "/console/tickets", "kind", "season", "count", count); status != 422 {
			t.Errorf("%q tickets: %d", count, status)
		}
	}
}

func TestEventsAsATable(t *testing.T) {
	r := open(t)
	manager := r.as(t, kaopass.Manager)
	if _, _, err := r.DB.AddDevice(t.Context(), kaopass.Gate, "=cmd()", "east", "@test"); err != nil {
		t.Fatal(err)
	}
	if status, page := manager.get(t, "/console/events?kind=device"); status != 200 || !strings.Contains(page, "device.added") || strings.Contains(page, "staff.added") {
		t.Errorf("the filter by noun: %d", status)
	}
	status, table := manager.get(t, "/console/events.csv?kind=device")
	if status != 200 || !strings.Contains(table, "device.added") || !strings.Contains(table, ",'@test,'=cmd(),") {
		t.Errorf("%d\n%s", status, table)
	}
}

func TestStaffAreAdded(t *testing.T) {
	r := open(t)
	admin := r.as(t, kaopass.Admin)
	status, page := admin.post(t, "/console/staff", "login", "ken", "name", "Ken", "role", "viewer")
	found := regexp.MustCompile(`<code>([0-9A-Z]{16})</code>`).FindStringSubmatch(page)
	if status != 200 || found == nil {
		t.Fatalf("status %d", status)
	}
	if in, err := r.DB.StaffSignIn(t.Context(), "ken", found[1]); err != nil || in.Reason != "" || in.Staff.Role != kaopass.Viewer {
		t.Errorf("the password does not sign in: %+v, %v", in, err)
	}
	if status, _ := admin.post(t, "/console/staff", "login", "x", "name", "X", "role", "owner"); status != 422 {
		t.Errorf("a role that is none: %d", status)
	}
}

func TestTheBoardIsLive(t *testing.T) {
	r := open(t)
	res := r.as(t, kaopass.Viewer).watch(t)
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("Content-Type %q", got)
	}
	if _, _, err := r.DB.AddDevice(t.Context(), kaopass.Gate, "north-01", "north", "test"); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if line := lines.Text(); strings.HasPrefix(line, "data: ") && strings.Contains(line, "north-01") {
			return
		}
	}
	t.Error("the stream ended without the new gate")
}

// Who signed out, or was signed out by another, sees no more of the venue in a window that was left open.
func TestTheBoardEndsWithItsSession(t *testing.T) {
	r := open(t)
	b := r.as(t, kaopass.Viewer)
	res := b.watch(t)
	if status, _ := b.post(t, "/console/signout"); status >= 400 {
		t.Fatalf("status %d", status)
	}
	if _, _, err := r.DB.AddDevice(t.Context(), kaopass.Gate, "north-01", "north", "test"); err != nil {
		t.Fatal(err)
	}
	seen, err := io.ReadAll(res.Body)
	if err != nil || strings.Contains(string(seen), "data: ") {
		t.Errorf("%v: %.200s", err, seen)
	}
}

// watch opens the board's stream.
func (b browser) watch(t *testing.T) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.URL+"/console/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream := *b.http
	stream.Timeout = 30 * time.Second
	res, err := stream.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}
