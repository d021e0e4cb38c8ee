package portal

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
)

// topUpMin is the smallest top-up, in yen: below it a card's fee eats the money.
const topUpMin = 500

// WalletPage shows the money and the ways to pay.
func (p *Portal) WalletPage(c *fiber.Ctx) error {
	return p.showWallet(c, http.StatusOK, pages.WalletModel{})
}

// TopUp puts money from a card into the wallet.
func (p *Portal) TopUp(c *fiber.Ctx) error {
	m := pages.WalletModel{Amount: c.FormValue("amount"), Method: c.FormValue("method"), Key: c.FormValue("key")}
	yen, err := strconv.ParseInt(digits(m.Amount), 10, 64)
	if err != nil || yen < topUpMin || yen > kaopass.TopUpMax {
		m.Problem = p.words(c).T("wallet.badAmount")
		return p.showWallet(c, http.StatusUnprocessableEntity, m)
	}
	done, err := p.DB.TopUp(c.UserContext(), p.Cards, db.TopUp{Key: keyOf(c), Visitor: access.Visitor(c).ID,
		Method: kaopass.MethodID(m.Method), Amount: kaopass.Yen(yen)})
	if err != nil {
		return err
	}
	if done.Reason != "" {
		m.Problem, m.Key = topUpProblem(p.words(c), done.Reason), "" // what was answered is answered: the next try is another
		return p.showWallet(c, http.StatusUnprocessableEntity, m)
	}
	return respond.SeeOther(c, "/wallet?added="+strconv.FormatInt(yen, 10))
}

// topUpProblem speaks of putting money in where the common sentence speaks of a till.
func topUpProblem(w views.Words, r kaopass.Reason) string {
	switch r {
	case kaopass.LimitExceeded:
		return w.With("wallet.limit", views.Args{"Amount": w.Yen(kaopass.Yen(kaopass.WalletMax))})
	case kaopass.CardDeclined:
		return w.T("wallet.declined")
	case kaopass.CardNeedsOwner:
		return w.T("wallet.owner.topUp")
	}
	return w.Reason(r)
}

func (p *Portal) showWallet(c *fiber.Ctx, status int, m pages.WalletModel) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	if m.Key == "" {
		m.Key = formKey()
	}
	m.Frozen, m.First, m.AtKiosk = profile.Visitor.Frozen, !funded(profile), access.AtKiosk(c)
	if profile.Wallet != nil {
		m.Open, m.Balance, m.Held, m.Methods = true, profile.Wallet.Balance, profile.Wallet.Held, profile.Wallet.Methods
	}
	page := p.page(c, "wallet.title")
	if yen, err := strconv.ParseInt(c.Query("added"), 10, 64); err == nil && yen > 0 {
		page.Flash = views.Notice{Kind: views.Good, Live: true, Text: page.Words.With("wallet.added", views.Args{"Amount": page.Words.Yen(kaopass.Yen(yen))})}
	}
	return respond.Page(c, status, pages.Wallet(page, m))
}

// SetDefault chooses the method that a till offers first.
func (p *Portal) SetDefault(c *fiber.Ctx) error {
	if err := p.DB.SetDefault(c.UserContext(), access.Visitor(c).ID, kaopass.MethodID(c.FormValue("method"))); err != nil {
		return err
	}
	return respond.SeeOther(c, "/wallet")
}

// RemoveMethod takes a card away.
func (p *Portal) RemoveMethod(c *fiber.Ctx) error {
	if err := p.DB.RemoveMethod(c.UserContext(), access.Visitor(c).ID, kaopass.MethodID(c.FormValue("method"))); err != nil {
		return err
	}
	return respond.SeeOther(c, "/wallet")
}
