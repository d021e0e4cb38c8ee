package stripe

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/respond"
)

// Routes takes Stripe's messages, where a signing secret is configured; elsewhere the path does not exist.
func (d *Desk) Routes(r fiber.Router) {
	if d.Notices() {
		r.Post("/v1/webhooks/stripe", d.webhook)
	}
}

// webhook answers 204 only when the message is stored; anything else has Stripe send it again.
func (d *Desk) webhook(c *fiber.Ctx) error {
	if len(c.Body()) > NoticeMax {
		return c.SendStatus(http.StatusRequestEntityTooLarge)
	}
	err := d.Take(c.UserContext(), c.Body(), c.Get("Stripe-Signature"))
	if errors.Is(err, ErrSignature) {
		return respond.Problem{Status: http.StatusBadRequest, Code: "signature_wrong", Title: "This is not signed by the card company, or not lately."}
	}
	if err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}
