// Package portal is the visitor's own pages: signing in, agreeing, showing the face once, keeping a ticket and a wallet,
// and taking all of it back.
//
// Start at [Portal.Routes]: the route table is the table of contents, and each action is a file. Every page is drawn on
// the server and works without JavaScript, except where a camera is needed. What stays true: nothing is captured before
// a consent stands, a form with a mistake comes back with what was typed, and a visitor's page is nobody else's.
package portal

import (
	"crypto/rand"
	"crypto/sha256"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/camera"
	"github.com/kaopass/kaopass/handlers/card"
	"github.com/kaopass/kaopass/handlers/card/stripe"
	"github.com/kaopass/kaopass/matcher"
	"github.com/kaopass/kaopass/views/consent"
)

// Portal is what the visitor's pages need.
type Portal struct {
	DB     *db.DB
	Faces  *matcher.Matcher
	Access *access.Access
	Camera *camera.Camera
	Mail   Messenger
	Inbox  *Inbox // the demo inbox; nil where a gateway delivers
	Cards  db.CardDesk
	// Near finds who of those who pay resembles somebody; nil: the gallery's follower alone does.
	Near db.Near
	// Forget takes somebody out of the gallery of payment at once, who left it by the event of this number.
	Forget func(id kaopass.EnrolmentID, seq int64)
	// Stripe takes a card on a page of its own; nil where the card company is the sandbox.
	Stripe *stripe.Desk
	// Tokenise has the sandbox take a number and name it; label is what a person reads ("Visa ••4242").
	Tokenise    func(number, expiry, cvc string) (token, label string, err error)
	SampleCards []card.Sample // shown where the card company is the sandbox
	// Answered has the sandbox's bank hear from a card's owner, and names the card anew; nil where Stripe does.
	Answered func(token string) (renewed string, ok bool)
	Texts    consent.Library
	Operator consent.Operator
	Issuer   kaopass.Issuer // whom receipts are from
	Origin   string         // the site's public origin, "https://pass.example"; empty: that of each request
}

// formKey is a fresh name for one form that moves money, so that sending it twice is sending it once.
func formKey() string { return rand.Text() }

// keyOf is the idempotency key that a form carried.
func keyOf(c *fiber.Ctx) kaopass.Key {
	name := c.FormValue("key")
	if len(name) > kaopass.KeyMax {
		name = ""
	}
	asked := append([]byte(c.Method()+" "+c.Path()+"\n"), c.Body()...)
	return kaopass.Key{Owner: string(access.Visitor(c).ID), Name: name, Body: sha256.Sum256(asked)}
}
