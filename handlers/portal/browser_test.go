package portal_test

import (
	"context"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/portal"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views/consent"
)

const host = "pass.example"

// venue is a portal on a database of its own, with a clock that a test can move.
type venue struct {
	*portal.Portal
	app *fiber.App

	mu  sync.Mutex
	now time.Time

	forgotten sync.Map // whom the gallery was told to forget
}

func (v *venue) clock() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

func (v *venue) wait(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = v.now.Add(d)
}

// open makes a venue for one test, which from here on runs beside the others.
func open(t *testing.T) *venue {
	t.Helper()
	t.Parallel()
	v := &venue{now: time.Now()}
	store, err := db.Open(t.Context(), db.Config{URL: migrated(t), Keys: t.TempDir(), Now: v.clock})
	if err != nil {
		t.Fatal(err)
	}
	eye, err := camera.New(camera.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := eye.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	operator := consent.Operator{Name: "Harbour Expo", Contact: "privacy@harbour.example"}
	texts, err := consent.Load(operator)
	if err != nil {
		t.Fatal(err)
	}
	inbox := &portal.Inbox{Now: v.clock}
	forget := func(id kaopass.EnrolmentID, _ int64) {
		if id != "" {
			v.forgotten.Store(id, true)
		}
	}
	v.Portal = &portal.Portal{DB: store, Forget: forget, Access: &access.Access{DB: store, Secure: true}, Camera: eye, Mail: inbox, Inbox: inbox,
		Texts: texts, Operator: operator}
	v.app = fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true, ErrorHandler: respond.Error})
	v.app.Use(func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		c.SetUserContext(ctx)
		c.Set(fiber.HeaderContentSecurityPolicy, strict)
		return c.Next()
	}, v.Access.SameOrigin, v.Access.KeepLanguage)
	v.Routes(v.app)
	return v
}

func migrated(t *testing.T) string {
	t.Helper()
	var key strings.Builder
	steps, err := os.ReadDir("../../db/schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		text, err := os.ReadFile("../../db/schema/" + step.Name())
		if err != nil {
			t.Fatal(err)
		}
		key.Write(text)
	}
	return dbtest.Migrated(t, key.String(), func(url string) error { return db.Migrate(context.Background(), url) })
}

// browser is one person's browser: it keeps cookies, speaks English, and says where its requests come from.
type browser struct {
	t       *testing.T
	app     *fiber.App
	cookies map[string]*http.Cookie
}

func (v *venue) browser(t *testing.T) *browser {
	return &browser{t: t, app: v.app, cookies: map[string]*http.Cookie{}}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	to     string // Location
	body   string
	header http.Header
	set    []*http.Cookie
}

func (b *browser) send(r *http.Request) answer {
	b.t.Helper()
	r.Host = host
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Accept", "text/html")
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	res, err := b.app.Test(r, 30_000)
	if err != nil {
		b.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	return answer{b.t, res.StatusCode, res.Header.Get("Location"), string(body), res.Header, res.Cookies()}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	return b.send(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form; fields are name, value, name, value.
func (b *browser) post(path string, fields ...string) answer {
	b.t.Helper()
	return b.send(form(path, fields))
}

func form(path string, fields []string) *http.Request {
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// is fails the test unless the answer has this status and says all of the words.
func (a answer) is(status int, words ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, wanted %d: %s", a.status, status, a.body)
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			a.t.Errorf("the page does not say %q", w)
		}
	}
	return a
}

// leadsTo fails the test unless the answer sends the browser to this place.
func (a answer) leadsTo(path string) {
	a.t.Helper()
	if a.status != http.StatusSeeOther || a.to != path {
		a.t.Fatalf("status %d to %q, wanted %q: %s", a.status, a.to, path, a.body)
	}
}

// field is the value of a hidden field of the page.
func (a answer) field(name string) string {
	a.t.Helper()
	found := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `" value="([^"]*)"`).FindStringSubmatch(a.body)
	if found == nil {
		a.t.Fatalf("no field %s on the page", name)
	}
	return found[1]
}

// digits are those that wait in the inbox for a contact.
func (v *venue) digits(t testing.TB, contact string) string {
	t.Helper()
	for _, m := range v.Inbox.Messages() {
		if m.Contact == contact {
			return m.Code
		}
	}
	t.Fatalf("no message for %s", contact)
	return ""
}

// signIn goes through the pages of signing in.
func (v *venue) signIn(t *testing.T, contact string) *browser {
	t.Helper()
	b := v.browser(t)
	b.post("/signin", "contact", contact).leadsTo("/signin/code")
	if a := b.post("/signin/code", "code", v.digits(t, contact)); a.status != http.StatusSeeOther {
		t.Fatalf("signing in: %d %s", a.status, a.body)
	}
	return b
}

// agree signs the purposes by typing a name.
func (b *browser) agree(purposes ...kaopass.Purpose) {
	b.t.Helper()
	chosen := []string{"age", "16"}
	for _, p := range purposes {
		chosen = append(chosen, string(p), "on")
	}
	b.get(b.post("/choice", chosen...).to).is(http.StatusOK)
	b.post("/sign", b.signature(chosen, "typed", "Yuki")...).leadsTo("/signed")
}

// signature is the form of the sign page for what was chosen, with the hashes that were shown.
func (b *browser) signature(chosen []string, more ...string) []string {
	b.t.Helper()
	page := b.get(b.post("/choice", chosen...).to)
	fields := append(chosen, more...)
	for i := 2; i+1 < len(chosen); i += 2 {
		fields = append(fields, "text_"+chosen[i], page.field("text_"+chosen[i]))
	}
	return fields
}

// me is the visitor's id.
func (v *venue) me(t *testing.T, b *browser) kaopass.VisitorID {
	t.Helper()
	visitor, err := v.DB.Session(t.Context(), b.cookies["kaopass_visitor"].Value)
	if err != nil {
		t.Fatal(err)
	}
	return visitor.ID
}

// face is a template that no camera saw.
func face() kaopass.Template {
	vector := make([]float32, 160)
	for i := range vector {
		vector[i] = float32(1 / math.Sqrt(160))
	}
	return kaopass.Template{Model: "test", Frames: [][]float32{vector}}
}

func (v *venue) enrol(t *testing.T, id kaopass.VisitorID) {
	t.Helper()
	kept, err := v.DB.Enrol(t.Context(), db.Enrol{Visitor: id, Template: face(), By: "self"})
	if err != nil || kept.Reason != "" {
		t.Fatal(kept.Reason, err)
	}
}

func (v *venue) ticket(t *testing.T, kind kaopass.TicketKind) db.HeldTicket {
	t.Helper()
	issued, err := v.DB.IssueTickets(t.Context(), db.IssueTickets{Kind: kind, Count: 1, Actor: "venue"})
	if err != nil {
		t.Fatal(err)
	}
	return issued[0]
}
