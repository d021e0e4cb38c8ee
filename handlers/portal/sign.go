package portal

import (
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views/consent"
	pages "github.com/kaopass/kaopass/views/portal"
)

// strokesMin is the shortest drawing that counts as a signature, in points: a tap is none.
const strokesMin = 8

// SignPage shows what is signed and a place to sign.
func (p *Portal) SignPage(c *fiber.Ctx) error {
	may, err := p.mayBeSigned(c, c.Query("age"))
	if err != nil {
		return err
	}
	if len(purposes(c)) == 0 || !may {
		return respond.SeeOther(c, "/choice")
	}
	return p.askSignature(c, http.StatusOK, pages.SignModel{Age: c.Query("age")})
}

// Sign gives the consents: under exactly the texts that were on the page, or not at all.
func (p *Portal) Sign(c *fiber.Ctx) error {
	texts := p.texts(c)
	may, err := p.mayBeSigned(c, c.FormValue("age"))
	if err != nil {
		return err
	}
	if len(texts) == 0 || !may {
		return respond.SeeOther(c, "/choice")
	}
	method, mark := signature(c)
	m := pages.SignModel{Name: c.FormValue("typed"), Age: c.FormValue("age")}
	if method == "" {
		m.Problem = "consent.sign.empty"
	}
	given := make([]kaopass.Consent, len(texts))
	for i, t := range texts {
		if c.FormValue("text_"+string(t.Purpose)) != t.Hash {
			m.Problem = "consent.sign.changed"
		}
		given[i] = kaopass.Consent{Purpose: t.Purpose, TextVersion: t.Version, TextHash: t.Hash, Language: t.Language,
			Method: method, Mark: mark, SignedAt: time.Now()}
	}
	if m.Problem != "" {
		return p.askSignature(c, http.StatusUnprocessableEntity, m)
	}
	if err := p.DB.GiveConsents(c.UserContext(), access.Visitor(c).ID, given); err != nil {
		return err
	}
	return respond.SeeOther(c, "/signed")
}

func (p *Portal) askSignature(c *fiber.Ctx, status int, m pages.SignModel) error {
	m.Texts = p.texts(c)
	return respond.Page(c, status, pages.Sign(with(p.page(c, "consent.sign.title"), "js/sign.js"), m))
}

// texts are the documents of the purposes that the request names, in the language of the page.
func (p *Portal) texts(c *fiber.Ctx) []consent.Document {
	var texts []consent.Document
	for _, purpose := range purposes(c) {
		if t, ok := p.Texts.Text(purpose, access.Language(c)); ok {
			texts = append(texts, t)
		}
	}
	return texts
}

// signature reads how the form was signed: drawn where there is a drawing, else typed; no method where neither is.
func signature(c *fiber.Ctx) (kaopass.SignMethod, string) {
	drawn, typed := strings.TrimSpace(c.FormValue("drawn")), tidy(c.FormValue("typed"))
	switch {
	case isDrawing(drawn):
		return kaopass.SignedDrawn, strings.Clone(drawn)
	case typed != "" && len(typed) <= kaopass.NameMax:
		return kaopass.SignedTyped, typed
	}
	return "", ""
}

// isDrawing accepts SVG path data (SVG 2, 9.3) of lines in whole numbers, and nothing that could be anything else.
func isDrawing(mark string) bool {
	points := strings.Count(mark, "L") + strings.Count(mark, "M")
	return points >= strokesMin && len(mark) <= kaopass.SignMarkMax && mark[0] == 'M' && strings.Trim(mark, "ML0123456789 ") == ""
}
