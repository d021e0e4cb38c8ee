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
	pages "github.com/kaopass/kaopass/views/portal"
)

// Owner sends the owner of a card to its bank, which asked for them: by the card company's own page, or to the sandbox's
// stand-in. A page that was filled in before is taken first, so that nobody answers twice.
func (p *Portal) Owner(c *fiber.Ctx) error {
	if access.AtKiosk(c) {
		return p.showWallet(c, http.StatusConflict, pages.WalletModel{})
	}
	if p.Stripe != nil {
		if _, err := p.Stripe.Saved(c.UserContext(), access.Visitor(c).ID); err != nil && !errors.Is(err, db.ErrNotFound) {
			return p.ownerAway(c, err)
		}
	}
	card, err := p.askedCard(c, c.FormValue("method"))
	if err != nil {
		return err
	}
	if card.ID == "" { // it pays again
		return respond.SeeOther(c, "/wallet")
	}
	if p.Stripe == nil {
		return respond.SeeOther(c, "/wallet/card/owner?method="+string(card.ID))
	}
	origin := p.origin(c)
	address, err := p.Stripe.OwnerForm(c.UserContext(), access.Visitor(c).ID, card.ID, access.Language(c), origin+"/wallet/card/done", origin+"/wallet")
	if err != nil {
		return p.ownerAway(c, err)
	}
	return respond.SeeOther(c, address)
}

func (p *Portal) ownerAway(c *fiber.Ctx, err error) error {
	if !errors.Is(err, stripe.ErrAway) {
		return err
	}
	return p.cardAway(c, err)
}

// askedCard finds a card of the visitor that is asked about; its ID is empty where it is not.
func (p *Portal) askedCard(c *fiber.Ctx, id string) (card kaopass.Method, err error) {
	w, err := p.DB.Wallet(c.UserContext(), access.Visitor(c).ID)
	for _, m := range w.Methods {
		if string(m.ID) == id && m.Asked {
			card = m
		}
	}
	return card, err
}

// OwnerPage stands where a bank would ask, with the sandbox's cards.
func (p *Portal) OwnerPage(c *fiber.Ctx) error {
	card, err := p.askedCard(c, c.Query("method"))
	switch {
	case err != nil:
		return err
	case p.Answered == nil || access.AtKiosk(c):
		return respond.NotFound
	case card.ID == "":
		return respond.SeeOther(c, "/wallet")
	}
	return respond.Page(c, http.StatusOK, pages.Owner(p.page(c, "wallet.owner.title"), pages.OwnerModel{Card: card}))
}

// OwnerAnswer is the answer to the sandbox's bank: the card pays again.
func (p *Portal) OwnerAnswer(c *fiber.Ctx) error {
	if p.Answered == nil || access.AtKiosk(c) {
		return respond.NotFound
	}
	if err := p.DB.AnswerOwner(c.UserContext(), access.Visitor(c).ID, kaopass.MethodID(c.FormValue("method")), p.Answered); err != nil {
		return err
	}
	return respond.SeeOther(c, "/wallet")
}
