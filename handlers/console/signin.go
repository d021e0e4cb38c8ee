package console

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

func (k *Console) signInPage(c *fiber.Ctx) error { return k.showSignIn(c, http.StatusOK, "", "") }

func (k *Console) showSignIn(c *fiber.Ctx, status int, login string, reason kaopass.Reason) error {
	return respond.Page(c, status, view.SignIn(view.SignInModel{
		Page: page(c, "signin"), Action: signInPath, Login: login, Next: access.Next(c, "/console"), Reason: reason,
	}))
}

// signIn checks login and password and opens a fresh session.
func (k *Console) signIn(c *fiber.Ctx) error {
	login, password := c.FormValue("login"), c.FormValue("password")
	in, err := k.DB.StaffSignIn(c.UserContext(), login, password)
	if err != nil {
		return err
	}
	switch in.Reason {
	case "":
	case kaopass.TooManyTries:
		return k.showSignIn(c, http.StatusTooManyRequests, login, in.Reason)
	default:
		return k.showSignIn(c, http.StatusUnprocessableEntity, login, in.Reason)
	}
	k.Access.SetStaff(c, in.Token)
	return respond.SeeOther(c, access.Next(c, "/console"))
}

// signOut ends the session.
func (k *Console) signOut(c *fiber.Ctx) error {
	if err := k.DB.StaffSignOut(c.UserContext(), k.Access.StaffToken(c)); err != nil {
		return err
	}
	k.Access.EndStaff(c)
	return respond.SeeOther(c, signInPath)
}
