package portal

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// resendAfter is how long the page waits before it offers new digits: most messages are there by then.
const resendAfter = 30 * time.Second

// SignInCodePage asks for the six digits.
func (p *Portal) SignInCodePage(c *fiber.Ctx) error {
	if keptContact(c) == "" {
		return respond.SeeOther(c, "/signin?lost=1")
	}
	return p.askCode(c, http.StatusOK, pages.SignInCodeModel{})
}

// SignInCode spends the digits and opens a session; the session of whoever was signed in here before ends.
func (p *Portal) SignInCode(c *fiber.Ctx) error {
	contact, code := keptContact(c), digits(c.FormValue("code"))
	if contact == "" {
		return respond.SeeOther(c, "/signin?lost=1")
	}
	if len(code) != 6 {
		return p.askCode(c, http.StatusUnprocessableEntity, pages.SignInCodeModel{Problem: "portal.code.bad"})
	}
	in, err := p.DB.SignIn(c.UserContext(), contact, code, access.Language(c))
	if err != nil {
		return err
	}
	if in.Reason != "" {
		return p.askCode(c, refusalStatus(in.Reason), pages.SignInCodeModel{Reason: in.Reason})
	}
	if err := p.openSession(c, in.Token); err != nil {
		return err
	}
	if in.New {
		return respond.SeeOther(c, withNext(c, "/signin/passkey"))
	}
	return respond.SeeOther(c, access.Next(c, "/home"))
}

// openSession rotates: a token that was in the browser before is worth nothing afterwards (OWASP, session fixation).
func (p *Portal) openSession(c *fiber.Ctx, token string) error {
	if before := p.Access.VisitorToken(c); before != "" {
		if err := p.DB.SignOut(c.UserContext(), before); err != nil {
			return err
		}
	}
	p.dropContact(c)
	p.Access.SetVisitor(c, token)
	return nil
}

func (p *Portal) askCode(c *fiber.Ctx, status int, m pages.SignInCodeModel) error {
	m.Contact, m.Next, m.Demo, m.Wait = keptContact(c), access.Next(c, ""), p.Inbox != nil, resendAfter
	return respond.Page(c, status, pages.SignInCode(p.page(c, "portal.code.title"), m))
}

// refusalStatus is the status of a page that comes back with a refusal.
func refusalStatus(r kaopass.Reason) int {
	if r == kaopass.TooManyTries {
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// digits keeps what people mean when they type or paste a number: full-width digits count; spaces, hyphens and what
// people write around an amount do not.
func digits(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case strings.ContainsRune(" -　,，¥￥円日元엔\t\r\n", r):
			return -1
		}
		return 'x' // stays in the length, and is no digit
	}, typed)
}

// retryAfter writes a wait for the header, in whole seconds, at least one.
func retryAfter(wait time.Duration) string { return strconv.Itoa(max(1, int(wait.Seconds()))) }
