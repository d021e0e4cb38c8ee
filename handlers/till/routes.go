// Package till is what a point of sale speaks and what the till screen shows: an amount, a face, perhaps a code, a
// method, and money that moved exactly once.
//
// Start at [Till.Routes]; the states are [kaopass.PaymentStatus]. What stays true: a till that lost an answer asks again
// with the same key and gets the same answer; a payment of another till does not exist for this one; cancelling is never
// refused; and no answer holds a code, a face or more of a name than its initials.
package till

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/matcher"
)

// Till answers tills.
type Till struct {
	Faces *matcher.Matcher
	DB    *db.DB
	Desk  db.CardDesk

	Issuer kaopass.Issuer // whom receipts are from
}

// Limits of one till: a sale is half a dozen calls; one program may speak for the counters of a hall.
const (
	CallsMax    = 1200
	CallsWithin = time.Minute
)

// Routes mounts the calls of PROTOCOL, "Till", and the till screen.
func (t *Till) Routes(r fiber.Router, a *access.Access) {
	till, once := a.NeedDevice(kaopass.Till), a.Once(true)
	limit := access.LimitByCaller(CallsMax, CallsWithin)
	r.Post("/v1/payments", till, limit, once, t.create)
	r.Post("/v1/payments/:id/face", till, limit, once, t.face)
	r.Post("/v1/payments/:id/code", till, limit, once, t.code)
	r.Post("/v1/payments/:id/confirm", till, limit, once, t.confirm)
	r.Post("/v1/payments/:id/capture", till, limit, once, t.capture)
	r.Post("/v1/payments/:id/void", till, limit, once, t.void)
	r.Post("/v1/payments/:id/cancel", till, once, t.cancel)
	r.Post("/v1/payments/:id/refunds", till, limit, once, t.refund)
	r.Get("/v1/payments/:id/receipt", till, t.receipt)
	r.Post("/v1/payments/:id/receipt/printed", till, limit, once, t.printed)
	r.Get("/v1/payments/:id", till, t.payment)
	r.Get("/v1/payments", till, t.payments)
	r.Get("/v1/till", till, t.status)
	r.Get("/v1/till/day", till, t.day)
	r.Post("/v1/till/totals", till, limit, once, t.totals)
	r.Get("/till", a.Screen(kaopass.Till, screen))
}
