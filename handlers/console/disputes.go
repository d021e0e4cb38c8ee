package console

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	view "github.com/kaopass/kaopass/views/console"
)

// disputes is the worklist: who said that it was not them, the most urgent first; ?ended=1 shows what is done.
func (k *Console) disputes(c *fiber.Ctx) error {
	ended := c.Query("ended") != ""
	list, more, err := k.DB.Disputes(c.UserContext(), !ended, db.Page{Cursor: c.Query("cursor")})
	if err != nil {
		return err
	}
	staff, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	p := page(c, "disputes.title")
	p.Scripts = []string{"js/table.js"}
	return respond.Page(c, fiber.StatusOK, view.Disputes(view.DisputesModel{Page: p, Now: time.Now(), Ended: ended,
		Disputes: list, Older: more, Staff: names(staff)}))
}

// names are what staff are called, by id.
func names(staff []kaopass.Staff) map[kaopass.StaffID]string {
	all := map[kaopass.StaffID]string{}
	for _, s := range staff {
		all[s.ID] = s.Name
	}
	return all
}

// needAnswer is said where a case is answered without words, or with too many.
const needAnswer = "needAnswer"

// dispute opens one case.
func (k *Console) dispute(c *fiber.Ctx) error { return k.showDispute(c, fiber.StatusOK, "", "") }

func (k *Console) showDispute(c *fiber.Ctx, status int, problem, answer string) error {
	file, err := k.DB.DisputeFile(c.UserContext(), access.Staff(c), kaopass.DisputeID(c.Params("id")))
	if err != nil {
		return err
	}
	staff, err := k.DB.StaffList(c.UserContext())
	if err != nil {
		return err
	}
	p := page(c, "disputes.single")
	var wrong string // beside the field, where it is the words that are missing
	if problem == needAnswer {
		wrong = p.Words.T("console.disputes." + needAnswer)
	} else if problem != "" {
		p.Flash = views.Notice{Kind: views.Again, Text: p.Words.T("console.disputes." + problem), Live: true}
	}
	return respond.Page(c, status, view.Dispute(view.DisputeModel{Page: p, Now: time.Now(), Key: formKey(), Answer: answer, Wrong: wrong,
		Dispute: file.Dispute, Visitor: file.Visitor, Payment: file.Payment, Coded: file.Coded, Tries: file.Tries,
		Misses: file.Misses, Device: file.Device, Steps: file.Steps, Around: file.Around, Alike: file.Alike,
		Provider: file.Provider, Staff: names(staff), Me: access.Staff(c).ID}))
}

// assignDispute has whoever asks look after a case.
func (k *Console) assignDispute(c *fiber.Ctx) error {
	err := k.DB.AssignDispute(c.UserContext(), access.Staff(c).ID, kaopass.DisputeID(c.Params("id")))
	return k.afterDispute(c, err)
}

// refundDispute gives the money back, the way it came.
func (k *Console) refundDispute(c *fiber.Ctx) error {
	out, err := k.DB.RefundDispute(c.UserContext(), k.Cards, keyOf(c), access.Staff(c).ID, kaopass.DisputeID(c.Params("id")), c.FormValue("answer"))
	if err == nil && out.Reason != "" {
		return k.showDispute(c, fiber.StatusConflict, "nothingLeft", c.FormValue("answer"))
	}
	return k.afterDispute(c, err)
}

// rejectDispute answers in words that the visitor reads.
func (k *Console) rejectDispute(c *fiber.Ctx) error {
	err := k.DB.RejectDispute(c.UserContext(), keyOf(c), access.Staff(c).ID, kaopass.DisputeID(c.Params("id")), c.FormValue("answer"))
	return k.afterDispute(c, err)
}

// afterDispute shows the case again, with what stood in the way.
func (k *Console) afterDispute(c *fiber.Ctx, err error) error {
	var ended *db.StateError
	var cannot *db.FieldError
	switch {
	case errors.As(err, &ended):
		return k.showDispute(c, fiber.StatusConflict, "over", c.FormValue("answer"))
	case errors.As(err, &cannot):
		return k.showDispute(c, fiber.StatusUnprocessableEntity, needAnswer, c.FormValue("answer"))
	case err != nil:
		return err
	}
	return respond.SeeOther(c, "/console/disputes/"+c.Params("id"))
}
