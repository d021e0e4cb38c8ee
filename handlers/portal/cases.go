package portal

import (
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// NotMe is "that wasn't me", of a use of the face or an entry of the wallet: payments stop before anything is asked, and
// a case is opened.
func (p *Portal) NotMe(c *fiber.Ctx) error {
	about := c.FormValue("event")
	if !kaopass.PrefixEvent.Is(about) && !kaopass.PrefixPayment.Is(about) && !kaopass.PrefixTransfer.Is(about) {
		return respond.NotFound
	}
	opened, err := p.DB.OpenDispute(c.UserContext(), access.Visitor(c).ID, about)
	switch {
	case err != nil:
		return err
	case opened.Reason != "":
		return respond.SeeOther(c, "/me/cases?reason="+string(opened.Reason))
	}
	return respond.SeeOther(c, "/me/cases?opened="+string(opened.ID))
}

// CasesPage says how payments stand, and what became of each "that wasn't me".
func (p *Portal) CasesPage(c *fiber.Ctx) error {
	return p.showCases(c, http.StatusOK, kaopass.Reason(c.Query("reason")))
}

func (p *Portal) showCases(c *fiber.Ctx, status int, reason kaopass.Reason) error {
	cases, err := p.DB.Cases(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m := pages.CasesModel{Frozen: cases.Frozen.By, Since: cases.Frozen.Since, MayThaw: cases.MayThaw(), Cases: cases.Disputes,
		Contact: p.Operator.Contact}
	for _, known := range []kaopass.Reason{kaopass.DisputeLate, kaopass.TooManyTries, kaopass.CodeNeeded, kaopass.ThawByStaff} {
		if reason == known {
			m.Reason = reason
		}
	}
	for _, one := range cases.Disputes {
		if string(one.ID) == c.Query("opened") {
			m.Opened = one.ID
		}
	}
	return respond.Page(c, status, pages.Cases(p.page(c, "cases.title"), m))
}

// WithdrawCase is "it was me after all".
func (p *Portal) WithdrawCase(c *fiber.Ctx) error {
	id := c.FormValue("case")
	if !kaopass.PrefixDispute.Is(id) {
		return respond.NotFound
	}
	err := p.DB.WithdrawDispute(c.UserContext(), access.Visitor(c).ID, kaopass.DisputeID(id))
	var answered *db.StateError
	if err != nil && !errors.As(err, &answered) { // staff were first: the page says what they answered
		return err
	}
	return respond.SeeOther(c, "/me/cases")
}

// Freeze stops or allows the visitor's payments. Where they stay stopped the page of cases says why, and what to do.
func (p *Portal) Freeze(c *fiber.Ctx) error {
	v := access.Visitor(c)
	err := p.DB.Freeze(c.UserContext(), v.ID, c.FormValue("frozen") != "no", string(v.ID))
	var stays *db.StateError
	switch back := c.FormValue("back"); {
	case errors.As(err, &stays):
		return p.showCases(c, http.StatusConflict, kaopass.Reason(stays.Status))
	case err != nil:
		return err
	case back == "/wallet" || back == "/me/cases":
		return respond.SeeOther(c, back)
	}
	return respond.SeeOther(c, "/me")
}
