package portal

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// ageOld is how the form says "16 or older"; ageYoung, "under 16".
const (
	ageOld   = "16"
	ageYoung = "15"
)

// ChoicePage offers each purpose, nothing chosen, beside the way without the face.
func (p *Portal) ChoicePage(c *fiber.Ctx) error {
	return p.askChoice(c, http.StatusOK, pages.ChoiceModel{})
}

// Choice goes on to the signature; nothing is kept yet.
func (p *Portal) Choice(c *fiber.Ctx) error {
	chosen, age := purposes(c), c.FormValue("age")
	m := pages.ChoiceModel{Chosen: chosen, Age: age}
	switch {
	case age == ageYoung && access.AtKiosk(c) && len(chosen) > 0:
		return respond.SeeOther(c, "/kiosk/guardian?"+chosenQuery(chosen, age))
	case age == ageYoung:
		return respond.Page(c, http.StatusOK, pages.Young(p.page(c, "consent.young.title")))
	case len(chosen) == 0:
		m.Problem = "consent.choice.needOne"
	case age != ageOld:
		m.Problem = "consent.choice.needAge"
	}
	if m.Problem != "" {
		return p.askChoice(c, http.StatusUnprocessableEntity, m)
	}
	return respond.SeeOther(c, "/sign?"+chosenQuery(chosen, age))
}

func (p *Portal) askChoice(c *fiber.Ctx, status int, m pages.ChoiceModel) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m.Standing = standing(profile)
	for _, given := range m.Standing {
		if p.Texts.Newer(given) {
			m.Newer = append(m.Newer, given.Purpose)
		}
	}
	return respond.Page(c, status, pages.Choice(p.page(c, "consent.choice.title"), m))
}

// standing are the consents in force, in the order of kaopass.Purposes.
func standing(p db.Profile) []kaopass.Consent {
	var in []kaopass.Consent
	for _, purpose := range kaopass.Purposes() {
		if given := p.Consents[purpose]; given.Stands() {
			in = append(in, given)
		}
	}
	return in
}

// purposes reads the purposes that a request names, in query or form, each at most once.
func purposes(c *fiber.Ctx) []kaopass.Purpose {
	var chosen []kaopass.Purpose
	for _, purpose := range kaopass.Purposes() {
		if c.FormValue(string(purpose), c.Query(string(purpose))) != "" {
			chosen = append(chosen, purpose)
		}
	}
	return chosen
}

// mayBeSigned reports whether somebody of the age that was said may go on to the signature: alone from 16, younger where a
// guardian signed at a desk.
func (p *Portal) mayBeSigned(c *fiber.Ctx, age string) (bool, error) {
	if age != ageYoung {
		return age == ageOld, nil
	}
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	return profile.Guardian != nil, err
}

// chosenQuery writes them for the next page, which can then be reloaded. The age is said again there.
func chosenQuery(chosen []kaopass.Purpose, age string) string {
	q := url.Values{"age": {age}}
	for _, purpose := range chosen {
		q.Set(string(purpose), "on")
	}
	return q.Encode()
}
