package portal

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// letterWithin bounds the gateway's work on a letter that nobody waits for.
const letterWithin = 30 * time.Second

// TwicePage asks whether the visitor had enrolled before; nobody who was not found to have is asked.
func (p *Portal) TwicePage(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if !profile.Twice {
		return respond.SeeOther(c, "/next?after=twice")
	}
	return p.askTwice(c, http.StatusOK, pages.TwiceModel{Sent: c.Query("sent") != ""})
}

// NotTwice is "that was not me".
func (p *Portal) NotTwice(c *fiber.Ctx) error {
	if err := p.DB.NotTwice(c.UserContext(), access.Visitor(c).ID); err != nil {
		return err
	}
	return respond.SeeOther(c, "/next?after=twice")
}

// AskRecovery is "that was me": digits go to the address of the first account. The answer is the same, and as quick,
// whether or not there is one.
func (p *Portal) AskRecovery(c *fiber.Ctx) error {
	if access.AtKiosk(c) {
		return respond.NotFound // a session of one's own has no place on a screen that many fingers touch
	}
	letter, err := p.DB.AskRecovery(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if letter.Reason != "" {
		c.Set(fiber.HeaderRetryAfter, retryAfter(letter.RetryAfter))
		return p.askTwice(c, http.StatusTooManyRequests, pages.TwiceModel{Sent: true, Wait: letter.RetryAfter})
	}
	if letter.Contact != "" {
		go p.post(context.WithoutCancel(c.UserContext()), letter)
	}
	return respond.SeeOther(c, "/twice?sent=1")
}

// post sends a letter behind the visitor's back: how long it takes would tell that there is an address.
func (p *Portal) post(ctx context.Context, letter db.Letter) {
	ctx, cancel := context.WithTimeout(ctx, letterWithin)
	defer cancel()
	if err := p.Mail.Send(ctx, letter.Contact, letter.Language, letter.Code); err != nil {
		slog.ErrorContext(ctx, "a letter to a first account was not sent", "error", err)
	}
}

// Recover signs in to the first account with the digits of the letter.
func (p *Portal) Recover(c *fiber.Ctx) error {
	if access.AtKiosk(c) {
		return respond.NotFound
	}
	in, left, err := p.DB.Recover(c.UserContext(), access.Visitor(c).ID, digits(c.FormValue("code")))
	if err != nil {
		return err
	}
	if in.Reason != "" {
		return p.askTwice(c, http.StatusUnprocessableEntity, pages.TwiceModel{Sent: true, Wrong: true})
	}
	p.Forget(left.Enrolment, left.Seq)
	if err := p.openSession(c, in.Token); err != nil {
		return err
	}
	return respond.SeeOther(c, "/home")
}

func (p *Portal) askTwice(c *fiber.Ctx, status int, m pages.TwiceModel) error {
	m.Kiosk, m.Desk, m.Demo = access.AtKiosk(c), p.Operator.Contact, p.Inbox != nil
	return respond.Page(c, status, pages.Twice(p.page(c, "alike.twice.title"), m))
}
