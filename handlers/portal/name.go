package portal

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// nameRunesMax is the longest name, in characters; in bytes it is kaopass.NameMax.
const nameRunesMax = 40

// NamePage asks for the name.
func (p *Portal) NamePage(c *fiber.Ctx) error {
	return p.askName(c, http.StatusOK, pages.NameModel{Typed: access.Visitor(c).Name})
}

// Name keeps it.
func (p *Portal) Name(c *fiber.Ctx) error {
	v := access.Visitor(c)
	name := tidy(c.FormValue("name"))
	if name == "" || utf8.RuneCountInString(name) > nameRunesMax || len(name) > kaopass.NameMax {
		return p.askName(c, http.StatusUnprocessableEntity, pages.NameModel{Typed: name, Problem: "portal.name.bad"})
	}
	if err := p.DB.SetProfile(c.UserContext(), v.ID, name, v.Language); err != nil {
		return err
	}
	return respond.SeeOther(c, access.Next(c, "/next?after=name"))
}

func (p *Portal) askName(c *fiber.Ctx, status int, m pages.NameModel) error {
	m.Next = access.Next(c, "")
	return respond.Page(c, status, pages.Name(p.page(c, "portal.name.title"), m))
}

// tidy drops what nobody means to type: control characters, runs of spaces, and marks that turn the writing direction of
// everything after them (Unicode TR 36, 2.5).
func tidy(typed string) string {
	if !utf8.ValidString(typed) {
		return ""
	}
	kept := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, typed)
	return strings.Join(strings.Fields(kept), " ")
}
