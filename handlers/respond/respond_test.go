package respond

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/matcher"
)

func TestEveryErrorHasOneProblem(t *testing.T) {
	for _, c := range []struct {
		err       error
		status    int
		code      string
		retryable bool
	}{
		{db.ErrNotFound, 404, "not_found", false},
		{fmt.Errorf("admit: %w", db.ErrKeyReused), 422, "idempotency_key_reused", false},
		{db.ErrInFlight, 409, "request_in_flight", true},
		{db.ErrUnavailable, 503, "unavailable", true},
		{db.ErrAmount, 422, "amount_too_large", false},
		{db.ErrText, 400, "request_unreadable", false},
		{&db.StateError{Status: "captured"}, 409, "state", false},
		{matcher.ErrBusy, 503, "busy", true},
		{context.DeadlineExceeded, 503, "unavailable", true},
		{&matcher.ImageError{Kind: matcher.ImageTooLarge}, 413, "image_too_large", false},
		{&matcher.ImageError{Kind: matcher.ImageType}, 415, "image_type", false},
		{&matcher.ImageError{Kind: matcher.ImageUnreadable}, 422, "image_unreadable", false},
		{fiber.ErrRequestEntityTooLarge, 413, "image_too_large", false},
		{fiber.ErrMethodNotAllowed, 405, "method_not_allowed", false},
		{Field("amount", "An amount is a positive integer."), 422, "field", false},
		{errors.New("pq: relation visitors does not exist"), 500, "internal", true},
	} {
		if p := AsProblem(c.err); p.Status != c.status || p.Code != c.code || p.Retryable != c.retryable {
			t.Errorf("%v: got %d %s retryable=%v", c.err, p.Status, p.Code, p.Retryable)
		}
	}
}

func TestErrorHidesTheFault(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		SetRequestID(c, "req1")
		return Error(c, errors.New(`pq: syntax error at /srv/kaopass/db/queries/visitor.sql`))
	})
	res, err := app.Test(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), "pq") || strings.Contains(string(b), ".sql") {
		t.Errorf("the fault is shown: %s", b)
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil || d.RequestID != "req1" || d.Code != "internal" || !d.Retryable {
		t.Errorf("%+v, %v", d, err)
	}
	if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
}

func TestPageSendsNothingOfABrokenPage(t *testing.T) {
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error {
		return Page(c, 200, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, _ = io.WriteString(w, "<h1>half a pa")
			return errors.New("broken")
		}))
	})
	res, err := app.Test(httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 500 || strings.Contains(string(b), "half") {
		t.Errorf("status %d, body %q", res.StatusCode, b)
	}
}
