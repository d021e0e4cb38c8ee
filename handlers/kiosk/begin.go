package kiosk

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/kiosk"
)

// begin opens the account of the person in front of the kiosk: the one of the contact, or a fresh one without any.
// That staff opened an account is an event that its owner sees.
func (k *Kiosk) begin(c *fiber.Ctx) error {
	staff, typed := access.Staff(c), strings.TrimSpace(c.FormValue("contact"))
	contact, ok := kaopass.Contact(typed)
	if typed != "" && !ok {
		return k.show(c, http.StatusUnprocessableEntity, view.Model{Helper: staff.Name, Contact: typed, Wrong: true})
	}
	in, err := k.DB.Assist(c.UserContext(), staff, contact, access.Language(c))
	if err != nil {
		return err
	}
	k.Access.SetVisitor(c, in.Token)
	return respond.SeeOther(c, "/next")
}

// end forgets the person: session, cookie, and all that the browser kept (W3C, Clear-Site-Data).
func (k *Kiosk) end(c *fiber.Ctx) error {
	if token := k.Access.VisitorToken(c); token != "" {
		if err := k.DB.SignOut(c.UserContext(), token); err != nil {
			return err
		}
	}
	k.Access.EndVisitor(c)
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	return respond.SeeOther(c, "/kiosk")
}
