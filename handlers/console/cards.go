package console

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// cards is the worklist of what a card company did not pay or cannot be told.
func (k *Console) cards(c *fiber.Ctx) error { return k.showCards(c, fiber.StatusOK, "", "") }

func (k *Console) showCards(c *fiber.Ctx, status int, problem, answer string) error {
	work, err := k.DB.CardWork(c.UserContext())
	if err != nil {
		return err
	}
	staff, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	m := view.CardsModel{Page: page(c, "cards.title"), Staff: names(staff), Wrong: c.Params("charge"), Answer: answer}
	for _, u := range work.Open {
		m.Open = append(m.Open, lostCard(u))
	}
	for _, u := range work.Settled {
		m.Settled = append(m.Settled, lostCard(u))
	}
	for _, s := range work.Slow {
		m.Slow = append(m.Slow, view.SlowCard{Charge: s.Charge, Payment: s.Payment, Verb: s.Verb, Amount: s.Amount, Tries: s.Tries, Since: s.Since, Next: s.Next})
	}
	if problem != "" {
		m.Page.Flash = views.Notice{Kind: views.Again, Text: m.Page.Words.T("console.cards." + problem), Live: true}
	}
	return respond.Page(c, status, view.Cards(m))
}

func lostCard(u db.Uncollected) view.LostCard {
	return view.LostCard{Charge: u.Charge, Payment: u.Payment, Place: u.Place, Store: u.Store, Amount: u.Amount, Why: string(u.Why),
		Found: u.Found, Refunded: u.Refunded, Settled: u.Settled, By: u.By, Answer: u.Answer}
}

// settleCard notes how one was settled by hand.
func (k *Console) settleCard(c *fiber.Ctx) error {
	answer := c.FormValue("answer-" + c.Params("charge"))
	err := k.DB.SettleUncollected(c.UserContext(), access.Staff(c).ID, kaopass.ChargeID(c.Params("charge")), answer)
	var over *db.StateError
	var cannot *db.FieldError
	switch {
	case errors.As(err, &over):
		return k.showCards(c, fiber.StatusConflict, "over", "")
	case errors.As(err, &cannot):
		return k.showCards(c, fiber.StatusUnprocessableEntity, "needAnswer", answer)
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/cards")
}
