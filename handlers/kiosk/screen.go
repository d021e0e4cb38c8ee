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
	view "github.com/kaopass/kaopass/views/kiosk"
)

// screen is the kiosk as it waits: for a member of staff, or for the next visitor.
func (k *Kiosk) screen(c *fiber.Ctx, _ kaopass.Device) error {
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
	w := views.Speak(access.Language(c))
	m.Page = views.Page{Words: w, Title: w.T("kiosk.title"), Path: "/kiosk", Audience: views.ForDevice, Languages: views.VisitorLanguages(),
		Styles: []string{"css/kiosk.css"}}
	m.Device = access.Device(c).Name
	if m.Helper == "" {
		return respond.Page(c, status, view.SignIn(m))
	}
	m.Page.Scripts = []string{"js/kiosk-wait.js"}
	return respond.Page(c, status, view.Waiting(m))
}
