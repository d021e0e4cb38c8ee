package portal

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/respond"
	pages "github.com/kaopass/kaopass/views/portal"
)

// SignedPage thanks, and hands out the receipt.
func (p *Portal) SignedPage(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	return respond.Page(c, http.StatusOK, pages.Signed(p.page(c, "consent.signed.title"), standing(profile)))
}

// ReceiptPage shows every consent with its text, for the printer too.
func (p *Portal) ReceiptPage(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	return respond.Page(c, http.StatusOK, pages.Receipt(p.page(c, "consent.receipt.title"), p.receipt(profile)))
}

// ReceiptText is the receipt to keep: plain text that is readable in twenty years, the signed texts included to the
// byte, so that anybody can check the fingerprint.
func (p *Portal) ReceiptText(c *fiber.Ctx) error {
	profile, err := p.DB.Profile(c.UserContext(), access.Visitor(c).ID)
	if err != nil {
		return err
	}
	c.Attachment("kaopass-consent.txt")
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString(pages.ReceiptText(p.words(c), p.receipt(profile)))
}

func (p *Portal) receipt(profile db.Profile) pages.ReceiptModel {
	m := pages.ReceiptModel{Visitor: profile.Visitor, Operator: p.Operator}
	for _, purpose := range kaopass.Purposes() {
		given, ok := profile.Consents[purpose]
		if !ok || given.SignedAt.IsZero() {
			continue
		}
		text, _ := p.Texts.Signed(given)
		m.Consents = append(m.Consents, pages.SignedConsent{Consent: given, Text: text})
	}
	return m
}

// TextPage shows one text in full.
func (p *Portal) TextPage(c *fiber.Ctx) error {
	text, ok := p.Texts.Text(kaopass.Purpose(c.Params("purpose")), access.Language(c))
	if !ok {
		return respond.NotFound
	}
	page := p.page(c, "")
	page.Title = text.Title
	return respond.Page(c, http.StatusOK, pages.Text(page, text))
}
