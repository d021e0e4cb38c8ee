package portal

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// Me shows what is kept and every way to take it back.
func (p *Portal) Me(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m := pages.MeModel{Visitor: profile.Visitor, Pays: pays(profile), Passkeys: profile.Passkeys,
		Alike: alike(profile)}
	if profile.Enrolment != nil {
		m.FaceSince = profile.Enrolment.Created
	}
	wards, err := p.DB.Wards(c.UserContext(), profile.Visitor.ID)
	if err != nil {
		return err
	}
	m.Wards = len(wards) > 0
	for _, purpose := range kaopass.Purposes() {
		m.Purposes = append(m.Purposes, pages.PurposeLine{Purpose: purpose, Consent: profile.Consents[purpose],
			Newer: p.Texts.Newer(profile.Consents[purpose])})
	}
	return respond.Page(c, http.StatusOK, pages.Me(p.page(c, "data.title"), m))
}

// Language changes the language of pages and of what gates and tills say.
func (p *Portal) Language(c *fiber.Ctx) error {
	language := kaopass.Language(c.FormValue("language"))
	if !slices.Contains(kaopass.Languages(), language) {
		return respond.Field("language", "Not one of our languages.")
	}
	v := access.Visitor(c)
	if err := p.DB.SetProfile(c.UserContext(), v.ID, v.Name, language); err != nil {
		return err
	}
	return respond.SeeOther(c, "/me?lang="+string(language))
}
