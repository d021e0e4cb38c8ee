package portal

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// SignInPage asks for an address to send the six digits to.
func (p *Portal) SignInPage(c *fiber.Ctx) error {
	return p.askContact(c, http.StatusOK, pages.SignInModel{Lost: c.Query("lost") != ""})
}

// SignIn sends six digits to the address.
func (p *Portal) SignIn(c *fiber.Ctx) error {
	typed := c.FormValue("contact")
	contact, ok := kaopass.Contact(typed)
	if !ok {
		return p.askContact(c, http.StatusUnprocessableEntity, pages.SignInModel{Typed: typed, Problem: "portal.signin.bad"})
	}
	code, err := p.DB.RequestSignIn(c.UserContext(), contact)
	if err != nil {
		return err
	}
	if code.Reason != "" {
		c.Set(fiber.HeaderRetryAfter, retryAfter(code.RetryAfter))
		return p.askContact(c, http.StatusTooManyRequests, pages.SignInModel{Typed: typed, Wait: code.RetryAfter})
	}
	if problem := p.send(c, code); problem != "" {
		return p.askContact(c, http.StatusUnprocessableEntity, pages.SignInModel{Typed: typed, Problem: problem})
	}
	p.keepContact(c, contact)
	return respond.SeeOther(c, withNext(c, "/signin/code"))
}

// send answers the key of a sentence where the digits could not be sent.
func (p *Portal) send(c *fiber.Ctx, code db.SignInCode) string {
	err := p.Mail.Send(c.UserContext(), code.Contact, access.Language(c), code.Code)
	switch {
	case errors.Is(err, ErrNoGateway):
		return "portal.signin.noPhone"
	case err != nil:
		slog.ErrorContext(c.UserContext(), "a sign-in code was not sent", "request_id", respond.RequestID(c), "error", err)
		return "portal.signin.notSent"
	}
	return ""
}

func (p *Portal) askContact(c *fiber.Ctx, status int, m pages.SignInModel) error {
	m.Next, m.Demo = access.Next(c, ""), p.Inbox != nil
	return respond.Page(c, status, pages.SignIn(with(p.page(c, "portal.signin.title"), "js/passkey.js"), m))
}

// contactCookie carries the address from one page to the next: an address has no place in a URL.
const contactCookie = "kaopass_signin"

func (p *Portal) keepContact(c *fiber.Ctx, contact string) {
	c.Cookie(&fiber.Cookie{Name: contactCookie, Value: base64.RawURLEncoding.EncodeToString([]byte(contact)), Path: "/signin",
		HTTPOnly: true, Secure: p.Access.Secure, SameSite: "Lax", MaxAge: int(db.SignInWithin.Seconds())})
}

// keptContact is the address that the digits went to, or "".
func keptContact(c *fiber.Ctx) string {
	raw, err := base64.RawURLEncoding.DecodeString(c.Cookies(contactCookie))
	if err != nil {
		return ""
	}
	contact, ok := kaopass.Contact(string(raw))
	if !ok {
		return ""
	}
	return contact
}

func (p *Portal) dropContact(c *fiber.Ctx) {
	c.Cookie(&fiber.Cookie{Name: contactCookie, Path: "/signin", HTTPOnly: true, Secure: p.Access.Secure, SameSite: "Lax",
		MaxAge: -1, Expires: time.Unix(1, 0)})
}
