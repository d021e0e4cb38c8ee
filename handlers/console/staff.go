package console

import (
	"crypto/rand"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

// passwordLetters is the length of a password that we draw: 80 bits in base 32.
const passwordLetters = 16

func (k *Console) staff(c *fiber.Ctx) error { return k.showStaff(c, fiber.StatusOK, view.StaffModel{}) }

func (k *Console) showStaff(c *fiber.Ctx, status int, model view.StaffModel) error {
	all, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	model.Page, model.Staff = page(c, "staff"), all
	return respond.Page(c, status, view.Staff(model))
}

// addStaff adds a person, or draws a new password for one, and shows it this once.
func (k *Console) addStaff(c *fiber.Ctx) error {
	person := kaopass.Staff{
		Login: strings.TrimSpace(c.FormValue("login")), Name: strings.TrimSpace(c.FormValue("name")),
		Role: kaopass.StaffRole(c.FormValue("role")), Language: access.PageLanguage(c),
	}
	if !between(person.Login, 1, placeMax) || !between(person.Name, 1, kaopass.NameMax) || !slices.Contains(kaopass.StaffRoles(), person.Role) {
		return k.showStaff(c, fiber.StatusUnprocessableEntity, view.StaffModel{Wrong: true, Form: person})
	}
	password := rand.Text()[:passwordLetters]
	person, err := k.DB.AddStaff(c.UserContext(), person, password, string(access.Staff(c).ID))
	if err != nil {
		return err
	}
	return k.showStaff(c, fiber.StatusOK, view.StaffModel{Added: person.Login, Password: password})
}
