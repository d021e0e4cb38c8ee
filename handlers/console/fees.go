package console

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

// fees shows what stores pay of their trade.
func (k *Console) fees(c *fiber.Ctx) error { return k.showFees(c, fiber.StatusOK, view.FeeForm{}) }

func (k *Console) showFees(c *fiber.Ctx, status int, form view.FeeForm) error {
	all, err := k.DB.Fees(c.UserContext())
	if err != nil {
		return err
	}
	staff, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	m := view.FeesModel{Page: page(c, "fees.title"), Today: kaopass.TradeDayOf(time.Now()), Staff: names(staff),
		May: access.Staff(c).May(kaopass.Admin), Form: form}
	for _, s := range all {
		row := view.FeeRow{Store: s.Store, Points: s.Points, Next: kaopass.RatesToCome(s.Rates, m.Today)}
		m.Stores, m.History = append(m.Stores, row), append(m.History, s.Rates...)
	}
	slices.SortStableFunc(m.History, func(a, b kaopass.FeeRate) int { return b.SetAt.Compare(a.SetAt) })
	if c.Query("saved") != "" {
		m.Page.Flash = good(m.Page.Words, "fees.saved")
	}
	return respond.Page(c, status, view.Fees(m))
}

// setFee puts another rate in force, from a day to come on.
func (k *Console) setFee(c *fiber.Ctx) error {
	form := view.FeeForm{Store: c.FormValue("store"), Percent: c.FormValue("percent"), From: c.FormValue("from")}
	points, ok := pointsOf(form.Percent)
	if !ok {
		form.Wrong = "points"
		return k.showFees(c, fiber.StatusUnprocessableEntity, form)
	}
	err := k.DB.SetFee(c.UserContext(), kaopass.FeeRate{Store: kaopass.Zone(form.Store), Points: points, From: kaopass.TradeDay(form.From)}, string(access.Staff(c).ID))
	var cannot *db.FieldError
	switch {
	case errors.As(err, &cannot):
		form.Wrong = cannot.Field
		return k.showFees(c, fiber.StatusUnprocessableEntity, form)
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/fees?saved=1")
}

// pointsOf reads a percentage with at most two decimals as basis points: "2.5" is 250.
func pointsOf(percent string) (points int, ok bool) {
	whole, part, _ := strings.Cut(strings.TrimSpace(strings.Replace(percent, ",", ".", 1)), ".")
	if whole == "" || len(whole) > 3 || len(part) > 2 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 31)
	return int(n), err == nil
}
