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

// WalletPage shows the money and the ways to pay.
func (p *Portal) WalletPage(c *fiber.Ctx) error {
	return p.showWallet(c, http.StatusOK, pages.WalletModel{})
}

func (p *Portal) showWallet(c *fiber.Ctx, status int, m pages.WalletModel) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	page := p.page(c, "wallet.title")
	if m.Key == "" {
		m.Key = formKey()
	}
	m.Frozen, m.First, m.NoCards, m.AtKiosk = profile.Visitor.Frozen, !funded(profile), mayNoCards(profile), access.AtKiosk(c)
	m.Away, m.Withdrawn = p.Stripe != nil, !pays(profile)
	if w := profile.Wallet; w != nil {
		m.Open, m.Balance, m.Held, m.Coming, m.Methods = true, w.Balance, w.Held, w.Coming, w.Methods
		m.Problem = topUpProblem(page.Words, m.Reason, m.Problem, w)
	}
	if yen, err := strconv.ParseInt(c.Query("added"), 10, 64); err == nil && yen > 0 {
		page.Flash = views.Notice{Kind: views.Good, Live: true, Text: page.Words.With("wallet.added", views.Args{"Amount": page.Words.Yen(kaopass.Yen(yen))})}
	}
	return respond.Page(c, status, pages.Wallet(page, m))
}

// mayNoCards reports whether a guardian looks after them who has not allowed cards.
func mayNoCards(profile db.Profile) bool {
	return profile.Guardian != nil && !profile.Guardian.Allowance.Card
}
