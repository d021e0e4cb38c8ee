// Package kiosk is a screen at which staff help people enrol who cannot do it on a phone: it opens the visitor's own
// pages for the person in front of it, and forgets that person at the end.
//
// Start at [Kiosk.Routes]. A kiosk is a claimed device, a member of staff is signed in at it, and only then does it open
// an account. What stays true: what is signed and kept is what the portal keeps, under the same rules; the enrolment says
// who helped; and nothing of a visitor is left in the browser when the next one comes.
package kiosk

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/camera"
)

// Kiosk answers the help desk's screen.
type Kiosk struct {
	DB     *db.DB
	Access *access.Access
	Camera *camera.Camera
	Near   db.Near // finds who of those who pay resembles somebody; nil: the gallery's follower alone does
}

// Limits of signing in at a kiosk, by address; the database counts by login as well.
const (
	signInsMax    = 20
	signInsWithin = 15 * time.Minute
)

// Routes mounts the kiosk. The visitor's pages are the portal's.
func (k *Kiosk) Routes(app fiber.Router) {
	desk := k.Access.NeedDevice(kaopass.Kiosk)
	helper, visitor := k.Access.NeedHelper(), k.Access.NeedVisitor()

	r := app.Group("/kiosk")
	r.Get("/", k.Access.Screen(kaopass.Kiosk, k.screen))
	r.Post("/signin", desk, access.LimitByIP(signInsMax, signInsWithin), k.signIn)
	r.Post("/signout", desk, helper, k.signOut)
	r.Post("/begin", desk, helper, k.begin)
	r.Post("/end", k.end)
	r.Get("/capture", desk, helper, visitor, k.capturePage)
	k.Camera.Mount(r.Group("/capture", desk, helper, visitor), camera.Host{Who: k.captured, Finish: k.enrol, Ended: k.captureEnded})
}
