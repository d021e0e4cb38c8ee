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
func (k *Console) cards(c *fiber.Ctx) error {
	return k.showCards(c, fiber.StatusOK, "", view.LostAnswer{})
}

func (k *Console) showCards(c *fiber.Ctx, status int, problem string, typed view.LostAnswer) error {
	work, err := k.DB.CardWork(c.UserContext())
	if err != nil {
		return err
	}
	staff, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	m := view.CardsModel{Page: page(c, "cards.title"), Key: formKey(), Staff: names(staff), Typed: typed}
	m.Page.Styles = append(m.Page.Styles, "css/cards.css")
	for _, u := range work.Open {
		m.Open = append(m.Open, lostCard(u))
	}
	for _, u := range work.Settled {
		m.Settled = append(m.Settled, lostCard(u))
	}
	for _, s := range work.Slow {
		m.Slow = append(m.Slow, view.SlowCard{Charge: s.Charge, Payment: s.Payment, Verb: s.Verb, Amount: s.Amount, Tries: s.Tries, Since: s.Since, Next: s.Next})
	}
	switch {
	case problem != "":
		m.Page.Flash = views.Notice{Kind: views.Again, Text: m.Page.Words.T("console.cards." + problem), Live: true}
	case c.Query("said") != "":
		m.Page.Flash = good(m.Page.Words, "cards.done")
	}
	return respond.Page(c, status, view.Cards(m))
}

func lostCard(u db.Uncollected) view.LostCard {
	out := view.LostCard{Charge: u.Charge, Payment: u.Payment, Place: u.Place, Store: u.Store, Amount: u.Amount, Missing: u.Missing,
		Why: string(u.Why), Found: u.Found, Words: u.Words, Choices: u.Choices()}
	for _, e := range u.Ends {
		out.Ends = append(out.Ends, view.LostEnd(e))
	}
	return out
}

// settleCard books what became of one, once however often the form is sent.
func (k *Console) settleCard(c *fiber.Ctx) error {
	charge := c.Params("charge")
	typed := view.LostAnswer{Charge: kaopass.ChargeID(charge), Became: kaopass.Became(c.FormValue("became-" + charge)), Answer: c.FormValue("answer-" + charge)}
	_, err := k.DB.SettleUncollected(c.UserContext(), db.MakeGood{Key: keyOf(c), Staff: access.Staff(c).ID, Charge: typed.Charge,
		Was: kaopass.Became(c.FormValue("was")), Became: typed.Became, Answer: typed.Answer})
	var over *db.StateError
	var cannot *db.FieldError
	switch {
	case errors.As(err, &over):
		return k.showCards(c, fiber.StatusConflict, "over", view.LostAnswer{})
	case errors.As(err, &cannot):
		typed.Wrong = cannot.Field
		return k.showCards(c, fiber.StatusUnprocessableEntity, "wrong."+cannot.Field, typed)
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/cards?said=settled")
}
