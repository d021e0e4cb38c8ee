package kiosk

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	claim "github.com/kaopass/kaopass/views/device"
	view "github.com/kaopass/kaopass/views/kiosk"
)

// screen is the kiosk as it waits: for its claim code, for a member of staff, or for the next visitor.
func (k *Kiosk) screen(c *fiber.Ctx) error {
	device, err := k.Access.FindDevice(c)
	switch {
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return err
	case err != nil || device.Role != kaopass.Kiosk:
		return respond.Page(c, http.StatusOK, claim.Claim{Words: views.Speak(access.PageLanguage(c)),
			Path: c.OriginalURL(), Role: kaopass.Kiosk, Other: device}.Page())
	}
	staff, err := k.DB.StaffSession(c.UserContext(), k.Access.HelperToken(c))
	if errors.Is(err, db.ErrNotFound) {
		return k.show(c, http.StatusOK, view.Model{})
	}
	if err != nil {
		return err
	}
	return k.show(c, http.StatusOK, view.Model{Helper: staff.Name})
}

// show draws the waiting kiosk; without a helper it asks for one.
func (k *Kiosk) show(c *fiber.Ctx, status int, m view.Model) error {
	w := views.Speak(access.PageLanguage(c))
	m.Page = views.Page{Words: w, Title: w.T("kiosk.title"), Path: "/kiosk", Audience: views.ForDevice,
		Styles: []string{"css/kiosk.css"}}
	m.Device = access.Device(c).Name
	if m.Helper == "" {
		return respond.Page(c, status, view.SignIn(m))
	}
	m.Page.Scripts = []string{"js/kiosk-wait.js"}
	return respond.Page(c, status, view.Waiting(m))
}
