package console

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// topUps shows what a visitor put into the wallet, to staff who give it back; the visitor sees that they looked.
func (k *Console) topUps(c *fiber.Ctx) error {
	return k.showTopUps(c, fiber.StatusOK, "", view.TopUpsModel{})
}

func (k *Console) showTopUps(c *fiber.Ctx, status int, no kaopass.Reason, m view.TopUpsModel) error {
	found, err := k.DB.TopUps(c.UserContext(), access.Staff(c), kaopass.VisitorID(c.Params("id")))
	if err != nil {
		return err
	}
	m.Page, m.Key, m.Visitor, m.Wallet, m.Held = page(c, "topups.title"), formKey(), found.Visitor, found.Wallet, found.Held
	for _, t := range found.List {
		m.List = append(m.List, view.TopUpLine{ID: t.ID, At: m.Page.Words.DateTime(t.At), Amount: t.Amount, Left: t.Left, Card: t.Card,
			On: string(t.ID) == c.FormValue("topup")})
	}
	if no != "" {
		m.Page.Flash = views.Notice{Kind: views.Again, Text: m.Page.Words.T("console.topups.no." + string(no)), Live: true}
	}
	switch c.Query("said") {
	case "card":
		m.Page.Flash = good(m.Page.Words, "topups.toCard")
	case "cash":
		m.Page.Flash = good(m.Page.Words, "topups.inCash")
	}
	return respond.Page(c, status, view.TopUps(m))
}

// refundTopUp gives money back that was put in, the way it came.
func (k *Console) refundTopUp(c *fiber.Ctx) error {
	m := view.TopUpsModel{Amount: c.FormValue("amount"), Why: c.FormValue("why")}
	yen := int64(0) // all there is
	if m.Amount != "" {
		var err error
		if yen, err = strconv.ParseInt(m.Amount, 10, 32); err != nil || yen <= 0 {
			m.Wrong = "amount"
			return k.showTopUps(c, fiber.StatusUnprocessableEntity, "", m)
		}
	}
	out, err := k.DB.RefundTopUp(c.UserContext(), k.Cards, db.TopUpRefund{Key: keyOf(c), Staff: access.Staff(c).ID,
		TopUp: kaopass.TransferID(c.FormValue("topup")), Amount: kaopass.Yen(yen), Why: m.Why})
	var cannot *db.FieldError
	switch {
	case errors.As(err, &cannot):
		m.Wrong = cannot.Field
		return k.showTopUps(c, fiber.StatusUnprocessableEntity, "", m)
	case err != nil:
		return err
	case out.Reason != "":
		return k.showTopUps(c, fiber.StatusConflict, out.Reason, m)
	}
	said := map[bool]string{true: "cash", false: "card"}[out.Cash]
	return respond.SeeOther(c, "/console/visitors/"+c.Params("id")+"/topups?said="+said)
}
