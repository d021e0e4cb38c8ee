package portal

import (
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/db"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	pages "github.com/kaopass/kaopass/views/portal"
	paper "github.com/kaopass/kaopass/views/receipt"
)

// PaymentReceiptPage is the receipt that the till printed, or could have: GET /wallet/receipt/{id}?refund=…
func (p *Portal) PaymentReceiptPage(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	r, err := p.DB.VisitorReceipt(c.UserContext(), access.Visitor(c).ID, kaopass.PaymentID(id), kaopass.RefundID(c.Query("refund")))
	if err != nil {
		return err
	}
	page := p.page(c, "receipt.title")
	page.Styles = append(page.Styles, "css/receipt.css")
	return respond.Page(c, http.StatusOK, pages.PaymentReceipt(page, paper.Paper{Words: views.Speak(access.Language(c)), Issuer: p.Issuer, Receipt: r}))
}

// receiptHref is where an entry's receipt is: money that was only held, or topped up, has none.
func receiptHref(e db.Entry) string {
	if e.Kind != kaopass.PaymentCaptured && e.Kind != kaopass.PaymentRefunded {
		return ""
	}
	href := "/wallet/receipt/" + e.Subject
	if e.Refund != "" {
		href += "?" + url.Values{"refund": {string(e.Refund)}}.Encode()
	}
	return href
}
