package till

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/handlers/access"
	"github.com/kaopass/kaopass/handlers/request"
	"github.com/kaopass/kaopass/handlers/respond"
	"github.com/kaopass/kaopass/views"
	paper "github.com/kaopass/kaopass/views/receipt"
)

// receipt is a receipt as a till may print it itself; Lines is how it is laid out.
type receipt struct {
	Payment  kaopass.PaymentID  `json:"payment_id"`
	Refund   kaopass.RefundID   `json:"refund_id,omitempty"` // set where money was given back
	OrderRef string             `json:"order_ref,omitempty"`
	Amount   kaopass.Money      `json:"amount"`
	Method   kaopass.MethodKind `json:"method_kind"`
	At       time.Time          `json:"at"`
	Printed  *time.Time         `json:"printed_at,omitempty"`
	Tax      []taxLine          `json:"tax,omitempty"`
	Issuer   *issuer            `json:"issuer,omitempty"`
	Language kaopass.Language   `json:"language,omitempty"` // of the lines and the text
	Lines    []paper.Line       `json:"lines,omitempty"`
	Complete *bool              `json:"escpos_complete,omitempty"` // an ordinary printer's font has every character of the lines
	Text     string             `json:"text,omitempty"`            // the same for a printer of 32 columns
}

type issuer struct {
	Name         string `json:"name"`
	Registration string `json:"registration,omitempty"`
}

// taxLine is the part of an amount that is taxed at one rate; amount includes the tax.
type taxLine struct {
	Rate   int           `json:"rate"`
	Amount kaopass.Money `json:"amount"`
	Tax    kaopass.Money `json:"tax"`
}

func receiptOf(r kaopass.Receipt) receipt {
	out := receipt{Payment: r.Payment, Refund: r.Refund, OrderRef: r.OrderRef, Amount: r.Amount, Method: r.Method, At: r.At.UTC()}
	for _, l := range r.Tax {
		out.Tax = append(out.Tax, taxLine{l.Rate, l.Gross, l.Tax})
	}
	if !r.Printed.IsZero() {
		printed := r.Printed.UTC()
		out.Printed = &printed
	}
	return out
}

// receipt gives a receipt in the asked form: GET /v1/payments/{id}/receipt?refund=…&format=…&width=…&language=…
func (t *Till) receipt(c *fiber.Ctx) error {
	id, err := request.ID(c, kaopass.PrefixPayment)
	if err != nil {
		return err
	}
	wide, ok := columns(c.Query("width"))
	if !ok {
		return respond.Field("width", "58 or 80.")
	}
	r, err := t.DB.TillReceipt(c.UserContext(), access.Device(c).ID, kaopass.PaymentID(id), kaopass.RefundID(c.Query("refund")))
	if err != nil {
		return err
	}
	language, err := paperLanguage(c, r.Language)
	if err != nil {
		return err
	}
	p := paper.Paper{Words: views.Speak(language), Issuer: t.Issuer, Receipt: r}
	if form := c.Query("format"); form != "" && form != "json" {
		return sendPaper(c, form, wide, p.Lines(), p.Printable().Lines())
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	out, lines := receiptOf(r), p.Lines()
	complete := paper.Complete(lines)
	out.Issuer, out.Language, out.Lines, out.Complete, out.Text = &issuer{t.Issuer.Name, t.Issuer.Registration}, language, lines, &complete, p.Text(wide)
	return respond.JSON(c, http.StatusOK, out)
}
