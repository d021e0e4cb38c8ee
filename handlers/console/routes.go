// Package console is the control room: what happens at the venue now, its devices, its visitors' troubles, and the audit
// log, for staff who signed in.
//
// Start at [Console.Routes]: the table of its pages. What stays true: everything has a URL, looking a visitor up is
// itself an event that the visitor can see, and live figures are read from the same events as the audit log.
package console

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/matcher"
)

// Console answers the control room's pages.
type Console struct {
	DB     *db.DB
	Access *access.Access
	Queue  func() matcher.QueueStats // the faces that wait
	Live   *Live
	Judge  Judge
	Books  db.CardBooks // the card company's
	URL    string       // where devices reach us, for the claim QR code
	Cards  db.CardDesk  // gives money back
}

// signInPath is where staff sign in.
const signInPath = "/console/signin"

// signInsMax is how many sign-ins one address may try within signInsWithin; the database counts by login as well.
const (
	signInsMax    = 20
	signInsWithin = 15 * time.Minute
)

// Routes mounts the console: who may is said beside each page.
func (k *Console) Routes(app fiber.Router) {
	viewer := k.Access.NeedStaff(kaopass.Viewer, signInPath)
	manager := k.Access.NeedStaff(kaopass.Manager, signInPath)
	admin := k.Access.NeedStaff(kaopass.Admin, signInPath)

	r := app.Group("/console")
	r.Get("/signin", k.signInPage)
	r.Post("/signin", access.LimitByIP(signInsMax, signInsWithin), k.signIn)
	r.Post("/signout", viewer, k.signOut)

	r.Get("/", viewer, k.board)
	r.Get("/live", viewer, k.live)

	r.Get("/devices", viewer, k.devices)
	r.Get("/devices/:id", viewer, k.device)
	r.Post("/devices", admin, k.addDevice)
	r.Post("/devices/:id/claim", admin, k.claimCode)
	r.Post("/devices/:id/revoke", admin, k.revokeDevice)

	r.Get("/visitors", manager, k.visitors)
	r.Post("/visitors", manager, k.findVisitors)
	r.Post("/visitors/:id/freeze", manager, k.freeze)
	r.Post("/tickets", manager, k.issueTickets)
	r.Get("/tickets", manager, k.tickets)
	r.Post("/tickets/:id/revoke", manager, k.revokeTicket)

	r.Post("/visitors/:id/allowance", manager, k.allow)

	r.Get("/disputes", manager, k.disputes)
	r.Get("/disputes/:id", manager, k.dispute)
	r.Post("/disputes/:id/assign", manager, k.assignDispute)
	r.Post("/disputes/:id/refund", manager, k.refundDispute)
	r.Post("/disputes/:id/reject", manager, k.rejectDispute)
	r.Get("/cards", manager, k.cards)
	r.Post("/cards/:charge", manager, k.settleCard)
	r.Get("/limits", viewer, k.limits)
	r.Post("/limits", admin, k.setLimits)
	r.Post("/tills/:id/clear", manager, k.clearTill)

	r.Get("/events", viewer, k.events)
	r.Get("/events.csv", manager, k.eventsCSV)

	r.Get("/settlement", manager, k.settlement)
	r.Post("/settlement", manager, k.closeDay)
	r.Get("/settlement.csv", manager, k.settlementCSV)

	r.Get("/fees", manager, k.fees)
	r.Post("/fees", admin, k.setFee)
	r.Get("/due", manager, k.dues)
	r.Get("/due/:id", manager, k.due)
	r.Post("/due/:id", manager, k.payOut)
	r.Get("/visitors/:id/topups", manager, k.topUps)
	r.Post("/visitors/:id/topups", manager, k.refundTopUp)

	r.Get("/policy", admin, k.policy)
	r.Post("/policy/:id", admin, k.decidePolicy)

	r.Get("/staff", admin, k.staff)
	r.Post("/staff", admin, k.addStaff)
}
