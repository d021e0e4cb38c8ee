// Package respond is how every handler answers: a page rendered whole before it is sent, JSON, or a problem.
//
// It holds the only table from errors to HTTP statuses ([AsProblem]). What stays true: half a page is never sent, a
// fault is never shown, and each answer carries the id under which the log knows the request.
package respond

import (
	"bytes"
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
)

// requestIDKey is where web's middleware leaves the request's id.
const requestIDKey = "kaopass.request_id"

// SetRequestID names the request; web calls it first.
func SetRequestID(c *fiber.Ctx, id string) {
	c.Locals(requestIDKey, id)
	c.Set(fiber.HeaderXRequestID, id)
}

// RequestID is the id under which the log knows this request.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestIDKey).(string)
	return id
}

// JSON answers a value.
func JSON(c *fiber.Ctx, status int, v any) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).JSON(v)
}

// Replayed marks an answer that was stored earlier (PROTOCOL, "Idempotency").
func Replayed(c *fiber.Ctx, replayed bool) {
	if replayed {
		c.Set("Idempotent-Replayed", "true")
	}
}

// Page renders a page into memory and sends it.
func Page(c *fiber.Ctx, status int, page templ.Component) error {
	var b bytes.Buffer
	// Drawing waits for nobody, and a page of trouble is drawn when the request's time is already over.
	if err := page.Render(context.WithoutCancel(c.UserContext()), &b); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).Send(b.Bytes())
}

// FormsMayLeadTo lets the forms of this page end at another site too (CSP level 3, form-action, which a redirect counts
// for); everything else stays as strict as it is.
func FormsMayLeadTo(c *fiber.Ctx, origin string) {
	policy := c.GetRespHeader(fiber.HeaderContentSecurityPolicy)
	c.Set(fiber.HeaderContentSecurityPolicy, strings.Replace(policy, "form-action 'self'", "form-action 'self' "+origin, 1))
}

// ForPeople reports whether whoever asks reads pages; a program that takes anything is a program.
func ForPeople(c *fiber.Ctx) bool {
	return c.Accepts(fiber.MIMEApplicationJSON, fiber.MIMETextHTML) == fiber.MIMETextHTML
}

// SeeOther sends the browser on after a form: the page it lands on can be reloaded without asking twice.
func SeeOther(c *fiber.Ctx, path string) error { return c.Redirect(path, http.StatusSeeOther) }
