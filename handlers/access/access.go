// Package access answers, before a handler runs, who is asking, whether they may, and how often.
//
// A visitor and a member of staff come with a session cookie, a device with a bearer token or, when it is one of our own
// screens, with a cookie that its scripts cannot read. What stays true: a token is looked up on every request, so that
// what was revoked a moment ago is refused now; and a request that changes something comes from our own pages.
package access

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/respond"
)

// Access knows how to find out who is asking.
type Access struct {
	DB     *db.DB
	Secure bool // cookies are sent over HTTPS only

	inFlight sync.Map // kaopass.Key without its body → struct{}: requests being answered by this process
}

// The cookies. Each holds a random token of which the database keeps a hash.
const (
	visitorCookie = "kaopass_visitor"
	staffCookie   = "kaopass_staff"
	deviceCookie  = "kaopass_device"
	helperCookie  = "kaopass_helper" // staff at a kiosk; sent to helperPath only, so that a visitor there is not staff in the console
	langCookie    = "kaopass_lang"
)

// Where a middleware leaves what it found.
type local string

const (
	visitorLocal  local = "visitor"
	staffLocal    local = "staff"
	deviceLocal   local = "device"
	keyLocal      local = "key"
	languageLocal local = "language"
	kioskLocal    local = "kiosk"
)

func (a *Access) setCookie(c *fiber.Ctx, name, token, sameSite string, lives time.Duration) {
	c.Cookie(&fiber.Cookie{Name: name, Value: token, Path: cookiePath(name), HTTPOnly: true, Secure: a.Secure, SameSite: sameSite,
		MaxAge: int(lives.Seconds())})
}

func (a *Access) endCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{Name: name, Path: cookiePath(name), HTTPOnly: true, Secure: a.Secure, SameSite: "Lax", MaxAge: -1,
		Expires: time.Unix(1, 0)})
}

// helperPath is where a kiosk's pages for staff are.
const helperPath = "/kiosk"

func cookiePath(name string) string {
	if name == helperCookie {
		return helperPath
	}
	return "/"
}

// SameOrigin refuses a request that changes something and was made by another site (OWASP, "Verifying origin"): it has
// to say that it is of our origin, by Sec-Fetch-Site or else by Origin. Requests with a bearer token carry no cookie
// that could be abused, and pass.
func (a *Access) SameOrigin(c *fiber.Ctx) error {
	if safe(c.Method()) || bearer(c) != "" {
		return c.Next()
	}
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		if site == "same-origin" {
			return c.Next()
		}
		return respond.ForeignOrigin
	}
	origin := c.Get(fiber.HeaderOrigin)
	_, host, _ := strings.Cut(origin, "://")
	cookies := c.Cookies(visitorCookie) + c.Cookies(staffCookie) + c.Cookies(helperCookie) + c.Cookies(deviceCookie)
	if origin != "" && host == string(c.Request().Host()) || origin == "" && cookies == "" {
		return c.Next()
	}
	return respond.ForeignOrigin
}

func safe(method string) bool {
	return method == fiber.MethodGet || method == fiber.MethodHead || method == fiber.MethodOptions
}

func bearer(c *fiber.Ctx) string {
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") || len(token) > tokenMax {
		return ""
	}
	return strings.TrimSpace(token)
}

// tokenMax is the longest token that is looked up, in bytes.
const tokenMax = 256

// Log is the log of requests refused here; nothing of a token is in it.
func refused(c *fiber.Ctx, who string) {
	slog.DebugContext(c.UserContext(), "refused", "who", who, "route", c.Route().Path, "request_id", respond.RequestID(c))
}
