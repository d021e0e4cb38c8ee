// Package gate is what a turnstile speaks and what its lane screen shows: one photo and one ticket in, one verdict out.
//
// Start at [Gate.Routes]. What stays true: a refusal is a 200 with its reason, so that a terminal's error handling is
// never the guest's problem; a face is read only for a text that has the form of a ticket, and compared only when
// everything else stands; and every attempt is recorded, whatever came of it.
package gate

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/matcher"
)

// Gate answers gates.
type Gate struct {
	Faces *matcher.Matcher
	DB    *db.DB

	clocks clocks
}

// Limits of one gate: a lane takes a person every three seconds or so; a controller may speak for twenty lanes, and a
// token that somebody took away may not keep the models from everybody else.
const (
	AttemptsMax    = 1200
	AttemptsWithin = time.Minute
)

// Routes mounts the calls of PROTOCOL, "Gate", and the lane screen.
func (g *Gate) Routes(r fiber.Router, a *access.Access) {
	gate, once := a.NeedDevice(kaopass.Gate), a.Once(true)
	limit := access.LimitByCaller(AttemptsMax, AttemptsWithin)
	r.Post("/v1/admissions", gate, limit, once, g.admit)
	r.Post("/v1/admissions/:id/passed", gate, once, g.passed)
	r.Post("/v1/admissions/:id/undo", gate, once, g.undo)
	r.Get("/v1/gate", gate, g.status)
	r.Get("/gate", a.Screen(kaopass.Gate, screen))
}
