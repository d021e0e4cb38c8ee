package console

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	view "github.com/kaopass/kaopass/views/console"
)

// referenceMax is the longest reference that is looked for, in bytes.
const referenceMax = 64

// dues lists refunds that are owed, the newest first; ?paid=1 shows those that were paid out.
func (k *Console) dues(c *fiber.Ctx) error {
	m := view.DuesModel{Page: page(c, "due.title"), Paid: c.Query("paid") != "", Reference: c.Query("reference")}
	if len(m.Reference) > referenceMax {
		m.Reference = ""
	}
	var err error
	if m.List, m.Older, err = k.DB.RefundsDue(c.UserContext(), !m.Paid, m.Reference, db.Page{Cursor: c.Query("cursor")}); err != nil {
		return err
	}
	if m.Paid {
		staff, err := k.DB.StaffList(c.UserContext())
		m.Staff = names(staff)
		if err != nil {
			return err
		}
	} else {
		waiting, err := k.DB.DueWaiting(c.UserContext())
		if err != nil {
			return err
		}
		m.Count, m.Sum = waiting.Count, m.Page.Words.Yen(kaopass.Yen(waiting.Sum))
	}
	if c.Query("said") != "" {
		m.Page.Flash = good(m.Page.Words, "due.done")
	}
	return respond.Page(c, fiber.StatusOK, view.Dues(m))
}

// due opens one.
func (k *Console) due(c *fiber.Ctx) error { return k.showDue(c, fiber.StatusOK, view.DueModel{}) }

func (k *Console) showDue(c *fiber.Ctx, status int, m view.DueModel) error {
	due, err := k.DB.RefundDue(c.UserContext(), kaopass.RefundID(c.Params("id")))
	if err != nil {
		return err
	}
	staff, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	m.Page, m.Due, m.Key, m.Staff = page(c, "due.single"), due, formKey(), names(staff)
	return respond.Page(c, status, view.Due(m))
}

// payOut notes that somebody at the desk was paid, once however often the form is sent.
func (k *Console) payOut(c *fiber.Ctx) error {
	m := view.DueModel{Receipt: c.FormValue("receipt"), Note: c.FormValue("note")}
	_, err := k.DB.PayOut(c.UserContext(), db.Payout{Key: keyOf(c), Staff: access.Staff(c).ID, Refund: kaopass.RefundID(c.Params("id")),
		Receipt: m.Receipt, Note: m.Note})
	var cannot *db.FieldError
	var paid *db.StateError
	switch {
	case errors.As(err, &cannot):
		m.Wrong = cannot.Field
		return k.showDue(c, fiber.StatusUnprocessableEntity, m)
	case errors.As(err, &paid): // by somebody else: the page says by whom
		return k.showDue(c, fiber.StatusConflict, m)
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/due?said=paid")
}
