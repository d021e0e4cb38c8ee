package portal

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/card/stripe"
	"github.com/kaopass/kaopass/handlers/respond"
)

// CardPage asks for a card, or leads to the card company's own page for it.
func (p *Portal) CardPage(c *fiber.Ctx) error {
	return p.askCard(c, http.StatusOK, "")
}

// Card sends the visitor to the card company's page, or hands the number of a test card to the sandbox and keeps the name
// that it gives back. A number is neither stored nor sent back to the page.
func (p *Portal) Card(c *fiber.Ctx) error {
	if p.Stripe != nil {
		return p.leaveForCard(c)
	}
	token, label, err := p.Tokenise(c.FormValue("number"), c.FormValue("expiry"), c.FormValue("cvc"))
	if err != nil {
		return p.askCard(c, http.StatusUnprocessableEntity, "wallet.card.bad")
	}
	_, err = p.DB.AddCard(c.UserContext(), access.Visitor(c).ID, token, label)
	return p.cardKept(c, err)
}

// cardKept goes back to the wallet, or says why the card is not in it.
func (p *Portal) cardKept(c *fiber.Ctx, err error) error {
	var not *db.StateError
	switch {
	case errors.As(err, &not) && not.Status == string(kaopass.MethodNotAllowed):
		return p.askCard(c, http.StatusConflict, "")
	case errors.As(err, &not):
		return p.askCard(c, http.StatusConflict, "wallet.card.full")
	case errors.Is(err, db.ErrNotFound): // payment is not agreed to
		return p.askCard(c, http.StatusNotFound, "")
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/wallet")
}

// leaveForCard goes to the card company. A kiosk stays: another site's page would not be wiped when its visitor leaves.
func (p *Portal) leaveForCard(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if access.AtKiosk(c) || mayNoCards(profile) { // asked before they type it in for nothing
		return p.askCard(c, http.StatusConflict, "")
	}
	origin := p.origin(c)
	address, err := p.Stripe.Form(c.UserContext(), access.Visitor(c).ID, access.Language(c), origin+"/wallet/card/done", origin+"/wallet")
	if errors.Is(err, stripe.ErrAway) {
		return p.cardAway(c, err)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(c, address)
}

// CardDone is where the card company sends the visitor back to. What came of it is asked there, not read from here.
func (p *Portal) CardDone(c *fiber.Ctx) error {
	if p.Stripe == nil {
		return respond.NotFound
	}
	_, err := p.Stripe.Saved(c.UserContext(), access.Visitor(c).ID)
	switch {
	case errors.Is(err, stripe.ErrAway):
		return p.cardAway(c, err)
	case errors.Is(err, db.ErrNotFound): // a form of nobody who pays, or of somebody else
		return respond.SeeOther(c, "/wallet")
	}
	return p.cardKept(c, err)
}
