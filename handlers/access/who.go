package access

import (
	"errors"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/respond"
)

// SetVisitor gives the browser a visitor's session.
func (a *Access) SetVisitor(c *fiber.Ctx, token string) {
	a.setCookie(c, visitorCookie, token, "Lax", db.SessionWithin)
}

// EndVisitor takes the session's cookie away; the database ends the session itself.
func (a *Access) EndVisitor(c *fiber.Ctx) { a.endCookie(c, visitorCookie) }

// VisitorToken is the session token that the browser sent, or "".
func (a *Access) VisitorToken(c *fiber.Ctx) string { return token(c, visitorCookie) }

// MayVisitor finds the visitor where there is one, and lets everybody pass.
func (a *Access) MayVisitor() fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := a.findVisitor(c); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		return c.Next()
	}
}

// NeedVisitor lets a signed-in visitor pass; a page sends others to sign in and come back, anything else is a 401.
func (a *Access) NeedVisitor() fiber.Handler {
	return func(c *fiber.Ctx) error {
		err := a.findVisitor(c)
		if errors.Is(err, db.ErrNotFound) {
			return a.signIn(c, "/signin")
		}
		if err != nil {
			return err
		}
		return c.Next()
	}
}

func (a *Access) findVisitor(c *fiber.Ctx) error {
	if _, known := c.Locals(visitorLocal).(kaopass.Visitor); known {
		return nil
	}
	t := token(c, visitorCookie)
	if t == "" {
		return db.ErrNotFound
	}
	v, err := a.DB.Session(c.UserContext(), t)
	if err == nil {
		c.Locals(visitorLocal, v)
	}
	return err
}

// Visitor is who NeedVisitor or MayVisitor found; its ID is empty where nobody is signed in.
func Visitor(c *fiber.Ctx) kaopass.Visitor {
	v, _ := c.Locals(visitorLocal).(kaopass.Visitor)
	return v
}

// SetStaff gives the browser a staff session.
func (a *Access) SetStaff(c *fiber.Ctx, token string) {
	a.setCookie(c, staffCookie, token, "Lax", db.StaffSessionWithin)
}

// EndStaff takes the staff session's cookie away.
func (a *Access) EndStaff(c *fiber.Ctx) { a.endCookie(c, staffCookie) }

// StaffToken is the staff session token that the browser sent, or "".
func (a *Access) StaffToken(c *fiber.Ctx) string { return token(c, staffCookie) }

// NeedStaff lets staff of at least the role pass; a page sends others to signIn, the path of the audience's sign-in.
func (a *Access) NeedStaff(role kaopass.StaffRole, signIn string) fiber.Handler {
	return a.needStaff(staffCookie, role, signIn)
}

// SetHelper gives a kiosk's browser the session of the member of staff who helps there.
func (a *Access) SetHelper(c *fiber.Ctx, token string) {
	a.setCookie(c, helperCookie, token, "Strict", db.StaffSessionWithin)
}

// EndHelper takes the helper's cookie away.
func (a *Access) EndHelper(c *fiber.Ctx) { a.endCookie(c, helperCookie) }

// HelperToken is the helper's session token that a kiosk's browser sent, or "".
func (a *Access) HelperToken(c *fiber.Ctx) string { return token(c, helperCookie) }

// NeedHelper lets staff pass who signed in at this kiosk; Staff answers who.
func (a *Access) NeedHelper() fiber.Handler {
	return a.needStaff(helperCookie, kaopass.GateStaff, helperPath)
}

func (a *Access) needStaff(cookie string, role kaopass.StaffRole, signIn string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		t := token(c, cookie)
		if t == "" {
			return a.signIn(c, signIn)
		}
		s, err := a.DB.StaffSession(c.UserContext(), t)
		switch {
		case errors.Is(err, db.ErrNotFound):
			return a.signIn(c, signIn)
		case err != nil:
			return err
		case !s.May(role):
			refused(c, string(s.ID))
			return respond.Forbidden
		}
		c.Locals(staffLocal, s)
		return c.Next()
	}
}

// MarkKiosk notes where the browser is a kiosk's, so that the visitor's pages are drawn for one: see AtKiosk.
func (a *Access) MarkKiosk(c *fiber.Ctx) error {
	if token(c, deviceCookie) != "" {
		d, err := a.FindDevice(c)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		c.Locals(kioskLocal, d.Role == kaopass.Kiosk)
	}
	return c.Next()
}

// AtKiosk reports whether MarkKiosk found a live kiosk.
func AtKiosk(c *fiber.Ctx) bool {
	kiosk, _ := c.Locals(kioskLocal).(bool)
	return kiosk
}

// Staff is who NeedStaff found.
func Staff(c *fiber.Ctx) kaopass.Staff {
	s, _ := c.Locals(staffLocal).(kaopass.Staff)
	return s
}

// SetDevice gives one of our own screens its token, out of reach of its scripts.
func (a *Access) SetDevice(c *fiber.Ctx, token string) {
	a.setCookie(c, deviceCookie, token, "Strict", deviceCookieLives)
}

// EndDevice takes the screen's token away.
func (a *Access) EndDevice(c *fiber.Ctx) { a.endCookie(c, deviceCookie) }

// deviceCookieLives is longer than a season; a device ends by being revoked.
const deviceCookieLives = 400 * 24 * kaopass.KeyKept

// NeedDevice lets a live device of one of the roles pass; no roles: any.
func (a *Access) NeedDevice(roles ...kaopass.Role) fiber.Handler {
	return func(c *fiber.Ctx) error {
		d, err := a.FindDevice(c)
		switch {
		case errors.Is(err, db.ErrNotFound):
			refused(c, "device")
			return respond.Unauthorised
		case err != nil:
			return err
		case len(roles) > 0 && !slices.Contains(roles, d.Role):
			return respond.Forbidden
		}
		return c.Next()
	}
}

// FindDevice finds the live device that asks, for pages that have something to say where there is none (ErrNotFound).
func (a *Access) FindDevice(c *fiber.Ctx) (kaopass.Device, error) {
	t := bearer(c)
	if t == "" {
		t = token(c, deviceCookie)
	}
	if t == "" {
		return kaopass.Device{}, db.ErrNotFound
	}
	d, err := a.DB.DeviceByToken(c.UserContext(), t)
	if err == nil {
		c.Locals(deviceLocal, d)
	}
	return d, err
}

// Device is which NeedDevice found.
func Device(c *fiber.Ctx) kaopass.Device {
	d, _ := c.Locals(deviceLocal).(kaopass.Device)
	return d
}

func token(c *fiber.Ctx, cookie string) string {
	t := c.Cookies(cookie)
	if len(t) > tokenMax {
		return ""
	}
	return t
}

// signIn sends a page's reader to sign in and come back to where they were; anything else learns that it may not.
func (a *Access) signIn(c *fiber.Ctx, path string) error {
	if c.Method() == fiber.MethodGet && respond.ForPeople(c) {
		return respond.SeeOther(c, path+"?next="+url.QueryEscape(c.OriginalURL()))
	}
	return respond.Unauthorised
}

// Next is where a sign-in page sends its reader on to: a path of ours, or fallback for anything else.
func Next(c *fiber.Ctx, fallback string) string {
	next := c.Query("next", c.FormValue("next"))
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || len(next) < 2 || next[0] != '/' || next[1] == '/' || next[1] == '\\' {
		return fallback
	}
	return next
}
