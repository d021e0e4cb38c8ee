// Package device is how a terminal becomes one of the venue's: it spends a claim code once, gets a token, and may
// exchange that for a new one.
//
// Start at [Device.Routes]. What stays true: a code that is wrong, spent or too old gets the same answer, so that
// guessing learns nothing; an address may guess only so often; and one of our own screens keeps its token in a cookie
// that its scripts cannot read.
package device

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
)

// Device answers terminals that want in.
type Device struct {
	DB *db.DB
}

// Limits of claiming: codes are long and short-lived, and this keeps guessing slow as well.
const (
	ClaimsMax    = 10
	ClaimsWithin = time.Minute
)

// Routes mounts the claim, for terminals and for our own screens, and the exchange of a token.
func (d *Device) Routes(r fiber.Router, a *access.Access) {
	limit, screen := access.LimitByIP(ClaimsMax, ClaimsWithin), screen{d, a}
	r.Post("/v1/devices/claim", limit, d.claim)
	r.Post("/v1/devices/self/roll", a.NeedDevice(), a.Once(false), d.roll)
	r.Post("/device/claim", a.SameOrigin, slow(limit), screen.claim)
}
