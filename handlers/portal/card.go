package portal

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// CardPage asks for a card.
func (p *Portal) CardPage(c *fiber.Ctx) error {
	return p.askCard(c, http.StatusOK, "")
}

// Card hands the number to the card company and keeps the name that it gives back. A number is neither stored nor sent
// back to the page.
func (p *Portal) Card(c *fiber.Ctx) error {
	token, label, err := p.Tokenise(c.FormValue("number"), c.FormValue("expiry"), c.FormValue("cvc"))
	if err != nil {
		return p.askCard(c, http.StatusUnprocessableEntity, "wallet.card.bad")
	}
	if _, err := p.DB.AddCard(c.UserContext(), access.Visitor(c).ID, token, label); err != nil {
		return err
	}
	return respond.SeeOther(c, "/wallet")
}

func (p *Portal) askCard(c *fiber.Ctx, status int, problem string) error {
	m := pages.CardModel{Problem: problem}
	for _, s := range p.SampleCards {
		m.Samples = append(m.Samples, pages.SampleCard{Number: s.Number, Does: s.Does})
	}
	return respond.Page(c, status, pages.Card(p.page(c, "wallet.card.title"), m))
}
