package portal

import (
	"log/slog"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

func (p *Portal) cardAway(c *fiber.Ctx, err error) error {
	slog.WarnContext(c.UserContext(), "saving a card", "err", err, "request_id", respond.RequestID(c))
	return p.askCard(c, http.StatusServiceUnavailable, "wallet.card.silentNow")
}

func (p *Portal) askCard(c *fiber.Ctx, status int, problem string) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	m := pages.CardModel{Problem: problem, Away: p.Stripe != nil, AtKiosk: access.AtKiosk(c), Closed: profile.Wallet == nil,
		Ask: mayNoCards(profile), ByPhone: profile.Guardian != nil && profile.Guardian.Contact != ""}
	for _, s := range p.SampleCards {
		m.Samples = append(m.Samples, pages.SampleCard{Number: s.Number, Does: s.Does})
	}
	if m.Away {
		respond.FormsMayLeadTo(c, p.Stripe.FormOrigin())
	}
	return respond.Page(c, status, pages.Card(p.page(c, "wallet.card.title"), m))
}
