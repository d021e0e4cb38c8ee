package kiosk

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/kiosk"
)

// signIn lets a member of staff help at this kiosk.
func (k *Kiosk) signIn(c *fiber.Ctx) error {
	login := c.FormValue("login")
	in, err := k.DB.StaffSignIn(c.UserContext(), login, c.FormValue("password"))
	switch {
	case err != nil:
		return err
	case in.Reason == kaopass.TooManyTries:
		return k.show(c, http.StatusTooManyRequests, view.Model{Login: login, Reason: in.Reason})
	case in.Reason != "":
		return k.show(c, http.StatusUnprocessableEntity, view.Model{Login: login, Reason: in.Reason})
	}
	k.Access.SetHelper(c, in.Token)
	return respond.SeeOther(c, "/kiosk")
}

// signOut ends the helper's session; the kiosk waits for the next one.
func (k *Kiosk) signOut(c *fiber.Ctx) error {
	if err := k.DB.StaffSignOut(c.UserContext(), k.Access.HelperToken(c)); err != nil {
		return err
	}
	k.Access.EndHelper(c)
	return respond.SeeOther(c, "/kiosk")
}
