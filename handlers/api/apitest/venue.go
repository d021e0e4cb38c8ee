// Package apitest is a small venue for the tests of what devices speak: a real database, the real models, a server on a
// real socket, and clients that hold every answer against the published protocol.
//
// Start at [New]. What stays true of each exchange that a [Client] makes: the answer is one that openapi.json describes,
// its problem's code is one that the page lists, and nothing is in it that no answer may hold (see [Venue.Secret]).
package apitest

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/db/dbtest"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/static"
	"github.com/kaopass/kaopass/views"
)

// Venue is a running server and what is behind it.
type Venue struct {
	DB     *db.DB
	Faces  *matcher.Matcher
	Access *access.Access
	URL    string // without a slash at the end

	late    *atomic.Int64 // nanoseconds that the venue's clock is ahead
	mu      sync.Mutex
	secrets []string
}

// Later turns the venue's clock ahead.
func (v *Venue) Later(by time.Duration) { v.late.Add(int64(by)) }

// Mount adds an audience's routes.
type Mount func(v *Venue, r fiber.Router)

// New opens a venue of the test's own and serves what is mounted until the test ends.
func New(t testing.TB, mounts ...Mount) *Venue {
	t.Helper()
	late := new(atomic.Int64)
	v := &Venue{DB: openDB(t, func() time.Time { return time.Now().Add(time.Duration(late.Load())) }), Faces: openFaces(t), late: late}
	v.Access = &access.Access{DB: v.DB}
	v.follow(t)
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, BodyLimit: request.RequestMax,
		DisablePreParseMultipartForm: true, ErrorHandler: func(c *fiber.Ctx, err error) error { return trouble(c, err) }})
	app.Use(prepare)
	app.Get("/static/*", asset)
	for _, path := range static.Roots() {
		app.Get(path, asset)
	}
	for _, mount := range mounts {
		mount(v, app)
	}
	v.serve(t, app)
	return v
}

func trouble(c *fiber.Ctx, err error) error {
	if strings.HasPrefix(c.Path(), "/v1/") {
		return respond.Error(c, err)
	}
	return respond.Trouble(c, access.PageLanguage(c), err)
}

// prepare does what the server's own middleware does.
func prepare(c *fiber.Ctx) error {
	respond.SetRequestID(c, "test")
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	c.SetUserContext(ctx)
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:")
	return c.Next()
}

func asset(c *fiber.Ctx) error {
	a, ok := static.Open(c.Path())
	if !ok {
		a, ok = static.Root(c.Path())
	}
	if !ok {
		return respond.NotFound
	}
	c.Set(fiber.HeaderContentType, a.Type)
	return c.Send(a.Body)
}

func (v *Venue) serve(t testing.TB, app *fiber.App) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v.URL = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- app.Listener(request.Linger(listener)) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
			t.Error(err)
		}
		<-served
	})
}

func openDB(t testing.TB, now func() time.Time) *db.DB {
	t.Helper()
	url := dbtest.Migrated(t, db.SchemaSum(), func(url string) error { return db.Migrate(context.Background(), url) })
	d, err := db.Open(t.Context(), db.Config{URL: url, Keys: t.TempDir(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// openFaces loads the models; a test that needs them is skipped only where nobody fetched them.
func openFaces(t testing.TB) *matcher.Matcher {
	t.Helper()
	root := dbtest.Root(t)
	cfg := matcher.Config{Library: matcher.LibraryPath(filepath.Join(root, "node_modules")), Models: filepath.Join(root, "models"),
		Wait: 10 * time.Second}
	for _, need := range []string{cfg.Library, cfg.Models} {
		if _, err := os.Stat(need); err != nil {
			t.Skipf("%s is not here; make setup fetches it", need)
		}
	}
	m, err := matcher.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// follow keeps the payment gallery as the feed says, as the server does.
func (v *Venue) follow(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	load := func(change kaopass.TemplateChange) error { v.Faces.Apply(change); return nil }
	apply := func(change kaopass.TemplateChange) error {
		if change.Purpose == kaopass.ForPayment && !change.Removed {
			near := v.Faces.Neighbours(change.Template, change.Enrolment)
			if err := v.DB.MarkAlike(ctx, change.Enrolment, near); err != nil {
				return err
			}
		}
		return load(change)
	}
	seq, err := v.DB.Templates(ctx, kaopass.ForPayment, load)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- v.DB.FollowTemplates(ctx, seq, apply) }()
	t.Cleanup(func() { stop(); <-done })
}

// Secret names texts that no answer may hold: codes, tokens, full names.
func (v *Venue) Secret(texts ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secrets = append(v.secrets, texts...)
}

// Words are the words of a language, for what a test expects to be said.
func Words(l kaopass.Language) views.Words { return views.Speak(l) }
