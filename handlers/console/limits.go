package console

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

// formKey is a fresh name for one form that moves money, so that sending it twice is sending it once.
func formKey() string { return rand.Text() }

// keyOf is the idempotency key that a form carried: the member of staff's own.
func keyOf(c *fiber.Ctx) kaopass.Key {
	name := c.FormValue("key")
	if len(name) > kaopass.KeyMax {
		name = ""
	}
	asked := append([]byte(c.Method()+" "+c.Path()+"\n"), c.Body()...)
	return kaopass.Key{Owner: string(access.Staff(c).ID), Name: name, Body: sha256.Sum256(asked)}
}

// limits shows the limits in force, and the tills that are locked.
func (k *Console) limits(c *fiber.Ctx) error { return k.showLimits(c, fiber.StatusOK, "") }

func (k *Console) showLimits(c *fiber.Ctx, status int, wrong string) error {
	set, err := k.DB.Limits(c.UserContext())
	if err != nil {
		return err
	}
	locks, err := k.DB.TillLocks(c.UserContext())
	if err != nil {
		return err
	}
	who := access.Staff(c)
	m := view.LimitsModel{Page: page(c, "limits.title"), Limits: set.Set.InForce(), Since: set.Since, Wrong: wrong,
		MayChange: who.May(kaopass.Admin), MayClear: who.May(kaopass.Manager)}
	m.Locks = lockRows(locks)
	if c.Query("saved") != "" {
		m.Page.Flash = good(m.Page.Words, "limits.saved")
	}
	return respond.Page(c, status, view.Limits(m))
}

// setLimits puts other limits in force.
func (k *Console) setLimits(c *fiber.Ctx) error {
	var l kaopass.Limits
	for _, f := range []struct {
		name string
		to   any
	}{{"payment", &l.Payment}, {"code_from", &l.CodeFrom}, {"hour_count", &l.HourCount}, {"hour_sum", &l.HourSum},
		{"day_count", &l.DayCount}, {"day_sum", &l.DaySum}, {"till_minute", &l.TillMinute}, {"till_hour", &l.TillHour}} {
		n, err := strconv.ParseInt(c.FormValue(f.name), 10, 32)
		if err != nil || n < 1 {
			return k.showLimits(c, fiber.StatusUnprocessableEntity, f.name)
		}
		switch to := f.to.(type) {
		case *int64:
			*to = n
		case *int:
			*to = int(n)
		}
	}
	err := k.DB.SetLimits(c.UserContext(), l, string(access.Staff(c).ID))
	var cannot *db.FieldError
	switch {
	case errors.As(err, &cannot):
		return k.showLimits(c, fiber.StatusUnprocessableEntity, cannot.Field)
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/limits?saved=1")
}

// allow changes a minor's allowance, or notes that they have grown up.
func (k *Console) allow(c *fiber.Ctx) error {
	id, staff := kaopass.VisitorID(c.Params("id")), access.Staff(c).ID
	key := "allowed"
	var err error
	if c.FormValue("end") != "" {
		key, err = "grownUp", k.DB.EndGuardian(c.UserContext(), id, staff)
	} else {
		day, dayErr := strconv.ParseInt(c.FormValue("day"), 10, 64)
		week, weekErr := strconv.ParseInt(c.FormValue("week"), 10, 64)
		if errors.Join(dayErr, weekErr) != nil {
			return respond.Field("day", "A number of yen.")
		}
		err = k.DB.SetAllowance(c.UserContext(), id, kaopass.Allowance{Day: day, Week: week, Card: c.FormValue("card") != ""}, string(staff))
	}
	var cannot *db.FieldError
	switch {
	case errors.As(err, &cannot):
		return respond.Field(cannot.Field, "Not possible.")
	case err != nil:
		return err
	}
	p := page(c, "visitors")
	p.Flash = good(p.Words, key)
	return respond.Page(c, fiber.StatusOK, view.Visitors(view.VisitorsModel{Page: p}))
}
